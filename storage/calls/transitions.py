"""What each kind of decision does to the columns of a call, and which event tells of it."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calls.decision_changes import LOOKS_AGAIN
from policy.model.call import (
    STATUS_OF_OUTCOME,
    CallStatus,
    Decision,
    DecisionKind,
    Outcome,
    WaitingFor,
)
from storage.events.event_log import EventType, append
from storage.tables import Call, Event, JsonObject

_EVENT_OF_STATUS = {
    CallStatus.COMPLETED: EventType.COMPLETED,
    CallStatus.FAILED: EventType.FAILED,
    CallStatus.CANCELED: EventType.CANCELED,
}
_EVENT_OF_OUTCOME = {
    Outcome.DEADLINE_MISSED: EventType.DEADLINE_MISSED,
    Outcome.SUPPRESSED: EventType.SUPPRESSED,
}


async def apply(session: AsyncSession, call: Call, decision: Decision, now: datetime) -> None:
    """The caller holds the call's lock and has seen that it has not ended."""
    await _APPLY[decision.kind](session, call, decision, now)


async def _wait(session: AsyncSession, call: Call, decision: Decision, now: datetime) -> None:
    before = _standing(call)
    _explain(call, decision)
    call.status = CallStatus.QUEUED
    call.waiting_for = decision.waiting_for
    call.next_attempt_at = decision.until
    call.queued_at = None
    if _standing(call) != before:
        await append(session, call, _event_of_wait(decision), now, _wait_data(decision))


async def _queue(session: AsyncSession, call: Call, decision: Decision, now: datetime) -> None:
    before = _standing(call)
    _explain(call, decision)
    if call.waiting_for is not WaitingFor.SLOT or call.queued_at is None:
        call.queued_at = now
    call.status = CallStatus.QUEUED
    call.waiting_for = WaitingFor.SLOT
    call.next_attempt_at = decision.until
    if _standing(call) != before:
        await append(session, call, EventType.QUEUED, now, _wait_data(decision))


async def _dial(session: AsyncSession, call: Call, decision: Decision, now: datetime) -> None:
    repeated = call.status is CallStatus.PENDING and await _is_dialing(session, call, decision)
    _explain(call, decision)
    call.detail = f"Dialing, attempt {decision.attempt_number}"
    call.status = CallStatus.PENDING
    call.waiting_for = None
    call.next_attempt_at = None
    call.queued_at = None
    call.started_time = call.started_time or now
    if not repeated:
        data = {"attempt": decision.attempt_number, "reason": decision.reason}
        await append(session, call, EventType.DIALING, now, data)


async def _end(session: AsyncSession, call: Call, decision: Decision, now: datetime) -> None:
    outcome = decision.outcome or Outcome.FAILED
    _explain(call, decision)
    call.status = STATUS_OF_OUTCOME[outcome]
    call.outcome = outcome
    call.completed_time = now
    call.waiting_for = None
    call.next_attempt_at = None
    call.queued_at = None
    event = _EVENT_OF_OUTCOME.get(outcome, _EVENT_OF_STATUS[call.status])
    data: JsonObject = {"outcome": outcome.value, "reason": decision.reason}
    if outcome is Outcome.VOICEMAIL:
        data["messageLeft"] = bool(call.message_left)
    await append(session, call, event, now, data)


_Apply = Callable[[AsyncSession, Call, Decision, datetime], Awaitable[None]]
_APPLY: dict[DecisionKind, _Apply] = {
    DecisionKind.WAIT: _wait,
    DecisionKind.QUEUE: _queue,
    DecisionKind.DIAL: _dial,
    DecisionKind.END: _end,
}


def _explain(call: Call, decision: Decision) -> None:
    call.reason = str(decision.reason)
    call.detail = decision.detail


def _standing(call: Call) -> tuple[object, ...]:
    # The time of the next look is no news: else a call that waits for long tells of every look.
    until = None if call.reason in LOOKS_AGAIN else call.next_attempt_at
    return (call.status, call.waiting_for, until, call.reason)


def _event_of_wait(decision: Decision) -> EventType:
    retries = decision.waiting_for is WaitingFor.RETRY
    return EventType.RETRY_SCHEDULED if retries else EventType.QUEUED


def _wait_data(decision: Decision) -> dict[str, object]:
    return {
        "waitingFor": decision.waiting_for.value if decision.waiting_for else None,
        "until": decision.until.isoformat() if decision.until else None,
        "reason": decision.reason,
    }


async def _is_dialing(session: AsyncSession, call: Call, decision: Decision) -> bool:
    """Whether the last event of its kind already tells of this very attempt."""
    statement = (
        select(Event.data)
        .where(col(Event.call_id) == call.call_id, col(Event.type) == EventType.DIALING.value)
        .order_by(col(Event.sequence).desc())
        .limit(1)
    )
    last = (await session.exec(statement)).first()
    return last is not None and last.get("attempt") == decision.attempt_number
