"""What several parts of the API say.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from trunkline_client.models.base import Answer, Said

AttemptResult = Literal[
    "answered",
    "voicemail",
    "busy",
    "no_answer",
    "network_error",
    "invalid",
    "declined",
    "refused",
    "canceled",
    "not_served",
    "unknown",
    "throttled",
    "not_sent",
    "account_refused",
]

AttemptState = Literal[
    "intent", "sending", "sent", "ringing", "answered", "ended", "unknown", "rejected"
]

BestTimePreset = Literal["business", "consumers"]

CallStatus = Literal[
    "Created", "Queued", "Pending", "InProgress", "Completed", "Failed", "Canceled"
]

ColumnReason = Literal["requested", "name", "content"]

Confidence = Literal["primary", "secondary", "conflicting", "convention"]

ConsentTier = Literal["express", "written"]

ContactState = Literal["staged", "invalid", "called", "dropped"]

DaypartChoice = Literal["next", "best"]

DecisionKind = Literal["wait", "queue", "dial", "end"]

EventType = Literal[
    "call.created",
    "call.queued",
    "call.dialing",
    "call.ringing",
    "call.answered",
    "call.voicemail",
    "call.retry_scheduled",
    "call.not_served",
    "call.attempt_ended",
    "call.unknown",
    "call.completed",
    "call.failed",
    "call.canceled",
    "call.deadline_missed",
    "call.suppressed",
    "call.rescheduled",
    "call.called_back",
    "call.callback_promised",
    "call.callback_kept",
    "call.callback_missed",
    "call.transfer_asked",
    "call.transferred",
    "call.transfer_missed",
    "call.transfer_ended",
    "call.follow_up",
    "call.outcome_reported",
    "call.recording_ready",
    "campaign.created",
    "campaign.started",
    "campaign.paused",
    "campaign.resumed",
    "campaign.tripped",
    "campaign.goal_reached",
    "campaign.completed",
    "campaign.canceled",
    "number.suppressed",
    "consent.revoked",
    "account.dialing_paused",
    "account.dialing_resumed",
    "caller_id.barred",
    "caller_id.cleared",
    "caller_id.rested",
    "caller_id.on_probation",
    "caller_id.restored",
    "text.review_needed",
    "webhook.disabled",
    "webhook.test",
]

ExtensionUse = Literal["refuse", "dial"]

NumberCheck = Literal["line_type", "reassigned", "list"]

NumberType = Literal["home", "mobile", "work"]

Outcome = Literal[
    "completed",
    "confirmed",
    "declined",
    "opted_out",
    "hung_up_early",
    "voicemail",
    "no_answer",
    "busy",
    "failed",
    "invalid",
    "canceled",
    "deadline_missed",
    "suppressed",
    "unknown",
    "not_served",
]

Purpose = Literal[
    "telemarketing",
    "debt_collection",
    "survey",
    "political",
    "reminder",
    "notification",
    "service",
    "emergency",
]

ScopeKind = Literal["all", "agent", "campaign", "purpose"]

Verdict = Literal["steady", "dropped", "too_few"]

Voice = Literal["artificial", "live"]

WaitingFor = Literal["window", "slot", "retry"]


class CallNumberView(Answer):
    """One of the numbers of a person who has several, with what was said of it alone."""

    endpoint: str
    recipient: dict[str, Any]
    extension: str | None = None
    type: NumberType | str | None = None
    hours: dict[str, Any] | None = None
    consent: dict[str, Any] | None = None


class CampaignRowError(Answer):
    """`row` counts from 1: objects of the request, or rows of the sheet."""

    row: int
    code: str
    field: str
    message: str


class Window(Said):
    """When the recipient may be called, by the recipient's clock. May pass midnight."""

    start: str
    end: str
    days: list[str] | None = None


class CampaignSchedule(Said):
    not_before: datetime | str | None = None
    window: Window | None = None
    call_deadline: datetime | str | None = None


class ConsentView(Answer):
    consent_id: str
    endpoint: str
    tier: ConsentTier | str
    method: str
    evidence: str | None
    scope: ScopeKind | str
    scope_id: str | None
    created_time: datetime
    granted_time: datetime
    expires_time: datetime | None
    revoked_time: datetime | None
    revocation: dict[str, Any] | None


class DecidedView(Answer):
    """What would be decided about it."""

    kind: DecisionKind | str
    reason: str
    detail: str
    until: datetime | None
    outcome: Outcome | str | None


class EventView(Answer):
    sequence: int
    type: str
    at: datetime
    data: dict[str, Any]


class Hours(Said):
    """One span of a day. An end at or before its start belongs to the next day."""

    start: str
    end: str


class OtherColumnView(Answer):
    """A column with further numbers; `type` as it was said, or as its name says."""

    column: str
    type: NumberType | str | None


class TitleRow(Answer):
    """A row above the header: it is no contact. `row` counts as a spreadsheet does."""

    row: int
    text: str


class LoadedView(Answer):
    """`errors` has the first hundred; `…/contacts/errors.csv` has all."""

    accepted: int
    rejected: int
    errors: list[CampaignRowError]
    phone_column: str | None = None
    phone_column_reason: ColumnReason | str | None = None
    other_columns: list[OtherColumnView] | None = None
    header: list[str] | None = None
    header_row: int | None = None
    title_rows: list[TitleRow] | None = None
    columns: dict[str, str] | None = None


class StandingView(Answer):
    """Where the call stands now."""

    status: CallStatus | str
    waiting_for: WaitingFor | str | None
    next_attempt_at: datetime | None
    reason: str | None


class MoveView(Answer):
    call_id: str
    was: StandingView
    becomes: DecidedView


class MovesView(Answer):
    """The answer to `dryRun=true`: nothing was changed."""

    looked_at: int
    moved: int
    moves: list[MoveView]
    dry_run: bool | None = None


class Recipient(Said):
    """What is known of where the recipient is."""

    timezone: str | None = None
    country: str | None = None
    postal_code: str | None = None


class StatedConsent(Said):
    """That the recipient agreed to be called, as the caller states it for this call."""

    tier: ConsentTier
    method: str
    evidence: str | None = None
    granted_time: datetime | str | None = None


class OtherNumber(Said):
    """Another number of the same person, with what is of this number alone."""

    endpoint: str
    type: NumberType | None = None
    recipient: Recipient | None = None
    hours: Window | None = None
    consent: StatedConsent | None = None


class OutboundOverride(Said):
    """Another spelling of `callerId` in use elsewhere; the display name is not sent."""

    phone_number: str | None = None
    display_name: str | None = None


class Retry(Said):
    """When to try again after what; what is left out comes from the agent, then from
    Trunkline.
    """

    max_attempts: int = 3
    busy: timedelta | str = "PT4H"
    no_answer: timedelta | str = "PT24H"
    network_error: timedelta | str = "PT1H"
    voicemail: timedelta | str | None = None
    next_number: timedelta | str = "PT10M"
    not_served: int = 1
    different_time_of_day: DaypartChoice = "next"


class Schedule(Said):
    not_before: datetime | str | None = None
    window: Window | None = None


class ScheduleView(Answer):
    not_before: datetime | None
    window: dict[str, Any] | None


class SuppressionView(Answer):
    """`endpoint` null: the person was erased, and only a keyed hash is kept."""

    suppression_id: str
    endpoint: str | None
    scope: ScopeKind | str
    scope_id: str | None
    source: str
    reason: str | None
    call_id: str | None
    created_time: datetime
    expires_time: datetime | None
    removed_time: datetime | None
    removed_by: str | None
    of_person: bool | None = None


class Voicemail(Said):
    """What to do when a machine answers."""

    action: str
    message: str | None = None


class WaiverView(Answer):
    rule: str
    purposes: list[Purpose | str] | None
    reason: str
    by: str
    at: datetime
    simulated_only: bool
    ended_at: datetime | None
    ended_by: str | None
