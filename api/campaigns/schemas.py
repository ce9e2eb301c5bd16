"""What a client may ask of a campaign."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from api.calls.schemas import Instant, OtherNumber, Recipient, StatedConsent, Window
from api.campaigns.goals import GOAL, GoalRequest
from api.http.schema import (
    NOT_BLANK,
    Country,
    EndpointText,
    Identifier,
    JsonObject,
    Name,
    Request,
    Retry,
    Voicemail,
    WholeNumber,
    YesNo,
    Zone,
)
from policy.model.call import Outcome
from policy.model.purposes import Purpose

EXAMPLE: JsonObject = {
    "name": "March reminders",
    "agentId": "0b6f3a44-6c0e-4b52-9a49-0d1f3b1f7a55",
    "priority": 5,
    "maxConcurrent": 10,
    "callsPerMinute": 60,
    "timezone": "America/New_York",
    "schedule": {
        "notBefore": "2027-03-01T09:00:00",
        "window": {"days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "17:00"},
        "callDeadline": "2027-03-05T17:00:00-05:00",
    },
    "defaults": {"retry": {"maxAttempts": 2, "noAnswer": "PT4H"}, "context": {"firm": "Blue"}},
    "breaker": {"isEnabled": True, "minDials": 20, "failureShare": 0.5},
    "goal": GOAL,
    "contacts": [{"endpoint": "+12025550123", "context": {"name": "Ada"}}],
}
MAX_CONTACTS = 10_000

#: Another spelling of requests that is in use elsewhere.
_SPELLINGS = {"agent_id": "agentId", "pathway_id": "pathwayId"}
_SCHEDULE_SPELLINGS = {"start": "notBefore", "end": "callDeadline"}

SegmentFilter = Annotated[
    dict[str, Annotated[str, StringConstraints(max_length=1000)]],
    Field(min_length=1, max_length=10, description="Columns of the context and their values."),
]


class CampaignSchedule(Request):
    not_before: Instant | None = None
    window: Window | None = None
    call_deadline: Instant | None = None


class CampaignDefaults(Request):
    """What all calls of the campaign have in common; the rest comes from the agent."""

    context: JsonObject = Field(default_factory=dict, description="A contact's own goes before.")
    additional_data: JsonObject = Field(default_factory=dict, description="At most 16 KiB.")
    caller_id: EndpointText | None = Field(
        default=None, description="One of the agent's caller IDs. Default: one near the recipient."
    )
    retry: Retry | None = None
    voicemail: Voicemail | None = None
    ring_timeout: WholeNumber | None = Field(default=None, ge=5, le=600, description="Seconds.")
    max_duration: WholeNumber | None = Field(default=None, ge=10, le=14400, description="Seconds.")
    recording: YesNo | None = None
    recipient: Recipient | None = None
    purpose: Purpose | None = Field(default=None, description="Default: the agent's.")
    subject: (
        Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NOT_BLANK)] | None
    ) = None
    consent: StatedConsent | None = None
    allow_duplicate: YesNo = Field(default=False, description="Accept a number more than once.")


class BreakerRequest(Request):
    """Pause the campaign when dials fail technically."""

    is_enabled: YesNo = True
    min_dials: WholeNumber = Field(default=20, ge=1, le=10000)
    failure_share: float = Field(default=0.5, gt=0, le=1)


class CampaignBase(Request):
    """What a draft and a running campaign have."""

    name: Name
    agent_id: Identifier
    pathway_id: Identifier | None = Field(default=None, description="Default: the agent's.")
    priority: WholeNumber = Field(default=5, ge=0, le=10)
    max_concurrent: WholeNumber | None = Field(default=None, ge=1, le=10000)
    calls_per_minute: WholeNumber | None = Field(default=None, ge=1, le=100000)
    timezone: Zone | None = Field(
        default=None, description="Of wall times in this request. Default: the agent's."
    )
    schedule: CampaignSchedule | None = None
    defaults: CampaignDefaults | None = None
    breaker: BreakerRequest | None = None
    spend_limit: WholeNumber | None = Field(
        default=None, ge=0, le=10**15, description="In millionths of the account's currency."
    )
    goal: GoalRequest | None = None

    @model_validator(mode="before")
    @classmethod
    def _other_spellings(cls, said: Any) -> Any:
        if not isinstance(said, dict):
            return said
        said = {_SPELLINGS.get(name, name): value for name, value in said.items()}
        schedule = said.get("schedule")
        if not isinstance(schedule, dict):
            return said
        renamed = {_SCHEDULE_SPELLINGS.get(name, name): v for name, v in schedule.items()}
        if "timezone" in renamed:
            said.setdefault("timezone", renamed.pop("timezone"))
        return {**said, "schedule": renamed}


class CampaignRequest(CampaignBase):
    """A new campaign: a draft until it is started."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    contacts: list[Any] = Field(
        default_factory=list, max_length=MAX_CONTACTS, description="As in `…/contacts`."
    )


class CampaignPatch(CampaignBase):
    """The fields to change; the others stay. `schedule` changes field by field, too."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"maxConcurrent": 20, "priority": 7}]}
    )

    name: Name = ""
    agent_id: Identifier = ""


class ContactsRequest(Request):
    """Contacts: `{endpoint, clientToken?, timezone?, context?}` each, checked one by one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "contacts": [
                        {
                            "endpoint": "+12025550123",
                            "clientToken": "C-1017",
                            "timezone": "America/Chicago",
                            "context": {"name": "Ada"},
                            "otherNumbers": [{"endpoint": "+12025550124", "type": "home"}],
                        }
                    ]
                }
            ]
        }
    )

    contacts: list[Any] = Field(min_length=1, max_length=MAX_CONTACTS)
    default_country: Country | None = Field(
        default=None, description="Of numbers without +, as `US`."
    )


class ContactNumbers(Request):
    """Further numbers of the person of one contact, as of a call."""

    other_numbers: list[OtherNumber] = Field(max_length=9)


ContactId = Annotated[WholeNumber, Field(ge=1, le=2**63 - 1)]


class ContactCorrection(Request):
    """What a rejected row says from now on; what is not named stays."""

    contact_id: ContactId
    endpoint: Annotated[str, StringConstraints(max_length=255)] | None = Field(
        default=None, description="A number in any spelling, also with an extension."
    )
    timezone: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None, description="Empty: none."
    )
    context: dict[str, Annotated[str, StringConstraints(max_length=4000)]] = Field(
        default_factory=dict, max_length=100, description="Only what changes of it."
    )


class CorrectionsRequest(Request):
    """Rejected rows to mend, and rejected rows that are not wanted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "corrections": [
                        {"contactId": 17, "endpoint": "(202) 555-0123"},
                        {"contactId": 18, "context": {"name": "Ada"}},
                    ],
                    "drop": [19],
                    "defaultCountry": "US",
                }
            ]
        }
    )

    corrections: list[ContactCorrection] = Field(default_factory=list, max_length=50)
    drop: list[ContactId] = Field(default_factory=list, max_length=1000)
    default_country: Country | None = Field(
        default=None, description="Of numbers without +, as `US`."
    )


class StartRequest(Request):
    """Which contacts to call; the others are dropped. Default: all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"segment": {"city": "Chicago"}}]})

    segment: SegmentFilter | None = None


class PauseRequest(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{"detail": "Lines are full"}]})

    detail: Annotated[str, StringConstraints(max_length=500)] | None = None


class DuplicateRequest(Request):
    """The copy's name, and whether it has the contacts, too."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "April reminders"}]})

    name: Name | None = None
    contacts: YesNo = True
    segment: SegmentFilter | None = None


class RedialRequest(Request):
    """Whom to call again: those whose calls ended with these outcomes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"outcomes": ["no_answer", "busy"]}]})

    outcomes: list[Outcome] = Field(min_length=1, max_length=20)
    segment: SegmentFilter | None = None
    name: Name | None = None
