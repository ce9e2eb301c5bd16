"""What people may do to the reminders of an appointment: look, move, cancel all of them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.reminder_drafts import planned
from api.calls.views import call_view
from api.http.deps import Services
from api.http.json_body import MAX_CALL_BODY, size_of
from api.http.problems import conflict, invalid, not_found, refused
from api.http.schema import JsonObject
from api.http.values import instant
from api.reminders.schemas import SequencePatch, SequenceView
from api.replan.replan import replan_calls
from api.temporal_client import NotRunning, TemporalAway
from contracts import names
from policy.calls.acceptance import examine
from policy.model.call import CallStatus, Decision, DecisionKind, Outcome, Refusal
from policy.model.reasons import Reason
from policy.reminders import Reminder, Sibling, reached
from storage.calls import calls, reminder_sequences
from storage.tables import Call, CallSequence

_CANCELED = Decision(
    kind=DecisionKind.END,
    reason=Reason.CANCEL_REQUESTED,
    detail="All reminders of the appointment were canceled on request",
    outcome=Outcome.CANCELED,
)
_PAST = Decision(
    kind=DecisionKind.END,
    reason=Reason.REMINDER_PAST,
    detail="The appointment was moved, and this reminder would have been due already",
    outcome=Outcome.CANCELED,
)
_APPOINTMENT = "appointmentAt"
#: Fields of a call whose times come from its appointment.
_FROM_APPOINTMENT = frozenset({"callDeadline", "schedule.notBefore"})


async def look(uses: Services, account_id: str, sequence_id: str) -> SequenceView:
    """The sequence as it is at this moment; raises a 404 Problem."""
    async with uses.db.read() as session:
        row = await _found(session, account_id, sequence_id)
        return _view(row, await reminder_sequences.calls_of(session, sequence_id))


async def cancel(uses: Services, account_id: str, sequence_id: str) -> None:
    """End all reminders that wait; one that is in progress goes on to its end."""
    async with uses.db.write() as session:
        await _found(session, account_id, sequence_id)
        waiting = await reminder_sequences.waiting(session, sequence_id)
        ended = await reminder_sequences.end(session, waiting, _CANCELED, uses.now())
        dialing = await _stop_dials(session, sequence_id)
        if not ended and not dialing:
            raise await _over(session, sequence_id)
    await replan_calls(uses, ended)
    for call_id in dialing:
        with suppress(TemporalAway, NotRunning):
            await uses.calls.signal_cancel(call_id)


async def _stop_dials(session: AsyncSession, sequence_id: str) -> list[str]:
    """Those about to be dialed: their gate finds the wish, unless it was passed already."""
    found = await reminder_sequences.calls_of(session, sequence_id)
    pending = [call.call_id for call in found if call.status is CallStatus.PENDING]
    return [call_id for call_id in pending if await calls.request_cancel(session, call_id)]


@dataclass(frozen=True, slots=True)
class _Moves:
    """What a change of the appointment makes of the calls that wait."""

    moved: Sequence[tuple[Call, Reminder]]
    past: Sequence[Call]


async def change(uses: Services, account_id: str, sequence_id: str, body: SequencePatch) -> None:
    """Move the appointment with all reminders that wait; raises a Problem, and then none moves."""
    now = uses.now()
    async with uses.db.write() as session:
        row = await _found(session, account_id, sequence_id)
        waiting = await reminder_sequences.waiting(session, sequence_id)
        if not waiting:
            raise await _over(session, sequence_id)
        # One that has no workflow yet is started when its time, whichever it is, is near.
        told = [call.call_id for call in waiting if call.status is CallStatus.QUEUED]
        _merge_context(waiting, body.context)
        appointment = instant(body.appointment_at, "UTC", "earlier", _APPOINTMENT, now)
        if appointment is not None:
            row.appointment_at = appointment
            await _move(session, uses, _moves(waiting, appointment, now), now)
        row.updated_time = now
        session.add(row)
    if appointment is not None:
        await replan_calls(uses, told)


def _merge_context(waiting: Sequence[Call], said: JsonObject | None) -> None:
    for call in waiting if said else ():
        merged = {**call.context, **(said or {})}
        if size_of(merged) > MAX_CALL_BODY:
            raise invalid("too_large", "context", "The merged context is larger than 64 KiB.")
        call.context = merged


def _moves(waiting: Sequence[Call], appointment: datetime, now: datetime) -> _Moves:
    befores = [call.remind_before or "PT0S" for call in waiting]
    ahead = {one.place: one for one in planned(appointment, befores, now, _APPOINTMENT)}
    return _Moves(
        moved=[(waiting[place], one) for place, one in ahead.items()],
        past=[call for place, call in enumerate(waiting) if place not in ahead],
    )


async def _move(session: AsyncSession, uses: Services, moves: _Moves, now: datetime) -> None:
    for call, times in moves.moved:
        await _examine(session, uses, call, times, now)
        await calls.set_times(session, call, times.not_before, times.deadline, now)
    await reminder_sequences.end(session, moves.past, _PAST, now)


async def _examine(
    session: AsyncSession, uses: Services, call: Call, times: Reminder, now: datetime
) -> None:
    """Refuses what a new request at this time would be refused for."""
    known = await uses.gatherer.gather(session, call, now)
    moved = replace(known, not_before=times.not_before, deadline=times.deadline)
    refusal = examine(moved, now)
    if refusal is None:
        return
    field = _APPOINTMENT if refusal.field in _FROM_APPOINTMENT else refusal.field
    raise refused([Refusal(refusal.code, field, refusal.message)])


async def _found(session: AsyncSession, account_id: str, sequence_id: str) -> CallSequence:
    row = await reminder_sequences.get(session, account_id, sequence_id)
    if row is None:
        raise not_found("sequence")
    return row


async def _over(session: AsyncSession, sequence_id: str) -> Exception:
    """Why nothing of the sequence can be changed."""
    found = await reminder_sequences.calls_of(session, sequence_id)
    if any(not call.status.is_final for call in found):
        detail = "The last reminder is in progress. To end a live call use POST …/hangup."
        return conflict(names.IN_PROGRESS, detail)
    return conflict("already_final", "All reminders of the appointment have ended.")


def _view(row: CallSequence, found: Sequence[Call]) -> SequenceView:
    return SequenceView(
        sequence_id=row.sequence_id,
        appointment_at=row.appointment_at,
        remind=row.remind,
        outcome=reached(Sibling(call.outcome) for call in found),
        created_time=row.created_time,
        updated_time=row.updated_time,
        calls=[call_view(call) for call in found],
    )
