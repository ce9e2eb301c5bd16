"""What is said and answered of `calls`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import (
    AttemptResult,
    AttemptState,
    CallNumberView,
    CallStatus,
    DecisionKind,
    EventView,
    NumberType,
    OtherNumber,
    OutboundOverride,
    Outcome,
    Purpose,
    Recipient,
    Retry,
    Schedule,
    ScheduleView,
    StatedConsent,
    Voicemail,
    WaitingFor,
    Window,
)


class AttemptView(Answer):
    """One line of the dial ledger. `recordingUrl` is a path of this API."""

    number: int
    state: AttemptState | str
    result: AttemptResult | str | None
    carrier_sid: str | None
    carrier_status: str | None
    error_code: int | None
    error: str | None
    answered_by: str | None
    person_at: datetime | None
    message_left: bool | None
    recording_url: str | None
    duration_seconds: int | None
    dialed_at: datetime
    sending_at: datetime | None
    sent_at: datetime | None
    ringing_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    settled_at: datetime | None
    to_number: int | None = None
    sip_code: int | None = None


class DecisionView(Answer):
    """One decision, and what it was based on."""

    step: int
    at: datetime
    kind: DecisionKind | str
    reason: str
    detail: str
    until: datetime | None
    valid_until: datetime | None
    waiting_for: WaitingFor | str | None
    outcome: Outcome | str | None
    attempt_number: int | None
    rules: list[str]
    versions: list[str]


class Links(Answer):
    """`temporalUi` shows the call's workflow; it holds no personal data."""

    temporal_ui: str


class CallDetail(Answer):
    """A call with its whole history."""

    call_id: str
    agent_id: str
    campaign_id: str | None
    pathway_id: str | None
    endpoint: str
    caller_id: str
    priority: int
    status: CallStatus | str
    waiting_for: WaitingFor | str | None
    reason: str | None
    detail: str | None
    outcome: Outcome | str | None
    result: dict[str, Any] | None
    created_time: datetime
    next_attempt_at: datetime | None
    started_time: datetime | None
    completed_time: datetime | None
    duration_seconds: int | None
    attempt_count: int
    cancel_requested: bool
    workflow_id: str
    call_deadline: datetime | None
    sequence_id: str | None
    remind_before: str | None
    timezone: str
    schedule: ScheduleView
    retry: dict[str, Any]
    voicemail: dict[str, Any] | None
    ring_timeout: int
    max_duration: int
    recording: bool
    recipient: dict[str, Any]
    purpose: Purpose | str | None
    subject: str | None
    consent: dict[str, Any] | None
    context: dict[str, Any]
    additional_data: dict[str, Any]
    effective_priority: int
    position: int | None
    expected_start: datetime | None
    attempts: list[AttemptView]
    decisions: list[DecisionView]
    events: list[EventView]
    links: Links
    extension: str | None = None
    numbers: list[CallNumberView] | None = None
    message_left: bool | None = None


class CallView(Answer):
    """A call. `reason` is a stable code, `detail` the same in one sentence."""

    call_id: str
    agent_id: str
    campaign_id: str | None
    pathway_id: str | None
    endpoint: str
    caller_id: str
    priority: int
    status: CallStatus | str
    waiting_for: WaitingFor | str | None
    reason: str | None
    detail: str | None
    outcome: Outcome | str | None
    result: dict[str, Any] | None
    created_time: datetime
    next_attempt_at: datetime | None
    started_time: datetime | None
    completed_time: datetime | None
    duration_seconds: int | None
    attempt_count: int
    cancel_requested: bool
    workflow_id: str
    call_deadline: datetime | None
    sequence_id: str | None
    remind_before: str | None
    timezone: str
    schedule: ScheduleView
    retry: dict[str, Any]
    voicemail: dict[str, Any] | None
    ring_timeout: int
    max_duration: int
    recording: bool
    recipient: dict[str, Any]
    purpose: Purpose | str | None
    subject: str | None
    consent: dict[str, Any] | None
    context: dict[str, Any]
    additional_data: dict[str, Any]
    extension: str | None = None
    numbers: list[CallNumberView] | None = None
    message_left: bool | None = None


class CallList(Answer):
    """`total` counts all that match; `nextCursor` leads to the next page, null on the
    last.
    """

    calls: list[CallView]
    total: int
    next_cursor: str | None


class CallPatch(Said):
    """What changes of a call that waits; what is not named stays."""

    priority: int = 5
    call_deadline: datetime | str | None = None
    context: dict[str, Any] = Field(default_factory=dict)
    pathway_id: str = ""


class ClockView(Answer):
    """A time zone, and what its clocks show now."""

    timezone: str
    local_time: datetime


class CallPreviewView(Answer):
    """What would become of the call. Nothing is kept: only what is submitted counts."""

    endpoint: str
    caller_id: str
    agent_id: str
    pathway_id: str | None
    priority: int
    call_deadline: datetime | None
    decision: DecisionKind | str
    until: datetime | None
    reason: str
    detail: str
    clocks: list[ClockView]
    position: int | None
    expected_start: datetime | None


class CallRequest(Said):
    """One call to make."""

    agent_id: str
    endpoint: str
    priority: int = 5
    context: dict[str, Any] = Field(default_factory=dict)
    additional_data: dict[str, Any] = Field(default_factory=dict)
    pathway_id: str | None = None
    caller_id: str | None = None
    override_outbound_config: OutboundOverride | None = None
    timezone: str | None = None
    schedule: Schedule | None = None
    call_deadline: datetime | str | None = None
    appointment_at: datetime | str | None = None
    remind: list[timedelta | str] | None = None
    retry: Retry | None = None
    voicemail: Voicemail | None = None
    ring_timeout: int | None = None
    max_duration: int | None = None
    recording: bool | None = None
    recipient: Recipient | None = None
    purpose: Purpose | None = None
    subject: str | None = None
    consent: StatedConsent | None = None
    allow_duplicate: bool = False
    default_country: str | None = None
    endpoint_type: NumberType | None = None
    endpoint_hours: Window | None = None
    other_numbers: list[OtherNumber] | None = None


class QueuedCallView(Answer):
    """A call and its place in line, if it waits for a slot."""

    call_id: str
    agent_id: str
    campaign_id: str | None
    pathway_id: str | None
    endpoint: str
    caller_id: str
    priority: int
    status: CallStatus | str
    waiting_for: WaitingFor | str | None
    reason: str | None
    detail: str | None
    outcome: Outcome | str | None
    result: dict[str, Any] | None
    created_time: datetime
    next_attempt_at: datetime | None
    started_time: datetime | None
    completed_time: datetime | None
    duration_seconds: int | None
    attempt_count: int
    cancel_requested: bool
    workflow_id: str
    call_deadline: datetime | None
    sequence_id: str | None
    remind_before: str | None
    timezone: str
    schedule: ScheduleView
    retry: dict[str, Any]
    voicemail: dict[str, Any] | None
    ring_timeout: int
    max_duration: int
    recording: bool
    recipient: dict[str, Any]
    purpose: Purpose | str | None
    subject: str | None
    consent: dict[str, Any] | None
    context: dict[str, Any]
    additional_data: dict[str, Any]
    effective_priority: int
    position: int | None
    expected_start: datetime | None
    extension: str | None = None
    numbers: list[CallNumberView] | None = None
    message_left: bool | None = None


class QueueList(Answer):
    """`total` counts all that match; `nextCursor` leads to the next page, null on the
    last.
    """

    calls: list[QueuedCallView]
    total: int
    next_cursor: str | None


class RecordingView(Answer):
    """One attempt's recording. `url` is a path of this API; `durationSeconds` that of the
    talk.
    """

    attempt: int
    url: str
    answered_at: datetime | None
    ended_at: datetime | None
    duration_seconds: int | None


class RecordingList(Answer):
    """In the order of the attempts."""

    recordings: list[RecordingView]


class RescheduleRequest(Said):
    """A new earliest time."""

    not_before: datetime | str


class SequencePatch(Said):
    """Another time of the appointment; the calls that wait move with it."""

    appointment_at: datetime | str | None = None
    context: dict[str, Any] | None = None


class SequenceView(Answer):
    """A sequence: `remind` as it was asked for, and the calls that were made of it."""

    sequence_id: str
    appointment_at: datetime
    remind: list[str]
    outcome: Outcome | str | None
    created_time: datetime
    updated_time: datetime
    calls: list[CallView]


class Statistics(Answer):
    """How many calls have each status."""

    statuses: dict[str, int]
