"""The dial ledger up to the carrier's answer: who may send, what was sent, whose leg it is."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, exists, or_
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calls.attempt_lifecycle import LegEvent, advance
from policy.model.call import AttemptResult, AttemptState, CallStatus
from storage.database.core import changed, hold_values, rows_of
from storage.database.locks import lock_attempt, lock_key, lock_row_of_call
from storage.events.event_log import EventType, append
from storage.tables import Attempt, Call
from storage.tables.types import UtcDateTime

UNRESOLVED = (AttemptState.SENDING, AttemptState.UNKNOWN)
_UNSENT = (AttemptState.INTENT, AttemptState.SENDING)
_other = aliased(Attempt)
#: The fate of another attempt between the same two numbers is open.
_OPEN_FATE = exists().where(
    col(_other.to_endpoint) == bindparam("to"),
    col(_other.from_endpoint) == bindparam("from"),
    col(_other.settled_at).is_(None),
    or_(*(col(_other.state) == state for state in UNRESOLVED)),
    col(_other.attempt_id) != bindparam("own"),
)
_CLAIM = (
    update(Attempt)
    .where(
        col(Attempt.attempt_id) == bindparam("own"),
        col(Attempt.state) == AttemptState.INTENT,
        ~_OPEN_FATE,
    )
    .values(
        state=AttemptState.SENDING,
        sending_at=bindparam("now", type_=UtcDateTime()),
        worker_id=bindparam("worker"),
        has_fallback=bindparam("fallback"),
        carrier_account_id=bindparam("at_carrier"),
    )
)
#: The usual case: nobody has told of the leg yet, and it is still wanted.
_IS_WANTED = exists().where(
    col(Call.call_id) == col(Attempt.call_id),
    col(Call.status) == CallStatus.PENDING,
    col(Call.cancel_requested).is_(False),
)
_SENT = (
    update(Attempt)
    .where(
        col(Attempt.attempt_id) == bindparam("own"),
        col(Attempt.state) == AttemptState.SENDING,
        *(col(one).is_(None) for one in (Attempt.carrier_sid, Attempt.sent_at, Attempt.settled_at)),
        ~exists().where(col(_other.carrier_sid) == bindparam("sid")),
        _IS_WANTED,
    )
    .values(
        state=advance(AttemptState.SENDING, LegEvent.SENT),
        carrier_sid=bindparam("sid"),
        carrier_status=bindparam("told"),
        sent_at=bindparam("now", type_=UtcDateTime()),
    )
)
_IN_PROGRESS = (
    update(Call)
    .where(col(Call.call_id) == bindparam("call"), col(Call.status) == CallStatus.PENDING)
    .values(status=CallStatus.IN_PROGRESS, detail=bindparam("said"))
)
_WITH_SID = sql_select(col(Attempt.attempt_id)).where(col(Attempt.carrier_sid) == bindparam("sid"))
_BLOCKED = "an unresolved attempt between the same endpoints"


class SendGate(StrEnum):
    #: Send, and nobody else ever will.
    GO = "go"
    #: An earlier run was here: it may have sent.
    LOST = "lost"
    #: The fate of another attempt between the same two numbers is open.
    BLOCKED = "blocked"
    #: The call was canceled or has ended.
    WITHDRAWN = "withdrawn"
    #: The customer wants to be asked first: nothing has happened yet.
    ASK = "ask"


async def note_end_asked(session: AsyncSession, attempt: Attempt, now: datetime) -> None:
    """Before the carrier is asked to end a leg: only what we asked for was our hanging up."""
    _, attempt = await lock_attempt(session, attempt)
    attempt.end_asked_at = attempt.end_asked_at or now
    session.add(attempt)
    await session.flush()


async def begin_sending(
    session: AsyncSession,
    attempt: Attempt,
    now: datetime,
    worker_id: str | None = None,
    *,
    has_fallback: bool = False,
    carrier_account_id: str | None = None,
) -> SendGate:
    """intent → sending, for exactly one caller. Commit before sending anything.

    A gate that stays shut ends the attempt in the same step, so that no one else can pass later.
    """
    call, attempt = await lock_attempt(session, attempt)
    if attempt.state is not AttemptState.INTENT or attempt.settled_at is not None:
        return SendGate.LOST
    if call.cancel_requested or call.status.is_final:
        await _reject(session, attempt, AttemptResult.NOT_SENT, now, "withdrawn")
        return SendGate.WITHDRAWN
    # Of all accounts: they share the carrier's, where only the two numbers tell legs apart.
    pair = f"{attempt.to_endpoint}:{attempt.from_endpoint}"
    await lock_key(session, f"pair:{pair}")
    claim = {"own": attempt.attempt_id, "now": now, "worker": worker_id, "fallback": has_fallback}
    claim["at_carrier"] = carrier_account_id
    ends = {"to": attempt.to_endpoint, "from": attempt.from_endpoint}
    if await changed(session, _CLAIM, {**claim, **ends}) != 1:
        # Held since it was read, so that it is no intent any more cannot be why.
        await _reject(session, attempt, AttemptResult.THROTTLED, now, _BLOCKED)
        return SendGate.BLOCKED
    hold_values(attempt, {"state": AttemptState.SENDING, "sending_at": now})
    hold_values(attempt, {"carrier_account_id": carrier_account_id})
    return SendGate.GO


async def note_sent(
    session: AsyncSession, attempt: Attempt, sid: str, carrier_status: str, now: datetime
) -> bool:
    """The carrier's answer, where nothing else was heard of the attempt, and it is still wanted.

    False: then nothing is written, and `mark_sent` knows more cases.
    """
    await lock_row_of_call(session, attempt.call_id)
    own = {"own": attempt.attempt_id, "sid": sid, "told": carrier_status, "now": now}
    if await changed(session, _SENT, own) != 1:
        return False
    call = {"call": attempt.call_id, "said": _has_it(attempt.number)}
    await changed(session, _IN_PROGRESS, call)
    return True


async def mark_sent(
    session: AsyncSession, attempt: Attempt, sid: str, carrier_status: str, now: datetime
) -> str | None:
    """The carrier's answer. Returns the bound sid: another than `sid` means a leg too many.

    None: the sid is some other attempt's, and this one's fate is as open as before.
    """
    call, attempt = await lock_attempt(session, attempt)
    await _bind(session, call, attempt, sid, now)
    if attempt.carrier_status is None and attempt.carrier_sid == sid:
        attempt.carrier_status = carrier_status
    await session.flush()
    return attempt.carrier_sid


async def bind(session: AsyncSession, attempt: Attempt, sid: str, now: datetime) -> bool:
    """The first sid wins. True if `sid` is, or now becomes, the attempt's own."""
    call, attempt = await lock_attempt(session, attempt)
    await _bind(session, call, attempt, sid, now)
    await session.flush()
    return attempt.carrier_sid == sid


async def _bind(
    session: AsyncSession, call: Call, attempt: Attempt, sid: str, now: datetime
) -> None:
    if attempt.carrier_sid is not None or await _is_taken(session, sid):
        return
    attempt.carrier_sid = sid
    attempt.sent_at = attempt.sent_at or now
    attempt.state = advance(attempt.state, LegEvent.SENT)
    if attempt.settled_at is None and attempt.result is AttemptResult.UNKNOWN:
        attempt.result = None
    show_progress(call, attempt)


async def _is_taken(session: AsyncSession, sid: str) -> bool:
    return bool(await rows_of(session, _WITH_SID, {"sid": sid}))


def show_progress(call: Call, attempt: Attempt) -> None:
    """Pending → InProgress, as soon as the carrier is known to have the attempt."""
    is_live = attempt.settled_at is None and attempt.carrier_sid is not None
    if is_live and call.status is CallStatus.PENDING:
        call.status = CallStatus.IN_PROGRESS
        call.detail = _has_it(attempt.number)


def _has_it(number: int) -> str:
    return f"The carrier has attempt {number}"


async def mark_over(
    session: AsyncSession,
    attempt: Attempt,
    result: AttemptResult,
    now: datetime,
    *,
    error_code: int | None = None,
    error: str | None = None,
) -> bool:
    """Surely nothing was created. False if that cannot be believed, and then nothing changes.

    `not_sent` is believed of an intent only: from `sending` on, somebody may be about to send.
    """
    _, attempt = await lock_attempt(session, attempt)
    if attempt.state is AttemptState.REJECTED:
        return True
    if attempt.state not in _UNSENT or attempt.carrier_sid is not None:
        return False
    if result is AttemptResult.NOT_SENT and attempt.state is not AttemptState.INTENT:
        return False
    attempt.error_code = error_code
    await _reject(session, attempt, result, now, error)
    return True


async def _reject(
    session: AsyncSession,
    attempt: Attempt,
    result: AttemptResult,
    now: datetime,
    error: str | None,
) -> None:
    attempt.state = advance(attempt.state, LegEvent.REJECTED)
    attempt.result = result
    attempt.error = error or None
    attempt.ended_at = now
    await session.flush()


async def mark_unknown(
    session: AsyncSession, attempt: Attempt, now: datetime, error: str | None
) -> bool:
    """The create request's fate is not known. False if a callback has told it meanwhile."""
    call, attempt = await lock_attempt(session, attempt)
    if attempt.state is AttemptState.SENDING:
        attempt.state = advance(attempt.state, LegEvent.LOST)
        attempt.error = error or None
        await append(session, call, EventType.UNKNOWN, now, {"attempt": attempt.number})
        await session.flush()
    return attempt.state is AttemptState.UNKNOWN


async def park(session: AsyncSession, attempt: Attempt, now: datetime) -> bool:
    """Gives up the search for an unknown attempt's leg. False if it was found meanwhile."""
    _, attempt = await lock_attempt(session, attempt)
    if attempt.state is not AttemptState.UNKNOWN:
        return False
    attempt.result = AttemptResult.UNKNOWN
    attempt.checked_at = now
    await session.flush()
    return True
