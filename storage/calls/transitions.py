"""What each kind of decision does to the columns of a call, and which event tells of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

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
from storage.database.core import amend, changed_values
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
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class _Transition:
    """New values of the call's columns, and the event that tells of them; None: no news."""

    values: JsonObject
    event: EventType | None
    data: JsonObject = field(default_factory=dict)


async def apply(
    session: AsyncSession,
    call: Call,
    decision: Decision,
    now: datetime,
    carried: Mapping[str, Any] = NOTHING,
) -> None:
    """The caller holds the call's lock and has seen that it has not ended.

    `carried`: columns that the call has new values of already, to be written with these.
    """
    found = _MAKES[decision.kind](call, decision, now)
    is_news = decision.kind is not DecisionKind.DIAL or not await _is_dialing(
        session, call, decision
    )
    await amend(session, call, {**carried, **changed_values(call, found.values)})
    if found.event is not None and is_news:
        await append(session, call, found.event, now, found.data)


def _wait(call: Call, decision: Decision, now: datetime) -> _Transition:
    values = {
        **_explained(decision),
        "status": CallStatus.QUEUED,
        "waiting_for": decision.waiting_for,
        "next_attempt_at": decision.until,
        "queued_at": None,
    }
    return _Transition(values, _if_news(call, values, _event_of_wait(decision)), _data_of(decision))


def _queue(call: Call, decision: Decision, now: datetime) -> _Transition:
    is_queued = call.waiting_for is WaitingFor.SLOT and call.queued_at is not None
    values = {
        **_explained(decision),
        "status": CallStatus.QUEUED,
        "waiting_for": WaitingFor.SLOT,
        "next_attempt_at": decision.until,
        "queued_at": call.queued_at if is_queued else now,
    }
    return _Transition(values, _if_news(call, values, EventType.QUEUED), _data_of(decision))


def _dial(call: Call, decision: Decision, now: datetime) -> _Transition:
    values = {
        **_explained(decision),
        **_WAITS_FOR_NOTHING,
        "detail": f"Dialing, attempt {decision.attempt_number}",
        "status": CallStatus.PENDING,
        "started_time": call.started_time or now,
    }
    data = {"attempt": decision.attempt_number, "reason": decision.reason}
    return _Transition(values, EventType.DIALING, data)


def _end(call: Call, decision: Decision, now: datetime) -> _Transition:
    outcome = decision.outcome or Outcome.FAILED
    status = STATUS_OF_OUTCOME[outcome]
    values = {
        **_explained(decision),
        **_WAITS_FOR_NOTHING,
        "status": status,
        "outcome": outcome,
        "completed_time": now,
    }
    event = _EVENT_OF_OUTCOME.get(outcome, _EVENT_OF_STATUS[status])
    data: JsonObject = {"outcome": outcome.value, "reason": decision.reason}
    if outcome is Outcome.VOICEMAIL:
        data["messageLeft"] = bool(call.message_left)
    return _Transition(values, event, data)


_MAKES: Mapping[DecisionKind, Callable[[Call, Decision, datetime], _Transition]] = {
    DecisionKind.WAIT: _wait,
    DecisionKind.QUEUE: _queue,
    DecisionKind.DIAL: _dial,
    DecisionKind.END: _end,
}
_WAITS_FOR_NOTHING: JsonObject = {"waiting_for": None, "next_attempt_at": None, "queued_at": None}


def _explained(decision: Decision) -> JsonObject:
    return {"reason": str(decision.reason), "detail": decision.detail}


def _if_news(call: Call, values: JsonObject, event: EventType) -> EventType | None:
    return None if _standing(values) == _standing(call.__dict__) else event


def _standing(call: Mapping[str, Any]) -> tuple[object, ...]:
    # The time of the next look is no news: else a call that waits for long tells of every look.
    until = None if call["reason"] in LOOKS_AGAIN else call["next_attempt_at"]
    return (call["status"], call["waiting_for"], until, call["reason"])


def _event_of_wait(decision: Decision) -> EventType:
    retries = decision.waiting_for is WaitingFor.RETRY
    return EventType.RETRY_SCHEDULED if retries else EventType.QUEUED


def _data_of(decision: Decision) -> JsonObject:
    return {
        "waitingFor": decision.waiting_for.value if decision.waiting_for else None,
        "until": decision.until.isoformat() if decision.until else None,
        "reason": decision.reason,
    }


async def _is_dialing(session: AsyncSession, call: Call, decision: Decision) -> bool:
    """Whether the last event of its kind already tells of this very attempt."""
    if call.status is not CallStatus.PENDING:
        return False
    statement = (
        select(Event.data)
        .where(col(Event.call_id) == call.call_id, col(Event.type) == EventType.DIALING.value)
        .order_by(col(Event.sequence).desc())
        .limit(1)
    )
    last = (await session.exec(statement)).first()
    return last is not None and last.get("attempt") == decision.attempt_number
