"""Transfers: targets that are made and changed, and what an AI agent asks for."""

from datetime import datetime
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.deps import Services
from api.http.problems import conflict, invalid, not_found
from api.http.values import read_endpoint, unknown_zone
from api.temporal_client import NotRunning, TemporalAway
from api.transfers.schemas import (
    TransferRequest,
    TransferTargetPatch,
    TransferTargetRequest,
    TransferTargetView,
    TransferView,
)
from api.transfers.views import target_view, transfer_view
from policy.location.number_metadata import is_dear
from policy.model.call import AttemptState, EndpointKind
from policy.model.template import render_text
from policy.pathways.script import LONGEST_TEXT
from policy.time.wall_time import is_zone
from policy.time.windows import BadWindow
from policy.transfers.targets import (
    MOST_OF_LEG,
    MissReason,
    TransferSource,
    TransferState,
    opens_at,
)
from storage.accounts import pathways
from storage.attempts import attempts
from storage.calls import calls
from storage.tables import Account, Attempt, Call, Transfer, TransferTarget
from storage.tables.specs import weekly_from_hours_spec
from storage.transfers import targets, transfers, warm_transfers
from storage.transfers.targets import NameTaken, hours_of
from storage.transfers.transfers import Wish

log = structlog.get_logger("trunkline.api")

#: Of an account.
MOST_TARGETS = 500
#: Kinds of pathways whose AI agent may let go of a call.
_OF_AGENTS = ("conversation_relay", "stream")


async def make(uses: Services, account: Account, body: TransferTargetRequest) -> TransferTargetView:
    """A new target; Problems name the field that is wrong."""
    now = uses.now()
    values = _columns(body, set(type(body).model_fields))
    row = TransferTarget(
        account_id=account.account_id, created_time=now, updated_time=now, **values
    )
    async with uses.db.write() as session:
        _, total = await targets.page(session, account.account_id, 0, 1)
        if total >= MOST_TARGETS:
            raise conflict("too_many", f"An account has at most {MOST_TARGETS} transfer targets.")
        await _put(session, row)
    return target_view(row, now)


async def change(
    uses: Services, account: Account, target_id: str, body: TransferTargetPatch
) -> TransferTargetView:
    """The named fields of a target; those who are put through next are by them."""
    now = uses.now()
    values = _columns(body, body.model_fields_set)
    async with uses.db.write() as session:
        row = await found(session, account, target_id)
        with session.no_autoflush:
            _set(row, values)
            row.updated_time = now
            await _put(session, row)
    return target_view(row, now)


async def found(session: AsyncSession, account: Account, target_id: str) -> TransferTarget:
    """The account's target; raises a 404 Problem."""
    row = await targets.get(session, account.account_id, target_id)
    if row is None:
        raise not_found("transfer target")
    return row


async def _put(session: AsyncSession, row: TransferTarget) -> None:
    try:
        await targets.put(session, row)
    except NameTaken:
        raise invalid("name_taken", "name", "Another target has this name.") from None


def _set(row: TransferTarget, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _columns(body: TransferTargetRequest, said: set[str]) -> dict[str, Any]:
    """What was said, as columns; raises Problems of 422."""
    values: dict[str, Any] = {name: getattr(body, name) for name in said - {"endpoint", "hours"}}
    if "timezone" in said and not is_zone(body.timezone):
        raise unknown_zone("timezone")
    if "hours" in said:
        values["hours_spec"] = _hours(body)
    if "endpoint" in said:
        values |= _endpoint(body.endpoint)
    return values


def _hours(body: TransferTargetRequest) -> dict[str, Any] | None:
    spec = body.as_spec().get("hours")
    try:
        weekly_from_hours_spec(spec)
    except BadWindow as wrong:
        raise invalid("malformed", "hours", f"{wrong}.") from None
    return spec


def _endpoint(text: str) -> dict[str, Any]:
    read = read_endpoint(text, "endpoint")
    if read.kind is EndpointKind.PHONE and is_dear(read.value):
        message = "Calls to this number cost more than a call; nobody is put through to it."
        raise invalid("premium_number", "endpoint", message)
    return {"endpoint": read.value, "endpoint_kind": read.kind}


# -- what an AI agent asks for


async def ask(
    uses: Services, account: Account, call_id: str, body: TransferRequest
) -> TransferView:
    """Asks for a transfer, which begins when the agent lets go of the call; a warm one at once.

    Asked for again it is the same; another target takes its place. Where nobody is to be dialed now
    it is missed at once, so that the agent can say so.
    """
    now = uses.now()
    async with uses.db.write() as session:
        if await calls.get(session, account.account_id, call_id) is None:
            raise not_found("call")
        call = await calls.lock(session, call_id)
        assert call is not None
        attempt = await _live_leg(session, call)
        await _require_allowed(session, account, call, body.target)
        target = await targets.named(session, account.account_id, body.target)
        if target is None:
            raise invalid("unknown_target", "target", "There is no such transfer target.")
        _require_sayable(call, body, target)
        row = await _wish(session, call, attempt, body, target, now)
        if target.warm and row.state is TransferState.ASKED:
            transfers.begin(row, now, is_warm=True, waits=False)
    if row.is_warm and row.state is TransferState.DIALING:
        row = await _dialed(uses, row)
    closed = row.reason is MissReason.CLOSED
    return transfer_view(row, opens_at(hours_of(target), now) if closed else None)


async def _live_leg(session: AsyncSession, call: Call) -> Attempt:
    tries = await attempts.of_call(session, call.call_id)
    live = [one for one in tries if one.state is AttemptState.ANSWERED and one.settled_at is None]
    if not live or call.status.is_final:
        raise conflict("not_live", "Nobody is on the line.")
    return await attempts.reload(session, live[-1])


async def _require_allowed(session: AsyncSession, account: Account, call: Call, name: str) -> None:
    pathway = await pathways.get(session, account.account_id, call.pathway_id or "")
    if pathway is None or pathway.kind not in _OF_AGENTS:
        message = "Only the AI agent of a pathway that connects to one asks for transfers."
        raise conflict("no_agent", message)
    if name not in pathway.definition.get("transfers", ()):
        message = "The call's pathway does not name this target in its transfers."
        raise invalid("target_not_allowed", "target", message)


def _require_sayable(call: Call, body: TransferRequest, target: TransferTarget) -> None:
    """What whoever answers is told, with the call's context in it, is said in one go."""
    own = render_text(target.whisper, call.context) if target.whisper else ""
    if len(own) + len(body.whisper or "") >= LONGEST_TEXT:
        message = (
            f"With the target's own words and the call's context it has more than {LONGEST_TEXT} "
            "characters, and the carrier says no more in one go."
        )
        raise invalid("too_long", "whisper", message)


async def _dialed(uses: Services, row: Transfer) -> Transfer:
    """Has the call's workflow dial the target of a warm one; missed where it cannot be told."""
    try:
        await uses.calls.put_through(row.call_id, row.transfer_id)
        return row
    except (TemporalAway, NotRunning):
        log.warning("put_through", call_id=row.call_id)
    async with uses.db.write() as session:
        file = await warm_transfers.hold(session, row.transfer_id)
        assert file is not None
        if file.row.state is TransferState.DIALING and file.row.sending_at is None:
            reason = MissReason.FAILED
            await transfers.miss(session, file.call, file.attempt, file.row, reason, uses.now())
        return file.row


async def _wish(
    session: AsyncSession,
    call: Call,
    attempt: Attempt,
    body: TransferRequest,
    target: TransferTarget,
    now: datetime,
) -> Transfer:
    before = await transfers.of_attempt(session, attempt)
    asked = [one for one in before if one.state is TransferState.ASKED]
    under_way = [one for one in before if not one.state.is_over and one not in asked]
    for one in under_way:
        if _is_same(one, body) and one.is_warm and one.state is TransferState.DIALING:
            return one
        raise conflict("transfer_under_way", "The callee is being put through already.")
    for one in asked:
        if _is_same(one, body):
            return one
        await transfers.miss(session, call, attempt, one, MissReason.NOT_TAKEN_UP, now)
    if len(before) >= MOST_OF_LEG:
        message = f"A call is put through at most {MOST_OF_LEG} times."
        raise conflict("too_many", message)
    place = f"agent:{len(before)}"
    wish = Wish(place, place, body.target, TransferSource.AGENT, body.whisper)
    return await transfers.ask(session, call, attempt, wish, target, now)


def _is_same(row: Transfer, body: TransferRequest) -> bool:
    return (row.target_name, row.whisper) == (body.target, body.whisper)
