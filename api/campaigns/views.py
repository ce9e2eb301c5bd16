"""What a campaign, its contacts and its preflight look like from outside."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.calls.number_views import CallNumberView, number_view
from api.campaigns.examples import (
    CAMPAIGN,
    CONTACT,
    LOADED,
    PREFLIGHT,
    PROGRESS,
    REJECTED,
    shown,
)
from api.campaigns.goals import GoalProgressView, goal_shown
from api.files.schemas import FileView
from api.http.schema import JsonObject, View
from contracts.names import campaign_workflow_id
from policy.model.call import CampaignStatus, ContactState, ExtensionUse, Outcome
from storage.tables import Campaign, Contact


class CampaignScheduleView(View):
    not_before: datetime | None
    window: JsonObject | None
    call_deadline: datetime | None


class CampaignView(View):
    """A campaign. `reason` is a stable code of why it stands where it does, `detail` a sentence."""

    model_config = shown(CAMPAIGN)

    campaign_id: str
    name: str
    status: CampaignStatus
    reason: str | None
    detail: str | None
    agent_id: str
    pathway_id: str | None
    priority: int
    max_concurrent: int | None
    calls_per_minute: int | None
    timezone: str
    schedule: CampaignScheduleView
    defaults: JsonObject
    breaker: JsonObject
    spend_limit: int | None
    goal: JsonObject | None
    source_campaign_id: str | None
    workflow_id: str
    created_time: datetime
    updated_time: datetime
    started_time: datetime | None
    paused_time: datetime | None
    completed_time: datetime | None


class WaitingView(View):
    """Calls that wait, by what for."""

    slot: int
    window: int
    retry: int


class DeadlineRisk(View):
    """`moreSlots`: null if no number of slots would do; `moreMinutes`: null without an end."""

    will_miss: int
    more_slots: int | None
    more_minutes: int | None
    detail: str


class ProgressView(View):
    """Counted anew at each request. `spent` is in millionths of the account's currency."""

    contacts: dict[ContactState, int]
    statuses: dict[str, int]
    outcomes: dict[Outcome, int]
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


class CampaignDetail(CampaignView):
    model_config = shown({**CAMPAIGN, "progress": PROGRESS})

    progress: ProgressView


class CampaignList(View):
    model_config = shown({"campaigns": [CAMPAIGN], "total": 1})

    campaigns: list[CampaignView]
    total: int


class ContactRowError(View):
    """`row` counts from 1: objects of the request, or rows of the sheet."""

    model_config = ConfigDict(title="RowError")

    row: int
    code: str
    field: str
    message: str


class LoadedView(FileView):
    """`errors` has the first hundred; `…/contacts/errors.csv` has all."""

    model_config = shown(LOADED)

    accepted: int
    rejected: int
    errors: list[ContactRowError]
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Of a file: the column that fills each variable that is not named like one.",
    )


class CampaignCreated(CampaignView):
    model_config = shown({**CAMPAIGN, "contacts": LOADED})

    contacts: LoadedView


class CampaignCopy(CampaignView):
    """The new draft, and how many contacts it has."""

    model_config = shown({**CAMPAIGN, "contacts": 480})

    contacts: int


class ContactView(View):
    contact_id: int
    row: int
    state: ContactState
    endpoint: str | None
    extension: str | None = Field(
        default=None, max_length=11, description="Keys that are pressed once somebody answers."
    )
    client_token: str | None
    timezone: str | None
    context: JsonObject
    numbers: list[CallNumberView] = Field(
        description="Of a person with several: all of them, in their order."
    )
    ready_at: datetime | None
    call_id: str | None
    error: ContactRowError | None


class ContactList(View):
    model_config = shown({"contacts": [CONTACT], "total": 1})

    contacts: list[ContactView]
    total: int


class CorrectionsView(View):
    """What became of the rows that were named. Those of `left` are no rejected rows of this
    campaign (any more): they stay as they are."""

    model_config = shown({"mended": [17], "dropped": [19], "left": [], "rejected": [REJECTED]})

    mended: list[int]
    dropped: list[int]
    left: list[int]
    rejected: list[ContactView] = Field(description="Still wrong, with what was said and why.")


class DroppedView(View):
    model_config = shown({"dropped": 3})

    dropped: int


class RowVerdict(View):
    """`nextAt`: the first moment at which this contact may be called."""

    contact_id: int
    row: int
    verdict: Literal["ready", "later", "refused"]
    reason: str
    detail: str
    next_at: datetime | None
    timezones: list[str]


class ZoneView(View):
    """Contacts whose numbers may be in exactly these zones."""

    timezones: list[str]
    contacts: int
    ready: int
    later: int
    refused: int
    will_miss: int
    next_at: datetime | None


class ExtensionsView(View):
    """How many rows have an extension behind their number, and what becomes of those."""

    contacts: int = Field(ge=0, description="Staged ones, and those refused for it.")
    use: ExtensionUse = Field(description="`extensions` of the account.")


class PreflightView(View):
    """What would happen if the campaign started now, at one dial a contact."""

    model_config = shown(PREFLIGHT)

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
    notes: list[str] = Field(
        description="What its goal, variants, steps and best times will do, in sentences."
    )


def campaign_view(campaign: Campaign) -> CampaignView:
    """The row as the API shows it."""
    return CampaignView(**campaign_fields(campaign))


def campaign_fields(campaign: Campaign) -> dict[str, Any]:
    named = {"workflow_id", "schedule", "defaults", "breaker", "goal"}
    shared = {name: getattr(campaign, name) for name in CampaignView.model_fields.keys() - named}
    return {
        **shared,
        "workflow_id": campaign_workflow_id(campaign.campaign_id),
        "schedule": CampaignScheduleView(
            not_before=campaign.not_before,
            window=campaign.window_spec,
            call_deadline=campaign.call_deadline,
        ),
        "defaults": campaign.defaults_spec,
        "breaker": campaign.breaker_spec,
        "goal": goal_shown(campaign),
    }


def contact_view(contact: Contact) -> ContactView:
    """The row as the API shows it."""
    assert contact.contact_id is not None
    named = {"row", "error", "numbers"}
    shared = {name: getattr(contact, name) for name in ContactView.model_fields.keys() - named}
    numbers = [number_view(one) for one in contact.numbers_spec or ()]
    row, error = contact.row_number, _error(contact)
    return ContactView(**shared, row=row, error=error, numbers=numbers)


def _error(contact: Contact) -> ContactRowError | None:
    if contact.error_code is None:
        return None
    return ContactRowError(
        row=contact.row_number,
        code=contact.error_code,
        field=contact.error_field or "",
        message=contact.error or "",
    )
