"""What is said and answered of `agents`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import (
    BestTimePreset,
    Hours,
    NumberCheck,
    Outcome,
    Purpose,
    Retry,
    Voice,
    Voicemail,
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

HeardAs = Literal[
    "digits",
    "speech",
    "nothing",
    "hang_up",
    "machine",
    "transfer_over",
    "transfer_missed",
    "message",
]

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

Returned = Literal["complete", "pause", "keep"]


class AgentView(Answer):
    """An agent. `voicemail` null: nobody listens for machines on its calls."""

    agent_id: str
    name: str
    is_enabled: bool
    timezone: str
    business_hours: dict[str, Any] | None
    caller_ids: list[str]
    heals_caller_ids: bool
    best_times: BestTimePreset | str | None
    call_reason: str | None
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
    best_times: BestTimePreset | None = None
    call_reason: str | None = None
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
    best_times: BestTimePreset | None = None
    call_reason: str | None = None
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
