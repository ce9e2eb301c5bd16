"""What is said and answered of `promises`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Any, Literal

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import (
    CallNumberView,
    CallStatus,
    Outcome,
    Purpose,
    ScheduleView,
    WaitingFor,
)

PromiseSource = Literal["agent", "pathway", "api", "page"]

PromiseState = Literal["open", "kept", "missed", "withdrawn"]


class Utterance(Said):
    speaker: str
    text: str


class OutcomeRequest(Said):
    """What the conversation came to, as the AI agent reports it."""

    outcome: str
    summary: str | None = None
    transcript: list[Utterance] | None = None
    result: dict[str, Any] | None = None
    call_back_at: datetime | str | None = None


class PromiseFigures(Answer):
    """How many promises were settled since then, and how."""

    since: datetime
    kept: int
    missed: int
    withdrawn: int
    kept_share: float | None
    open: int


class PromiseView(Answer):
    """A promise to call back."""

    promise_id: str
    call_id: str
    made_in_call_id: str | None
    promised_at: datetime
    assumed_timezone: str | None
    due_at: datetime
    reason: str | None
    source: PromiseSource | str
    state: PromiseState | str
    created_time: datetime
    dialed_at: datetime | None
    settled_time: datetime | None


class PromiseList(Answer):
    promises: list[PromiseView]
    next_cursor: str | None


class PromiseRequest(Said):
    """When somebody wants to be called."""

    at: datetime | str


class ReportedCall(Answer):
    """The call as it is after the report, and what was promised with it."""

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
    promise: PromiseView | None = None
