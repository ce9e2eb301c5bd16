"""Agents: who calls, when they work, and their defaults."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from api.accounts.clearance_schemas import ClearanceRequest, each_once
from api.http.schema import (
    NOT_BLANK,
    Day,
    EndpointText,
    Identifier,
    JsonObject,
    Name,
    Request,
    Retry,
    TimeOfDay,
    View,
    Voicemail,
    WholeNumber,
    YesNo,
    Zone,
    well_formed,
)
from policy.calls.call_reason import MOST_CHARACTERS, objection
from policy.model.person import Returned
from policy.model.purposes import Notice, Purpose, Voice
from policy.time.best_times import BestTimePreset
from storage.tables import Agent

Sentence = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, pattern=NOT_BLANK),
    AfterValidator(well_formed),
]


def _reason_to_show(text: str) -> str:
    """Raises what the carrier, or the callee's privacy, has against it."""
    objected = objection(text)
    if objected is not None:
        raise PydanticCustomError("call_reason", "{objected}", {"objected": objected})
    return text


CallReason = Annotated[
    str,
    StringConstraints(min_length=1),
    AfterValidator(_reason_to_show),
    # What of it a schema can say; `_reason_to_show` words it for people.
    Field(json_schema_extra={"maxLength": MOST_CHARACTERS, "pattern": "^ *[!-z|~][ -z|~]*$"}),
]

EXAMPLE: JsonObject = {
    "name": "Appointment reminders",
    "isEnabled": True,
    "timezone": "America/New_York",
    "businessHours": {
        "mon": [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:30"}],
        "sat": [{"start": "22:00", "end": "02:00"}],
    },
    "callerIds": ["+12025550100"],
    "pathwayId": "5f0f6b1e-7a53-4a2f-9d1c-0c9a4f8f2a10",
    "retry": {"maxAttempts": 3, "busy": "PT4H", "noAnswer": "PT24H"},
    "voicemail": {"action": "leave_message", "message": "Please call us back."},
    "ringTimeout": 30,
    "maxConcurrent": 5,
    "callsPerMinute": 60,
    "purpose": "reminder",
    "voice": "artificial",
    "identity": {"name": "Blue Clinic", "callbackNumber": "+12025550100"},
    "inbound": {"waitingCall": "complete", "say": "We will call you again."},
    "recording": False,
    "bestTimes": "consumers",
    "callReason": "Your appointment",
    "clearances": [{"check": "reassigned", "maxAge": "P30D"}],
}


class Hours(Request):
    """One span of a day. An end at or before its start belongs to the next day."""

    start: TimeOfDay
    end: TimeOfDay


class IdentityRequest(Request):
    """Who calls, as people are told. Where a rule asks for it, this is said first."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NOT_BLANK)]
    callback_number: EndpointText | None = None
    words: dict[Notice, Sentence] | None = Field(
        default=None,
        description="Your own sentence for a notice, in any language. `{{name}}` and "
        "`{{callbackNumber}}` are filled in.",
    )
    goodbye: Sentence | None = Field(default=None, description="Said to somebody who opts out.")


class InboundRequest(Request):
    """What happens when somebody calls one of the caller IDs."""

    waiting_call: Returned = Field(
        default=Returned.KEEP, description="What becomes of a call that waits for this person."
    )
    say: Sentence | None = None
    transfer_to: EndpointText | None = None


class LastWordRequest(Request):
    """Whom to ask before each dial, once its slot is granted. Nobody is dialed without a yes."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)] = Field(
        description="https, and reachable from the public Internet."
    )
    timeout_seconds: WholeNumber = Field(default=5, ge=1, le=30)
    tries: WholeNumber = Field(
        default=5, ge=1, le=20, description="After so many without an answer the call ends."
    )


class LastWordSecret(View):
    """What signs requests for the last word, as webhooks are signed. It is shown this once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"secret": "whsec_c2VjcmV0"}]})

    secret: str


class AgentRequest(Request):
    """A new agent, or all of an existing one."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: Name
    is_enabled: YesNo = True
    timezone: Zone = "UTC"
    business_hours: dict[Day, list[Hours]] | None = Field(
        default=None, description="Absent: always. A day left out is closed."
    )
    caller_ids: list[EndpointText] = Field(default_factory=list, max_length=1000)
    heals_caller_ids: YesNo = Field(
        default=False,
        description="Rest numbers that people have begun to let ring, and try them again later.",
    )
    best_times: BestTimePreset | None = Field(
        default=None,
        description="Times of the week that are tried first, on the recipients' clocks: of a "
        "preset until 40 of its calls were answered, then as learned.",
    )
    call_reason: CallReason | None = Field(
        default=None,
        description="Shown on phones where the carrier can: at most 64 characters of plain "
        "text, the same for everybody.",
    )
    pathway_id: Identifier | None = None
    retry: Retry | None = None
    voicemail: Voicemail | None = None
    ring_timeout: WholeNumber = Field(default=30, ge=5, le=600, description="Seconds.")
    max_duration: WholeNumber = Field(default=1800, ge=10, le=14400, description="Seconds.")
    max_concurrent: WholeNumber | None = Field(default=None, ge=1, le=10000)
    calls_per_minute: WholeNumber | None = Field(default=None, ge=1, le=100000)
    hung_up_early_seconds: WholeNumber | None = Field(
        default=None, ge=0, le=30, description="Default: the account's."
    )
    purpose: Purpose | None = Field(
        default=None, description="With none the rules of all purposes hold."
    )
    voice: Voice = Field(
        default=Voice.ARTIFICIAL, description="`live` only where a person speaks first."
    )
    identity: IdentityRequest | None = None
    inbound: InboundRequest | None = None
    recording: YesNo = False
    clearances: Annotated[list[ClearanceRequest] | None, AfterValidator(each_once)] = Field(
        default=None,
        max_length=20,
        description="What must be known of a number, and lately, when it is dialed.",
    )
    last_word: LastWordRequest | None = None


class AgentPatch(AgentRequest):
    """The fields to change; the others stay."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"isEnabled": False, "maxConcurrent": 10}]}
    )

    name: Name = ""


_SHOWN: JsonObject = {
    **EXAMPLE,
    "agentId": "0b6f3a44-6c0e-4b52-9a49-0d1f3b1f7a55",
    "createdTime": "2027-02-27T20:11:09Z",
    "updatedTime": "2027-02-27T20:11:09Z",
}


class AgentView(View):
    """An agent. `voicemail` null: nobody listens for machines on its calls."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN]})

    agent_id: str
    name: str
    is_enabled: bool
    timezone: str
    business_hours: JsonObject | None
    caller_ids: list[str]
    heals_caller_ids: bool
    best_times: BestTimePreset | None
    call_reason: str | None
    pathway_id: str | None
    retry: JsonObject | None
    voicemail: JsonObject | None
    ring_timeout: int
    max_duration: int
    max_concurrent: int | None
    calls_per_minute: int | None
    hung_up_early_seconds: int | None
    purpose: Purpose | None
    voice: Voice
    identity: JsonObject | None
    inbound: JsonObject | None
    recording: bool
    clearances: list[JsonObject] | None
    last_word: JsonObject | None
    created_time: datetime
    updated_time: datetime


class AgentList(View):
    """`total` counts all of the account."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"agents": [_SHOWN], "total": 1}]})

    agents: list[AgentView]
    total: int


#: Request field -> column, where the two differ: specs keep the request's JSON.
SPECS = {
    "business_hours": "business_hours_spec",
    "retry": "retry_spec",
    "voicemail": "voicemail_spec",
    "identity": "identity_spec",
    "inbound": "inbound_spec",
    "clearances": "clearance_spec",
    "last_word": "last_word_spec",
}


def columns(request: AgentRequest, *, said_only: bool = False) -> dict[str, Any]:
    """The request as columns of `Agent`; `said_only` leaves out what the client did not say."""
    names = request.model_fields_set if said_only else type(request).model_fields.keys()
    spec = request.as_spec()
    camel = {name: field.alias or name for name, field in type(request).model_fields.items()}
    return {
        SPECS.get(name, name): spec.get(camel[name]) if name in SPECS else getattr(request, name)
        for name in names
    }


def agent_view(agent: Agent) -> AgentView:
    """The row as the API shows it."""
    shared = {name: getattr(agent, SPECS.get(name, name)) for name in AgentView.model_fields}
    return AgentView(**{**shared, "voicemail": agent.voicemail_spec or None})
