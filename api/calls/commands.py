"""What people may do to a call: cancel, reschedule, hang up, report. Down through the workflow."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.schemas import OutcomeRequest, RescheduleRequest
from api.http.deps import Services
from api.http.problems import Problem, away, conflict, invalid, not_found, refused
from api.http.values import instant
from api.promises import service as promises
from api.replan.replan import replan_calls
from api.temporal_client import NotRunning, Refused, TemporalAway
from contracts import names
from policy.calls.acceptance import examine
from policy.model.call import (
    CANCELABLE_STATUSES,
    WAITING_STATUSES,
    CallStatus,
    Outcome,
    agrees,
    says_more,
)
from policy.promises import PromiseSource
from storage.attempts import attempts
from storage.calls import calls
from storage.calls.startable import Startable
from storage.compliance.opt_out import opt_out
from storage.number_hash import ERASED
from storage.tables import Attempt, Call, Promise


class CancelResult(StrEnum):
    #: Recorded, with all that follows from it.
    NOW = "now"
    #: Kept; the call's workflow acts on it as soon as it runs.
    LATER = "later"
    #: The phone rings; the leg is being canceled, and the call ends with it.
    RINGING = "ringing"


async def found(session: AsyncSession, account_id: str, call_id: str) -> Call:
    """The account's call; raises a 404 Problem."""
    call = await calls.get(session, account_id, call_id)
    if call is None:
        raise not_found("call")
    return call


async def look(uses: Services, account_id: str, call_id: str) -> Call:
    """The call as it is at this moment."""
    async with uses.db.read() as session:
        return await found(session, account_id, call_id)


async def start(uses: Services, call: Call | Startable) -> None:
    """Start the workflow of a call that is committed; if it cannot be now, the sweep does it."""
    try:
        await uses.calls.start(call)
    except TemporalAway:
        return


async def cancel(uses: Services, account_id: str, call_id: str) -> CancelResult:
    """Cancel a call that nobody has answered yet; a leg that rings is canceled with it."""
    async with uses.db.read() as session:
        call = await found(session, account_id, call_id)
        await _require_unanswered(session, call)
    try:
        is_over = await uses.calls.cancel(call_id)
    except Refused as exc:
        raise _refusal(exc) from None
    except NotRunning:
        return await _cancel_without_workflow(uses, account_id, call_id)
    except TemporalAway:
        return await _cancel_later(uses, call_id)
    return CancelResult.NOW if is_over else CancelResult.RINGING


async def reschedule(
    uses: Services, account_id: str, call_id: str, request: RescheduleRequest
) -> None:
    """Set the earliest time of a call that waits."""
    now = uses.now()
    async with uses.db.read() as session:
        call = await found(session, account_id, call_id)
        _require_cancelable(call)
        not_before = instant(request.not_before, call.timezone, "later", "notBefore", now)
        assert not_before is not None
        await _examine(session, uses, call, not_before, now)
    try:
        await uses.calls.reschedule(call_id, not_before)
    except Refused as exc:
        raise _refusal(exc) from None
    except TemporalAway:
        raise away("Temporal") from None
    except NotRunning:
        await _reschedule_without_workflow(uses, account_id, call_id, not_before)


async def hang_up(uses: Services, account_id: str, call_id: str) -> None:
    """End the live leg of a call."""
    await look(uses, account_id, call_id)
    try:
        await uses.calls.hang_up(call_id)
    except Refused as exc:
        raise _refusal(exc) from None
    except NotRunning:
        raise _not_live() from None
    except TemporalAway:
        raise away("Temporal") from None


async def promise(
    uses: Services, account_id: str, call_id: str, said: datetime, source: PromiseSource
) -> Promise:
    """Promise that the person is called at another time."""
    async with uses.db.write() as session:
        await found(session, account_id, call_id)
        call = await calls.lock(session, call_id)
        assert call is not None
        made = await promises.make(session, uses, call, said, source)
    await promises.tell(uses, made)
    return made


async def report(
    uses: Services, account_id: str, call_id: str, request: OutcomeRequest
) -> tuple[Call, Promise | None]:
    """Record what the conversation came to.

    While the call is answered and open, the workflow makes it the outcome at the end. Agents
    often report after hanging up: until an hour after its end, it refines a plain `completed`.
    A report that agrees with the outcome completes what is missing, however late. An opt-out is
    never refused: if it comes too late for the call, it is in time for the person. With a time to
    call back at, the call comes back then; the promise is the second value.
    """
    now, made = uses.now(), None
    stopped: tuple[str, ...] = ()
    opts_out = Outcome(request.outcome) is Outcome.OPTED_OUT
    async with uses.db.write() as session:
        await found(session, account_id, call_id)
        call = await calls.lock(session, call_id)
        assert call is not None
        tries = await attempts.of_call(session, call_id)
        objection = _why_not_reportable(call, tries, Outcome(request.outcome), now)
        if objection is None:
            await _note_person(session, tries, now)
            await _take_report(session, call, request, now)
        elif not opts_out:
            raise objection
        if opts_out:
            stopped = await _opt_out(session, call, now)
        if request.call_back_at is not None:
            at, by = request.call_back_at, PromiseSource.AGENT
            made = await promises.make(session, uses, call, at, by, "callBackAt")
    if made is not None:
        await promises.tell(uses, made)
    # Its own workflow hears of a report at the call's end; without one it has to be told.
    waits = objection is not None
    await replan_calls(uses, (one for one in stopped if waits or one != call_id))
    return call, made


async def _take_report(
    session: AsyncSession, call: Call, request: OutcomeRequest, now: datetime
) -> None:
    transcript = None
    if request.transcript is not None:
        transcript = [line.as_spec() for line in request.transcript]
    await calls.report(
        session,
        call,
        outcome=Outcome(request.outcome),
        summary=request.summary,
        transcript=transcript,
        structured=request.result,
        now=now,
    )
    if call.status.is_final and says_more(call.outcome, Outcome(request.outcome)):
        call.outcome = Outcome(request.outcome)
        session.add(call)


async def _opt_out(session: AsyncSession, call: Call, now: datetime) -> tuple[str, ...]:
    """Ids of the calls that wait for the person. One who was erased is not called anyway."""
    if call.endpoint.startswith(ERASED):
        return ()
    by = "agent_report"
    done = await opt_out(session, call.account_id, call.endpoint, by, now, call_id=call.call_id)
    return done.call_ids


async def _note_person(session: AsyncSession, tries: Sequence[Attempt], now: datetime) -> None:
    """An outcome takes somebody who came to it; what a machine was told before is none."""
    last = tries[-1]
    if last.answered_at is not None and last.message_left is None:
        await attempts.note_person(session, last, now)


def _why_not_reportable(
    call: Call, tries: Sequence[Attempt], reported: Outcome, now: datetime
) -> Problem | None:
    if not any(attempt.answered_at for attempt in tries):
        return conflict("not_answered", "Nobody has answered this call.")
    if not call.status.is_final:
        return None
    if agrees(call.outcome, reported):
        return None
    recent = call.completed_time is not None and now - call.completed_time <= promises.LATE
    if says_more(call.outcome, reported) and recent:
        return None
    return conflict("already_final", "The call has ended and its outcome stands.")


def _require_cancelable(call: Call) -> None:
    if call.status.is_final:
        raise conflict("already_final", f"The call has ended: {call.outcome}.")
    if call.status not in CANCELABLE_STATUSES:
        raise _in_progress()


def require_waiting(call: Call) -> None:
    """Raises a 409 Problem once the call is dialed."""
    if call.status.is_final or call.status not in WAITING_STATUSES:
        _require_cancelable(call)
        raise conflict(names.IN_PROGRESS, "The call is being dialed.")


async def _require_unanswered(session: AsyncSession, call: Call) -> None:
    if call.status is not CallStatus.IN_PROGRESS:
        _require_cancelable(call)
        return
    tries = await attempts.of_call(session, call.call_id)
    if not tries or tries[-1].answered_at is not None:
        raise _in_progress()


async def _cancel_without_workflow(uses: Services, account_id: str, call_id: str) -> CancelResult:
    """The workflow is over, perhaps by this very cancel, or was never started."""
    call = await look(uses, account_id, call_id)
    if call.outcome is Outcome.CANCELED:
        return CancelResult.NOW
    _require_cancelable(call)
    async with uses.db.write() as session:
        await calls.request_cancel(session, call_id)
    # Its first decision ends it.
    await start(uses, call)
    return CancelResult.LATER


async def _cancel_later(uses: Services, call_id: str) -> CancelResult:
    """No worker, or no Temporal: keep the wish where either will find it."""
    async with uses.db.write() as session:
        if not await calls.request_cancel(session, call_id):
            # The carrier has it: without Temporal nobody can take it back.
            raise away("Temporal")
    with suppress(TemporalAway, NotRunning):
        await uses.calls.signal_cancel(call_id)
    return CancelResult.LATER


async def _examine(
    session: AsyncSession, uses: Services, call: Call, not_before: datetime, now: datetime
) -> None:
    known = await uses.gatherer.gather(session, call, now)
    if known.deadline is not None and not_before >= known.deadline:
        message = "The time is not before the call's deadline."
        raise invalid("deadline_before_start", "notBefore", message)
    refusal = examine(replace(known, not_before=not_before), now)
    if refusal is not None:
        raise refused([refusal])


async def _reschedule_without_workflow(
    uses: Services, account_id: str, call_id: str, not_before: datetime
) -> None:
    async with uses.db.write() as session:
        await found(session, account_id, call_id)
        call = await calls.lock(session, call_id)
        assert call is not None
        _require_cancelable(call)
        await calls.set_not_before(session, call, not_before, uses.now())


def _refusal(exc: Refused) -> Problem:
    if exc.kind == names.IN_PROGRESS:
        return _in_progress()
    if exc.kind == names.NOT_LIVE:
        return _not_live()
    return conflict(exc.kind, "The call's state does not allow this.")


def _in_progress() -> Problem:
    detail = "The call is in progress. To end a live call use POST …/hangup."
    return conflict(names.IN_PROGRESS, detail)


def _not_live() -> Problem:
    return conflict(names.NOT_LIVE, "There is no live leg to hang up.")
