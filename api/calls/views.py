"""What a call looks like from outside."""

from datetime import datetime

from pydantic import ConfigDict, Field

from api.calls.number_views import AttemptView, CallNumberView, attempt_fields, number_view
from api.http.schema import JsonObject, View
from api.promises.schemas import PromiseView
from contracts.names import call_workflow_id
from policy.dispatch.dwrr import effective_priority
from policy.model.call import (
    CallStatus,
    DecisionKind,
    Outcome,
    WaitingFor,
)
from policy.model.purposes import Purpose
from storage.dispatch.queue_position import Wait
from storage.tables import Attempt, Call, DecisionRow, Event
from storage.tables.specs import PROMISE

_EXAMPLE: JsonObject = {
    "callId": "9c1f5a2e-53c4-4a0f-b1b5-8f6f2f0b7a10",
    "agentId": "0b6f3a44-6c0e-4b52-9a49-0d1f3b1f7a55",
    "campaignId": None,
    "pathwayId": "5f0f6b1e-7a53-4a2f-9d1c-0c9a4f8f2a10",
    "endpoint": "+12025550123",
    "extension": None,
    "numbers": [],
    "callerId": "+12025550100",
    "priority": 7,
    "status": "Queued",
    "waitingFor": "window",
    "reason": "calling_hours",
    "detail": "Opens Mon 1 Mar 08:00 (America/Chicago).",
    "outcome": None,
    "createdTime": "2027-02-27T20:11:09Z",
    "nextAttemptAt": "2027-03-01T14:00:00Z",
    "startedTime": None,
    "completedTime": None,
    "durationSeconds": None,
    "attemptCount": 0,
    "messageLeft": None,
    "workflowId": "call-9c1f5a2e-53c4-4a0f-b1b5-8f6f2f0b7a10",
    "callDeadline": "2027-03-05T22:00:00Z",
    "sequenceId": None,
    "remindBefore": None,
    "timezone": "America/New_York",
    "schedule": {"notBefore": "2027-03-01T14:00:00Z", "window": None},
    "purpose": "reminder",
    "subject": "appointment 1017",
    "consent": {"tier": "express", "method": "web form", "grantedTime": "2027-02-01T10:00:00Z"},
    "context": {"firstName": "Ada"},
    "additionalData": {"crmId": "C-1017"},
}


class ScheduleView(View):
    not_before: datetime | None
    window: JsonObject | None


class CallView(View):
    """A call. `reason` is a stable code, `detail` the same in one sentence.

    `attemptCount` counts the settled attempts that reached the network. `voicemail` null: nobody
    listens for machines. `sequenceId`: it is one of several reminders of an appointment,
    `remindBefore` of it.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    call_id: str
    agent_id: str
    campaign_id: str | None
    pathway_id: str | None
    endpoint: str = Field(
        description="Of a person with several numbers: the one dialed last, or to be dialed next."
    )
    extension: str | None = Field(
        default=None, max_length=11, description="Keys that are pressed once somebody answers."
    )
    numbers: list[CallNumberView] = Field(
        default_factory=list, description="Of a person with several, in their order; else empty."
    )
    caller_id: str
    priority: int
    status: CallStatus
    waiting_for: WaitingFor | None
    reason: str | None
    detail: str | None
    outcome: Outcome | None
    result: JsonObject | None
    created_time: datetime
    next_attempt_at: datetime | None
    started_time: datetime | None
    completed_time: datetime | None
    duration_seconds: int | None
    attempt_count: int
    message_left: bool | None = Field(
        default=None,
        description="Whether the machine that answered last was told something; null: none did.",
    )
    cancel_requested: bool
    workflow_id: str
    call_deadline: datetime | None
    sequence_id: str | None
    remind_before: str | None
    timezone: str
    schedule: ScheduleView
    retry: JsonObject
    voicemail: JsonObject | None
    ring_timeout: int
    max_duration: int
    recording: bool
    recipient: JsonObject
    purpose: Purpose | None = Field(description="Null: the agent's.")
    subject: str | None
    consent: JsonObject | None = Field(description="As the call's request stated it.")
    context: JsonObject
    additional_data: JsonObject


class ReportedCall(CallView):
    """The call as it is after the report, and what was promised with it."""

    promise: PromiseView | None = None


class DecisionView(View):
    """One decision, and what it was based on."""

    step: int
    at: datetime
    kind: DecisionKind
    reason: str
    detail: str
    until: datetime | None
    valid_until: datetime | None
    waiting_for: WaitingFor | None
    outcome: Outcome | None
    attempt_number: int | None
    rules: list[str]
    versions: list[str]


class EventView(View):
    sequence: int
    type: str
    at: datetime
    data: JsonObject


class Links(View):
    """`temporalUi` shows the call's workflow; it holds no personal data."""

    temporal_ui: str


class QueuedCallView(CallView):
    """A call and its place in line, if it waits for a slot.

    `position` counts from 1 in the order of turns; null beyond what is looked ahead, and while its
    campaign is paused. `expectedStart` is null where nothing moves. `reason` and `detail` of a call
    that waits for a slot are of now: whose limit leaves it without one, and its figures.
    """

    effective_priority: int
    position: int | None
    expected_start: datetime | None


class QueueList(View):
    """`total` counts all that match; `nextCursor` leads to the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"calls": [_EXAMPLE], "total": 1, "nextCursor": None}]}
    )

    calls: list[QueuedCallView]
    total: int
    next_cursor: str | None


class CallDetail(QueuedCallView):
    """A call with its whole history."""

    attempts: list[AttemptView]
    decisions: list[DecisionView]
    events: list[EventView]
    links: Links


class CallList(View):
    """`total` counts all that match; `nextCursor` leads to the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"calls": [_EXAMPLE], "total": 1, "nextCursor": None}]}
    )

    calls: list[CallView]
    total: int
    next_cursor: str | None


class Statistics(View):
    """How many calls have each status."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"statuses": {"Queued": 12, "Completed": 88}}]}
    )

    statuses: dict[CallStatus, int]


_OTHERWISE_NAMED = {
    "workflow_id",
    "result",
    "schedule",
    "retry",
    "voicemail",
    "recipient",
    "consent",
    "numbers",
}
_AS_THEY_ARE = CallView.model_fields.keys() - _OTHERWISE_NAMED
#: Columns of a call.
_SHOWN = (
    *_AS_THEY_ARE,
    *("not_before", "window_spec", "retry_spec", "voicemail_spec"),
    *("consent_spec", "recipient_spec", "result", "numbers_spec"),
)


def call_view(call: Call) -> CallView:
    """The row as the API shows it."""
    return _view({name: getattr(call, name) for name in _SHOWN})


def accepted_view(row: JsonObject) -> CallView:
    """The same of a call that was just made, from the columns that it was given."""
    return _view({name: row.get(name) for name in _SHOWN})


def _view(row: JsonObject) -> CallView:
    return CallView(
        **{name: row[name] for name in _AS_THEY_ARE},
        workflow_id=call_workflow_id(row["call_id"]),
        schedule=ScheduleView(not_before=row["not_before"], window=row["window_spec"]),
        retry={name: said for name, said in row["retry_spec"].items() if name != PROMISE},
        voicemail=row["voicemail_spec"] or None,
        consent=row["consent_spec"] or None,
        result=_as_reported(row["result"]),
        recipient=row["recipient_spec"],
        numbers=[number_view(one) for one in row["numbers_spec"] or ()],
    )


def queued_call_view(call: Call, wait: Wait | None, now: datetime) -> QueuedCallView:
    """The row with its place in line, and with what keeps it from a slot now."""
    fields = dict(call_view(call))
    if wait is not None:
        fields |= {"reason": wait.verdict.reason, "detail": wait.verdict.detail}
    place = wait.place if wait else None
    return QueuedCallView(
        **fields,
        effective_priority=effective_priority(call.priority, call.call_deadline, now),
        position=place.position if place else None,
        expected_start=place.expected_start if place else None,
    )


def call_detail(
    call: QueuedCallView,
    attempts: list[Attempt],
    decisions: list[DecisionRow],
    events: list[Event],
    workflow_url: str,
) -> CallDetail:
    """The row with everything that happened to it."""
    return CallDetail(
        **dict(call),
        attempts=[
            AttemptView(**attempt_fields(row, [one.endpoint for one in call.numbers]))
            for row in attempts
        ],
        decisions=[DecisionView(**_fields(DecisionView, row)) for row in decisions],
        events=[event_view(row) for row in events],
        links=Links(temporal_ui=workflow_url),
    )


def event_view(event: Event) -> EventView:
    """The row as the API shows it."""
    return EventView(**{**_fields(EventView, event), "data": _in_z(event.data)})


def _as_reported(result: JsonObject | None) -> JsonObject | None:
    """Each part under the name it was reported by."""
    if result is None:
        return None
    named = {"result" if name == "structured" else name: said for name, said in result.items()}
    return {**named, **_in_z({name: named[name] for name in named if name in _INSTANTS})}


#: Kept as `isoformat` writes them, inside columns of JSON.
_INSTANTS = ("reportedAt", "until", "notBefore", "promisedAt", "dueAt", "dialedAt")


def _in_z(data: JsonObject) -> JsonObject:
    """Instants in the format of all others: with Z."""
    return {
        name: value.replace("+00:00", "Z") if name in _INSTANTS and value else value
        for name, value in data.items()
    }


def _fields(view: type[View], row: object) -> JsonObject:
    return {name: getattr(row, name) for name in view.model_fields}
