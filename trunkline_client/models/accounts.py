"""What is said and answered of `accounts`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import (
    ExtensionUse,
    NumberCheck,
    Outcome,
    Purpose,
    Retry,
    Voice,
    Voicemail,
    WaiverView,
)

Ending = Literal[
    "hung_up",
    "callee_hung_up",
    "transferred",
    "connected",
    "handed_over",
    "left_to_machine",
    "withheld",
]

HeardAs = Literal["digits", "speech", "nothing", "hang_up", "machine", "transfer_over"]

LineType = Literal[
    "mobile",
    "landline",
    "fixedVoip",
    "nonFixedVoip",
    "personal",
    "tollFree",
    "premium",
    "sharedCost",
    "uan",
    "voicemail",
    "pager",
    "unknown",
]

NoData = Literal["refuse", "dial"]

Notice = Literal["identity", "callback_number", "ai", "recording", "opt_out"]

Plan = Literal["starter", "professional", "enterprise"]

Returned = Literal["complete", "pause", "keep"]

Sector = Literal["bank", "lender", "insurer", "securities", "other"]


class Rates(Said):
    """In micro-units of the currency: 14000 is 0.014. What is left out is Twilio's list
    price.
    """

    currency: str = "USD"
    per_minute: int = 14000
    machine_detection: int = 7500
    recording_per_minute: int = 2500
    line_type_lookup: int = 8000
    reassigned_lookup: int = 20000


class AccountPatch(Said):
    """The fields to change; the others stay. A plan sets both caps."""

    name: str = ""
    plan: Plan | None = None
    max_concurrent: int = 1
    calls_per_minute: int = 1
    rates: Rates | None = None
    spend_limit: int | None = None
    redial_unknown: bool = False
    hung_up_early_seconds: int = 2
    sector: Sector | None = None
    extensions: ExtensionUse = "refuse"


class DialingPauseView(Answer):
    """The carrier refuses the account's requests, and nobody is dialed but one call that
    tries.
    """

    since: datetime
    cause: str
    next_probe_at: datetime | None
    vain_probes: int


class AccountView(Answer):
    """The account of the key."""

    account_id: str
    name: str
    plan: Plan | str | None
    max_concurrent: int
    calls_per_minute: int
    rates: dict[str, Any]
    spend_limit: int | None
    spent: int
    redial_unknown: bool
    hung_up_early_seconds: int
    dialing_pause: DialingPauseView | None
    extensions: ExtensionUse | str
    sector: Sector | str | None
    waivers: list[WaiverView]


class AgentView(Answer):
    """An agent. `voicemail` null: nobody listens for machines on its calls."""

    agent_id: str
    name: str
    is_enabled: bool
    timezone: str
    business_hours: dict[str, Any] | None
    caller_ids: list[str]
    heals_caller_ids: bool
    pathway_id: str | None
    retry: dict[str, Any] | None
    voicemail: dict[str, Any] | None
    ring_timeout: int
    max_duration: int
    max_concurrent: int | None
    calls_per_minute: int | None
    hung_up_early_seconds: int | None
    purpose: Purpose | str | None
    voice: Voice | str
    identity: dict[str, Any] | None
    inbound: dict[str, Any] | None
    recording: bool
    clearances: list[dict[str, Any]] | None
    last_word: dict[str, Any] | None
    created_time: datetime
    updated_time: datetime


class AgentList(Answer):
    """`total` counts all of the account."""

    agents: list[AgentView]
    total: int


class ClearanceRequest(Said):
    """One check, whose answer must not be older than `maxAge` when the number is dialed."""

    check: NumberCheck
    max_age: timedelta | str
    refuse: list[LineType] | None = None
    no_data: NoData | None = None
    list: str | None = None


class Hours(Said):
    """One span of a day. An end at or before its start belongs to the next day."""

    start: str
    end: str


class IdentityRequest(Said):
    """Who calls, as people are told. Where a rule asks for it, this is said first."""

    name: str
    callback_number: str | None = None
    words: dict[str, str] | None = None
    goodbye: str | None = None


class InboundRequest(Said):
    """What happens when somebody calls one of the caller IDs."""

    waiting_call: Returned = "keep"
    say: str | None = None
    transfer_to: str | None = None


class LastWordRequest(Said):
    """Whom to ask before each dial, once its slot is granted. Nobody is dialed without a
    yes.
    """

    url: str
    timeout_seconds: int = 5
    tries: int = 5


class AgentPatch(Said):
    """The fields to change; the others stay."""

    name: str = ""
    is_enabled: bool = True
    timezone: str = "UTC"
    business_hours: dict[str, list[Hours]] | None = None
    caller_ids: list[str] = Field(default_factory=list)
    heals_caller_ids: bool = False
    pathway_id: str | None = None
    retry: Retry | None = None
    voicemail: Voicemail | None = None
    ring_timeout: int = 30
    max_duration: int = 1800
    max_concurrent: int | None = None
    calls_per_minute: int | None = None
    hung_up_early_seconds: int | None = None
    purpose: Purpose | None = None
    voice: Voice = "artificial"
    identity: IdentityRequest | None = None
    inbound: InboundRequest | None = None
    recording: bool = False
    clearances: list[ClearanceRequest] | None = None
    last_word: LastWordRequest | None = None


class AgentRequest(Said):
    """A new agent, or all of an existing one."""

    name: str
    is_enabled: bool = True
    timezone: str = "UTC"
    business_hours: dict[str, list[Hours]] | None = None
    caller_ids: list[str] = Field(default_factory=list)
    heals_caller_ids: bool = False
    pathway_id: str | None = None
    retry: Retry | None = None
    voicemail: Voicemail | None = None
    ring_timeout: int = 30
    max_duration: int = 1800
    max_concurrent: int | None = None
    calls_per_minute: int | None = None
    hung_up_early_seconds: int | None = None
    purpose: Purpose | None = None
    voice: Voice = "artificial"
    identity: IdentityRequest | None = None
    inbound: InboundRequest | None = None
    recording: bool = False
    clearances: list[ClearanceRequest] | None = None
    last_word: LastWordRequest | None = None


class CarrierAccountView(Answer):
    """An account at the carrier."""

    carrier_account_id: str
    name: str
    account_sid: str
    region: str | None
    edge: str | None
    caller_ids: list[str]
    token_time: datetime
    former_token_ends_time: datetime | None
    created_time: datetime
    updated_time: datetime


class CarrierAccountList(Answer):
    """`total` counts all of the account."""

    carrier_accounts: list[CarrierAccountView]
    total: int


class CarrierAccountPatch(Said):
    """The fields that are named change."""

    name: str = ""
    region: str | None = None
    edge: str | None = None
    caller_ids: list[str] = Field(default_factory=list)


class CarrierAccountRequest(Said):
    """An account at Twilio, and the numbers that are dialed from by it."""

    name: str
    account_sid: str
    auth_token: str
    region: str | None = None
    edge: str | None = None
    caller_ids: list[str] = Field(default_factory=list)


class DraftRehearsalRequest(Said):
    """The same for a pathway that is not saved."""

    kind: str
    definition: dict[str, Any]
    context: dict[str, Any] = Field(default_factory=dict)
    steps: list[str] = Field(default_factory=list)
    agent_id: str | None = None
    notices: list[Notice] = Field(default_factory=list)


class LastWordSecret(Answer):
    """What signs requests for the last word, as webhooks are signed. It is shown this
    once.
    """

    secret: str


class OwnKeyView(Answer):
    """The key with which the request came. `scopes`: what it may do; `calls:*` is
    `calls:read` and `calls:write`, `*` is all.
    """

    name: str
    prefix: str
    scopes: list[str]
    created_time: datetime


class PathwayView(Answer):
    """A pathway."""

    pathway_id: str
    name: str
    kind: str
    definition: dict[str, Any]
    created_time: datetime
    updated_time: datetime


class PathwayList(Answer):
    """`total` counts all of the account."""

    pathways: list[PathwayView]
    total: int


class PathwayPatch(Said):
    """The fields to change; the others stay."""

    name: str = ""
    kind: str = "script"
    definition: dict[str, Any] = Field(default_factory=dict)


class PathwayRequest(Said):
    """A new pathway, or all of an existing one. The definition's shape depends on its
    kind.
    """

    name: str
    kind: str
    definition: dict[str, Any]


class QuestionView(Answer):
    """What is waited for. `timeout` in seconds; `keys` and `phrases` are those that lead
    on.
    """

    node: str
    listens_for: list[str]
    keys: list[str]
    phrases: list[str]
    timeout: int


class RehearsalRequest(Said):
    """Who is called, and what they do; without steps: what they hear first."""

    context: dict[str, Any] = Field(default_factory=dict)
    steps: list[str] = Field(default_factory=list)
    agent_id: str | None = None
    notices: list[Notice] = Field(default_factory=list)


class TurnView(Answer):
    """What a step led to. Of the first turn `step` is null: the call was answered."""

    step: str | None
    heard_as: HeardAs | str | None
    heard: str
    nodes: list[str]
    said: list[str]
    values: dict[str, str]
    transferred_to: str | None
    connected_to: str | None
    outcome: Outcome | str | None


class RehearsalView(Answer):
    """A walk through a pathway. Nobody was called, and nothing is kept of it."""

    turns: list[TurnView]
    question: QuestionView | None
    ending: Ending | str | None
    outcome: Outcome | str | None
    missing_variables: list[str]
    unused_steps: list[str]


class TokenRequest(Said):
    """The next token."""

    auth_token: str
    overlap: timedelta | str = "PT24H"
