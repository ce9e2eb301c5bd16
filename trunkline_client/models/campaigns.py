"""What is said and answered of `campaigns`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import (
    CampaignSchedule,
    ExtensionUse,
    LoadedView,
    Outcome,
    Purpose,
    Recipient,
    Retry,
    StatedConsent,
    Voicemail,
)

CampaignStatus = Literal["Draft", "Running", "Paused", "Completed", "Canceled"]


class BreakerRequest(Said):
    """Pause the campaign when dials fail technically."""

    is_enabled: bool = True
    min_dials: int = 20
    failure_share: float = 0.5


class CampaignScheduleView(Answer):
    not_before: datetime | None
    window: dict[str, Any] | None
    call_deadline: datetime | None


class CampaignCopy(Answer):
    """The new draft, and how many contacts it has."""

    campaign_id: str
    name: str
    status: CampaignStatus | str
    reason: str | None
    detail: str | None
    agent_id: str
    pathway_id: str | None
    priority: int
    max_concurrent: int | None
    calls_per_minute: int | None
    timezone: str
    schedule: CampaignScheduleView
    defaults: dict[str, Any]
    breaker: dict[str, Any]
    spend_limit: int | None
    goal: dict[str, Any] | None
    source_campaign_id: str | None
    workflow_id: str
    created_time: datetime
    updated_time: datetime
    started_time: datetime | None
    paused_time: datetime | None
    completed_time: datetime | None
    contacts: int


class CampaignCreated(Answer):
    campaign_id: str
    name: str
    status: CampaignStatus | str
    reason: str | None
    detail: str | None
    agent_id: str
    pathway_id: str | None
    priority: int
    max_concurrent: int | None
    calls_per_minute: int | None
    timezone: str
    schedule: CampaignScheduleView
    defaults: dict[str, Any]
    breaker: dict[str, Any]
    spend_limit: int | None
    goal: dict[str, Any] | None
    source_campaign_id: str | None
    workflow_id: str
    created_time: datetime
    updated_time: datetime
    started_time: datetime | None
    paused_time: datetime | None
    completed_time: datetime | None
    contacts: LoadedView


class CampaignDefaults(Said):
    """What all calls of the campaign have in common; the rest comes from the agent."""

    context: dict[str, Any] = Field(default_factory=dict)
    additional_data: dict[str, Any] = Field(default_factory=dict)
    caller_id: str | None = None
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


class DeadlineRisk(Answer):
    """`moreSlots`: null if no number of slots would do; `moreMinutes`: null without an
    end.
    """

    will_miss: int
    more_slots: int | None
    more_minutes: int | None
    detail: str


class GoalSegmentView(Answer):
    segment: str
    found: int
    target: int
    is_full: bool


class GoalProgressView(Answer):
    """`met` is null while it is open. `neverCalled`: people who never had to be called."""

    met: str | None
    reached_at: datetime | None
    found: int | None
    target: int | None
    segments: list[GoalSegmentView]
    spent: int
    spend: int | None
    until: datetime | None
    never_called: int


class WaitingView(Answer):
    """Calls that wait, by what for."""

    slot: int
    window: int
    retry: int


class ProgressView(Answer):
    """Counted anew at each request. `spent` is in millionths of the account's currency."""

    contacts: dict[str, int]
    statuses: dict[str, int]
    outcomes: dict[str, int]
    attempts: int
    in_flight: int
    last_in_flight_ends_by: datetime | None
    waiting: WaitingView
    calls_per_minute: float
    ended_per_minute: float
    spent: int
    eta: datetime | None
    deadline_risk: DeadlineRisk | None
    goal: GoalProgressView | None


class CampaignDetail(Answer):
    campaign_id: str
    name: str
    status: CampaignStatus | str
    reason: str | None
    detail: str | None
    agent_id: str
    pathway_id: str | None
    priority: int
    max_concurrent: int | None
    calls_per_minute: int | None
    timezone: str
    schedule: CampaignScheduleView
    defaults: dict[str, Any]
    breaker: dict[str, Any]
    spend_limit: int | None
    goal: dict[str, Any] | None
    source_campaign_id: str | None
    workflow_id: str
    created_time: datetime
    updated_time: datetime
    started_time: datetime | None
    paused_time: datetime | None
    completed_time: datetime | None
    progress: ProgressView


class CampaignView(Answer):
    """A campaign. `reason` is a stable code of why it stands where it does, `detail` a
    sentence.
    """

    campaign_id: str
    name: str
    status: CampaignStatus | str
    reason: str | None
    detail: str | None
    agent_id: str
    pathway_id: str | None
    priority: int
    max_concurrent: int | None
    calls_per_minute: int | None
    timezone: str
    schedule: CampaignScheduleView
    defaults: dict[str, Any]
    breaker: dict[str, Any]
    spend_limit: int | None
    goal: dict[str, Any] | None
    source_campaign_id: str | None
    workflow_id: str
    created_time: datetime
    updated_time: datetime
    started_time: datetime | None
    paused_time: datetime | None
    completed_time: datetime | None


class CampaignList(Answer):
    campaigns: list[CampaignView]
    total: int


class GoalQuotas(Said):
    """So many for each value of a contact's variable; whoever has another value is not
    called.
    """

    variable: str
    targets: dict[str, int]


class GoalRequest(Said):
    """What the campaign is made for. It ends when the first of these is reached."""

    outcomes: list[Outcome] = Field(default_factory=list)
    transferred_to: list[str] = Field(default_factory=list)
    target: int | None = None
    quotas: GoalQuotas | None = None
    spend: int | None = None
    until: datetime | str | None = None


class CampaignPatch(Said):
    """The fields to change; the others stay. `schedule` changes field by field, too."""

    name: str = ""
    agent_id: str = ""
    pathway_id: str | None = None
    priority: int = 5
    max_concurrent: int | None = None
    calls_per_minute: int | None = None
    timezone: str | None = None
    schedule: CampaignSchedule | None = None
    defaults: CampaignDefaults | None = None
    breaker: BreakerRequest | None = None
    spend_limit: int | None = None
    goal: GoalRequest | None = None


class CampaignRequest(Said):
    """A new campaign: a draft until it is started."""

    name: str
    agent_id: str
    pathway_id: str | None = None
    priority: int = 5
    max_concurrent: int | None = None
    calls_per_minute: int | None = None
    timezone: str | None = None
    schedule: CampaignSchedule | None = None
    defaults: CampaignDefaults | None = None
    breaker: BreakerRequest | None = None
    spend_limit: int | None = None
    goal: GoalRequest | None = None
    contacts: list[Any] = Field(default_factory=list)


class DuplicateRequest(Said):
    """The copy's name, and whether it has the contacts, too."""

    name: str | None = None
    contacts: bool = True
    segment: dict[str, str] | None = None


class ExtensionsView(Answer):
    """How many rows have an extension behind their number, and what becomes of those."""

    contacts: int
    use: ExtensionUse | str


class PauseRequest(Said):
    detail: str | None = None


class RowVerdict(Answer):
    """`nextAt`: the first moment at which this contact may be called."""

    contact_id: int
    row: int
    verdict: str
    reason: str
    detail: str
    next_at: datetime | None
    timezones: list[str]


class ZoneView(Answer):
    """Contacts whose numbers may be in exactly these zones."""

    timezones: list[str]
    contacts: int
    ready: int
    later: int
    refused: int
    will_miss: int
    next_at: datetime | None


class PreflightView(Answer):
    """What would happen if the campaign started now, at one dial a contact."""

    contacts: int
    ready: int
    later: int
    refused: int
    invalid: int
    extensions: ExtensionsView
    reasons: dict[str, int]
    next_at: datetime | None
    ends_at: datetime | None
    will_miss: int
    zones: list[ZoneView]
    rows: list[RowVerdict]
    notes: list[str]


class RedialRequest(Said):
    """Whom to call again: those whose calls ended with these outcomes."""

    outcomes: list[Outcome]
    segment: dict[str, str] | None = None
    name: str | None = None


class StartRequest(Said):
    """Which contacts to call; the others are dropped. Default: all."""

    segment: dict[str, str] | None = None
