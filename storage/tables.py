"""The tables. One class a table; every row that belongs to somebody carries its account.

Instants are aware UTC datetimes. Columns named `*_spec` hold the request's own JSON
(camelCase, already validated); `storage.specs` turns them into policy values.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from policy.call import (
    AttemptResult,
    AttemptState,
    CallStatus,
    DecisionKind,
    EndpointKind,
    Outcome,
    WaitingFor,
)
from storage.campaign_tables import Campaign as Campaign
from storage.campaign_tables import Contact as Contact
from storage.columns import (
    enum_column,
    id_column,
    json_column,
    partial_index,
    time_column,
)
from storage.dispatch_tables import CallTally as CallTally
from storage.dispatch_tables import DispatchDeficit as DispatchDeficit
from storage.dispatch_tables import Lease as Lease
from storage.dispatch_tables import Spending as Spending
from storage.types import Json, Serial, UtcDateTime

JsonObject = dict[str, Any]


class Account(SQLModel, table=True):
    """A tenant. `waivers`: [{"rule", "reason", "by", "at"}], recorded and never implied."""

    account_id: str = id_column()
    name: str
    #: The plan the caps were taken from; see `policy.plans`. None: caps of its own.
    plan: str | None = None
    max_concurrent: int = 100
    calls_per_minute: int = 600
    redial_unknown: bool = False
    #: In micro-units of the account's currency; None: no limit.
    spend_limit: int | None = Field(default=None, sa_type=BigInteger)
    #: What a minute and a call are reckoned at until the carrier says; see `policy.spend`.
    rates: JsonObject = json_column()
    waivers: list[JsonObject] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    created_time: datetime = time_column()


class ApiKey(SQLModel, table=True):
    """Only the SHA-256 of a key is kept; `prefix` is what people recognise it by."""

    __tablename__ = "api_key"
    api_key_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id", index=True)
    name: str = ""
    prefix: str
    sha256: str = Field(unique=True, max_length=64)
    scopes: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    created_time: datetime = time_column()
    revoked_time: datetime | None = time_column(nullable=True)


class Pathway(SQLModel, table=True):
    pathway_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id", index=True)
    name: str
    kind: str
    definition: JsonObject = json_column()
    created_time: datetime = time_column()
    updated_time: datetime = time_column()
    deleted_time: datetime | None = time_column(nullable=True)


class Agent(SQLModel, table=True):
    """Who calls: caller IDs, hours, defaults and caps. None as a cap means the account's."""

    agent_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id", index=True)
    name: str
    is_enabled: bool = True
    timezone: str = "UTC"
    business_hours_spec: JsonObject | None = json_column(nullable=True)
    caller_ids: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    pathway_id: str | None = None
    retry_spec: JsonObject | None = json_column(nullable=True)
    voicemail_spec: JsonObject | None = json_column(nullable=True)
    ring_timeout: int = 30
    max_duration: int = 1800
    max_concurrent: int | None = None
    calls_per_minute: int | None = None
    purpose: str | None = None
    recording: bool = False
    created_time: datetime = time_column()
    updated_time: datetime = time_column()
    deleted_time: datetime | None = time_column(nullable=True)


class Call(SQLModel, table=True):
    """One call from its acceptance to its outcome."""

    __table_args__ = (
        Index("ix_call_account_created", "account_id", "created_time", "call_id"),
        Index("ix_call_account_status", "account_id", "status", "created_time"),
        Index("ix_call_endpoint", "endpoint", "agent_id", "created_time"),
        # A class of the queue is a run of this index, oldest first.
        partial_index(
            "ix_call_slot_queue",
            "account_id",
            "agent_id",
            "campaign_id",
            "priority",
            "queued_at",
            where="waiting_for = 'slot'",
        ),
        # The queue as people page through it. Its condition is another one, though it means the
        # same, so that nobody looks for the head of a class in here.
        partial_index(
            "ix_call_slot_order",
            "account_id",
            "priority",
            "queued_at",
            "call_id",
            where="queued_at IS NOT NULL",
        ),
        partial_index(
            "ix_call_sleeping",
            "account_id",
            "next_attempt_at",
            "call_id",
            where="status = 'Queued' AND (waiting_for IS NULL OR waiting_for <> 'slot')",
        ),
        partial_index(
            "ix_call_slot_deadline",
            "account_id",
            "call_deadline",
            where="waiting_for = 'slot'",
        ),
        # Calls whose workflow is to be started: those due at once are a run of this index.
        partial_index(
            "ix_call_startable",
            "next_attempt_at",
            "priority",
            "created_time",
            where="status = 'Created'",
        ),
        partial_index("ix_call_cancel_requested", "status", where="cancel_requested"),
        partial_index(
            "ix_call_campaign", "campaign_id", "status", "outcome", where="campaign_id IS NOT NULL"
        ),
    )

    call_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id")
    agent_id: str = Field(foreign_key="agent.agent_id")
    campaign_id: str | None = None
    pathway_id: str | None = None
    endpoint: str
    endpoint_kind: EndpointKind = enum_column(EndpointKind, default=EndpointKind.PHONE)
    caller_id: str
    priority: int = 5
    status: CallStatus = enum_column(CallStatus, default=CallStatus.CREATED)
    waiting_for: WaitingFor | None = enum_column(WaitingFor, nullable=True)
    reason: str | None = None
    detail: str | None = None
    outcome: Outcome | None = enum_column(Outcome, nullable=True)
    #: What the pathway or the AI agent said of the conversation; becomes the outcome at its end.
    reported_outcome: Outcome | None = enum_column(Outcome, nullable=True)
    result: JsonObject | None = json_column(nullable=True)
    timezone: str
    not_before: datetime | None = time_column(nullable=True)
    call_deadline: datetime | None = time_column(nullable=True)
    window_spec: JsonObject | None = json_column(nullable=True)
    retry_spec: JsonObject = json_column()
    voicemail_spec: JsonObject = json_column()
    recipient_spec: JsonObject = json_column()
    ring_timeout: int = 30
    max_duration: int = 1800
    recording: bool = False
    context: JsonObject = json_column()
    additional_data: JsonObject = json_column()
    cancel_requested: bool = False
    created_time: datetime = time_column()
    queued_at: datetime | None = time_column(nullable=True)
    next_attempt_at: datetime | None = time_column(nullable=True)
    started_time: datetime | None = time_column(nullable=True)
    completed_time: datetime | None = time_column(nullable=True)
    duration_seconds: int | None = None
    attempt_count: int = 0
    event_sequence: int = 0


class Attempt(SQLModel, table=True):
    """One line of the dial ledger. `token` stands in the path of every callback URL."""

    __table_args__ = (
        UniqueConstraint("call_id", "number"),
        partial_index(
            "ix_attempt_unsettled",
            "to_endpoint",
            "from_endpoint",
            "account_id",
            where="settled_at IS NULL",
        ),
        Index("ix_attempt_settled", "account_id", "settled_at"),
        partial_index("ix_attempt_price_due", "price_due_at", where="price_due_at IS NOT NULL"),
    )

    attempt_id: str = id_column()
    call_id: str = Field(foreign_key="call.call_id")
    account_id: str
    number: int
    token: str = Field(unique=True)
    to_endpoint: str
    from_endpoint: str
    state: AttemptState = enum_column(AttemptState, default=AttemptState.INTENT)
    result: AttemptResult | None = enum_column(AttemptResult, nullable=True)
    carrier_sid: str | None = Field(default=None, unique=True)
    carrier_status: str | None = None
    error_code: int | None = None
    error: str | None = None
    answered_by: str | None = None
    message_left: bool | None = None
    recording_url: str | None = None
    recording_sid: str | None = None
    duration_seconds: int | None = None
    #: In micro-units of the account's currency: reckoned at its end, then the carrier's own price.
    cost: int | None = Field(default=None, sa_type=BigInteger)
    #: When to ask the carrier for its price; None: never, or not any more.
    price_due_at: datetime | None = time_column(nullable=True)
    #: Workflow time of the decision to dial and of its settlement; retries are counted from these.
    dialed_at: datetime = time_column()
    settled_at: datetime | None = time_column(nullable=True)
    #: The permission to dial ends here; None: with nothing but the lease.
    valid_until: datetime | None = time_column(nullable=True)
    sending_at: datetime | None = time_column(nullable=True)
    sent_at: datetime | None = time_column(nullable=True)
    ringing_at: datetime | None = time_column(nullable=True)
    answered_at: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)
    #: When the watch asked the carrier last.
    checked_at: datetime | None = time_column(nullable=True)


class DecisionRow(SQLModel, table=True):
    """Every decision ever made about a call, with what it was based on."""

    __tablename__ = "decision"
    call_id: str = Field(foreign_key="call.call_id", primary_key=True)
    step: int = Field(primary_key=True)
    at: datetime = time_column()
    kind: DecisionKind = enum_column(DecisionKind)
    reason: str
    detail: str
    until: datetime | None = time_column(nullable=True)
    valid_until: datetime | None = time_column(nullable=True)
    waiting_for: WaitingFor | None = enum_column(WaitingFor, nullable=True)
    outcome: Outcome | None = enum_column(Outcome, nullable=True)
    attempt_number: int | None = None
    rules: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    versions: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))


class Event(SQLModel, table=True):
    """Append-only outbox: one row a transition, written with the state it tells of."""

    __table_args__ = (UniqueConstraint("call_id", "sequence"),)

    event_id: int | None = Field(default=None, sa_column=Column(Serial, primary_key=True))
    account_id: str = Field(index=True)
    call_id: str | None = Field(default=None, foreign_key="call.call_id")
    sequence: int
    type: str
    at: datetime = time_column()
    data: JsonObject = json_column()


class IdempotencyKey(SQLModel, table=True):
    """The answer given to a request, kept 24 h under the client's key."""

    __tablename__ = "idempotency_key"
    account_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=255)
    body_sha256: str
    status_code: int
    response: JsonObject = json_column()
    headers: JsonObject = json_column()
    created_time: datetime = Field(
        default=None, sa_column=Column(UtcDateTime(), nullable=False, index=True)
    )
