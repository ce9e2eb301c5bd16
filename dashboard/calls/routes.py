"""/dashboard/calls: the list, a call, and what can be done to it."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.audit.service import audit
from api.calls import commands
from api.calls import routes as rest
from api.calls.commands import CancelResult
from api.calls.routes import Reader, Writer
from api.compliance.suppression_routes import Writer as Suppresser
from api.http.auth import allows
from api.http.deps import Services, Uses
from api.http.problems import invalid
from api.http.values import read_endpoint
from dashboard.agent_names import agent_names
from dashboard.compliance.do_not_call import stop_calling
from dashboard.page import back, page
from dashboard.session.session import SignedIn, Who
from policy.model.call import CANCELABLE_STATUSES, CallStatus, Outcome
from storage.accounts import agents
from storage.call_lists import call_list
from storage.call_lists.filters import CallFilter
from storage.campaigns import campaigns
from storage.compliance import suppressions
from storage.number_hash import ERASED
from storage.tables import Account, Suppression

router = APIRouter(prefix="/calls", route_class=SignedIn)
_A_PAGE = 25
_AGENTS_OFFERED = 200
#: What a choice in the form leaves open.
_ANY = ""
_CANCELED = {
    CancelResult.NOW: "canceled",
    CancelResult.LATER: "cancel_later",
    CancelResult.RINGING: "canceling",
}
Chosen = Annotated[str, Query(max_length=200)]


@router.get("")
async def list_calls(
    request: Request,
    account: Reader,
    uses: Uses,
    status: Chosen = _ANY,
    outcome: Chosen = _ANY,
    agent: Chosen = _ANY,
    campaign: Chosen = _ANY,
    like: Chosen = _ANY,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The list. `like` names a call instead of a number: no number stands in an address."""
    chosen = {"status": status, "outcome": outcome, "agent": agent}
    chosen |= {"campaign": campaign, "like": like}
    wanted = await _filter(uses, account, chosen)
    found = await rest.list_calls(wanted, account, uses, take=_A_PAGE, cursor=cursor)
    values = {"chosen": chosen, "endpoint": wanted.endpoint, "is_first": cursor is None}
    return await _list_page(request, uses, account, found, values)


@router.post("/find")
async def find_calls(
    request: Request, account: Reader, uses: Uses, number: Annotated[str, Form()] = ""
) -> Response:
    """Leads to the calls to a number, which the address then names by one of them."""
    endpoint = read_endpoint(number.strip(), "number").value
    wanted = CallFilter(endpoint=endpoint)
    async with uses.db.browse() as session:
        newest = (await call_list.call_page(session, account.account_id, wanted, take=1)).rows
    if newest:
        return RedirectResponse(f"/dashboard/calls?like={newest[0].call_id}", 303)
    nothing = await rest.list_calls(CallFilter(ids=[]), account, uses)
    chosen = dict.fromkeys(("status", "outcome", "agent", "campaign", "like"), _ANY)
    values = {"chosen": chosen, "endpoint": endpoint, "is_first": True}
    return await _list_page(request, uses, account, nothing, values)


async def _filter(uses: Services, account: Account, chosen: dict[str, str]) -> CallFilter:
    like = chosen["like"]
    endpoint = None
    if like:
        endpoint = (await commands.look(uses, account.account_id, like)).endpoint
    return CallFilter(
        agent_id=chosen["agent"] or None,
        statuses=[_status(chosen["status"])] if chosen["status"] else [],
        endpoint=endpoint,
        campaign_id=chosen["campaign"] or None,
        outcome=_outcome(chosen["outcome"]) if chosen["outcome"] else None,
    )


def _status(text: str) -> CallStatus:
    if text not in set(CallStatus):
        raise invalid("unknown_value", "status", "There is no such status.")
    return CallStatus(text)


def _outcome(text: str) -> Outcome:
    if text not in set(Outcome):
        raise invalid("unknown_value", "outcome", "There is no such outcome.")
    return Outcome(text)


async def _list_page(
    request: Request, uses: Services, account: Account, found: Any, values: dict[str, Any]
) -> Response:
    chosen = {name: value for name, value in values["chosen"].items() if value}
    async with uses.db.browse() as session:
        offered, _ = await agents.page(session, account.account_id, 0, _AGENTS_OFFERED)
        names = await agent_names(session, found.calls)
        campaign_id = values["chosen"]["campaign"]
        campaign = await campaigns.get(session, account.account_id, campaign_id)
    following = found.next_cursor and urlencode({**chosen, "cursor": found.next_cursor})
    return await page(
        request,
        "calls/list.html",
        found=found,
        names=names,
        agents=offered,
        campaign=campaign,
        statuses=list(CallStatus),
        outcomes=list(Outcome),
        following=following,
        is_filtered=bool(chosen) or values["endpoint"] is not None,
        **values,
    )


# -- one call


@router.get("/{call_id}")
async def show_call(
    call_id: str, request: Request, account: Reader, uses: Uses, who: Who
) -> Response:
    """Where it stands, what was decided and dialed, and what can be done about it."""
    call = await rest.get_call(call_id, account, uses)
    async with uses.db.browse() as session:
        names = await agent_names(session, [call])
        campaign = await campaigns.get(session, account.account_id, call.campaign_id or "")
    is_erased = call.endpoint.startswith(ERASED)
    return await page(
        request,
        "calls/call.html",
        call=call,
        agent_name=names.get(call.agent_id, ""),
        campaign=campaign,
        is_erased=is_erased,
        entry=None if is_erased else await _entry(uses, who, call.endpoint),
        can_cancel=call.status in CANCELABLE_STATUSES and not call.cancel_requested,
        can_hang_up=call.status is CallStatus.IN_PROGRESS,
    )


async def _entry(uses: Services, who: Who, endpoint: str) -> Suppression | None:
    """The do-not-call entry that holds for the number now, for those who may see it."""
    if not allows(who.key.scopes, "suppressions:read"):
        return None
    async with uses.db.read() as session:
        rows, _ = await suppressions.page(
            session,
            who.account.account_id,
            uses.now(),
            0,
            1,
            endpoint=endpoint,
            only_in_force=True,
        )
    return rows[0] if rows else None


@router.get("/{call_id}/audit")
async def show_audit(call_id: str, request: Request, account: Reader, uses: Uses) -> Response:
    """The page that `GET /api/v1/calls/{call_id}/audit` gives."""
    return await page(request, "calls/audit.html", audit=await audit(uses, account, call_id))


@router.post("/{call_id}/cancel")
async def cancel_call(call_id: str, request: Request, account: Writer, uses: Uses) -> Response:
    """Cancel a call that nobody has answered."""
    done = await commands.cancel(uses, account.account_id, call_id)
    said = _CANCELED[done]
    return await back(request, f"/dashboard/calls/{call_id}", said)


@router.post("/{call_id}/hangup")
async def hang_up_call(call_id: str, request: Request, account: Writer, uses: Uses) -> Response:
    """Hang up a live call."""
    await commands.hang_up(uses, account.account_id, call_id)
    return await back(request, f"/dashboard/calls/{call_id}", "hung_up")


@router.post("/{call_id}/never")
async def never_call(
    call_id: str,
    request: Request,
    account: Suppresser,
    _reader: Reader,
    uses: Uses,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Put the call's number on the do-not-call list."""
    call = await commands.look(uses, account.account_id, call_id)
    added = await stop_calling(uses, account, call.endpoint, reason)
    said = "suppressed_stopped" if added.stopped_calls else "suppressed"
    return await back(request, f"/dashboard/calls/{call_id}", said, added.stopped_calls)
