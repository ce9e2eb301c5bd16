"""The tables of calls. Import them from `storage.tables`, like all others."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from policy.model.call import (
    AttemptResult,
    AttemptState,
    CallStatus,
    DecisionKind,
    EndpointKind,
    Outcome,
    WaitingFor,
)
from policy.model.person import Returned
from policy.model.purposes import Purpose
from storage.tables.columns import enum_column, id_column, json_column, partial_index, time_column
from storage.tables.types import Json

JsonObject = dict[str, Any]


class Call(SQLModel, table=True):
    """One call from its acceptance to its outcome."""

    __table_args__ = (
        Index("ix_call_account_created", "account_id", "created_time", "call_id"),
        Index("ix_call_account_status", "account_id", "status", "created_time"),
        Index("ix_call_endpoint", "endpoint", "agent_id", "created_time"),
        # A class of the queue is two runs of this index: by deadline, and without one by age.
        partial_index(
            "ix_call_slot_queue",
            "account_id",
            "agent_id",
            "campaign_id",
            "priority",
            "call_deadline",
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
            where="status = 'Created' AND (waiting_for IS NULL OR waiting_for <> 'slot')",
        ),
        # Those that wait for a slot as rows, by when their workflow is to begin in any case.
        partial_index(
            "ix_call_workflow_by",
            "workflow_by",
            where="status = 'Created' AND waiting_for = 'slot'",
        ),
        # Calls of which nothing was removed yet, by their end.
        partial_index(
            "ix_call_kept", "completed_time", where="kept AND completed_time IS NOT NULL"
        ),
        partial_index("ix_call_cancel_requested", "status", where="cancel_requested"),
        partial_index(
            "ix_call_campaign", "campaign_id", "status", "outcome", where="campaign_id IS NOT NULL"
        ),
        partial_index("ix_call_sequence", "sequence_id", where="sequence_id IS NOT NULL"),
    )

    call_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id")
    agent_id: str = Field(foreign_key="agent.agent_id")
    campaign_id: str | None = None
    pathway_id: str | None = None
    endpoint: str
    endpoint_kind: EndpointKind = enum_column(EndpointKind, default=EndpointKind.PHONE)
    #: Keys that the carrier presses once somebody answers; they are no part of who is called.
    extension: str | None = None
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
    #: All numbers of a person who has several, in their order; see `storage.tables.specs`.
    #: `endpoint` is then the one that was dialed last, or that is to be dialed next.
    numbers_spec: list[JsonObject] | None = Field(
        default=None, sa_column=Column(Json, nullable=True)
    )
    retry_spec: JsonObject = json_column()
    voicemail_spec: JsonObject = json_column()
    recipient_spec: JsonObject = json_column()
    ring_timeout: int = 30
    max_duration: int = 1800
    recording: bool = False
    #: None: the agent's.
    purpose: Purpose | None = enum_column(Purpose, nullable=True)
    #: What the call is about, such as a debt; caps may be counted by it.
    subject: str | None = None
    #: The consent that the request states: {"tier", "method", "evidence"?, "grantedTime"?}.
    consent_spec: JsonObject | None = json_column(nullable=True)
    #: The recipient has called back meanwhile; what becomes of the call.
    returned: Returned | None = enum_column(Returned, nullable=True)
    #: One of several reminders of an appointment, so long before it: "PT24H".
    sequence_id: str | None = None
    remind_before: str | None = None
    context: JsonObject = json_column()
    additional_data: JsonObject = json_column()
    cancel_requested: bool = False
    #: False once its contents were removed, at the end of their retention.
    kept: bool = True
    created_time: datetime = time_column()
    queued_at: datetime | None = time_column(nullable=True)
    next_attempt_at: datetime | None = time_column(nullable=True)
    #: Of a call without a workflow: by when that is to begin. While it waits for a slot, when its
    #: permission to dial runs out.
    workflow_by: datetime | None = time_column(nullable=True)
    started_time: datetime | None = time_column(nullable=True)
    completed_time: datetime | None = time_column(nullable=True)
    duration_seconds: int | None = None
    attempt_count: int = 0
    #: Whether the machine that answered last was told something; None: no machine answered.
    message_left: bool | None = None
    #: Not counted any more: events are numbered after those that are there.
    event_sequence: int = 0


class CallNumber(SQLModel, table=True):
    """By which numbers a call may reach its person, if that is more than one: to find the call by.

    `person_key`: the number in the form in use today.
    """

    __tablename__ = "call_number"
    __table_args__ = (Index("ix_call_number_person", "person_key", "account_id"),)

    call_id: str = Field(foreign_key="call.call_id", primary_key=True)
    person_key: str = Field(primary_key=True)
    account_id: str


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
        # All dials of an account to one person: caps are counted over them.
        Index("ix_attempt_person", "account_id", "to_endpoint", "dialed_at"),
        partial_index("ix_attempt_price_due", "price_due_at", where="price_due_at IS NOT NULL"),
        # Hardly ever there is one: the watch asks every few seconds.
        partial_index(
            "ix_attempt_abandoned",
            "sent_at",
            where="(state = 'sent' OR state = 'ringing' OR state = 'answered')"
            " AND settled_at IS NOT NULL",
        ),
    )

    attempt_id: str = id_column()
    call_id: str = Field(foreign_key="call.call_id")
    account_id: str
    number: int
    token: str = Field(unique=True)
    to_endpoint: str
    from_endpoint: str
    subject: str | None = None
    #: What had to be said at the beginning, each with the rule that asked for it.
    notices: JsonObject = json_column()
    #: Where the recipient most likely was, by its decision: of those consulted, and by which clock.
    jurisdiction: str | None = None
    zone: str | None = None
    state: AttemptState = enum_column(AttemptState, default=AttemptState.INTENT)
    result: AttemptResult | None = enum_column(AttemptResult, nullable=True)
    #: At which of the account's own accounts at the carrier it is; None: the installation's.
    carrier_account_id: str | None = None
    carrier_sid: str | None = Field(default=None, unique=True)
    carrier_status: str | None = None
    #: Of the SIP response that ended the leg, where the carrier told it.
    sip_code: int | None = None
    error_code: int | None = None
    error: str | None = None
    answered_by: str | None = None
    #: When a key, speech or a reported outcome proved a person, whatever `answered_by` says.
    person_at: datetime | None = time_column(nullable=True)
    message_left: bool | None = None
    #: The answers to questions that were taken, so that one that is repeated does nothing anew.
    heard: list[str] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    #: The carrier had a document to play if our API did not answer.
    has_fallback: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    recording_url: str | None = None
    recording_sid: str | None = None
    duration_seconds: int | None = None
    #: In micro-units of the account's currency: reckoned at its end, then the carrier's own price.
    cost: int | None = Field(default=None, sa_type=BigInteger)
    #: Of it what the legs to transfer targets cost; None: there were none.
    transfer_cost: int | None = Field(default=None, sa_type=BigInteger)
    #: When to ask the carrier for its price; None: never, or not any more.
    price_due_at: datetime | None = time_column(nullable=True)
    #: Workflow time of the decision to dial and of its settlement; retries are counted from these.
    dialed_at: datetime = time_column()
    settled_at: datetime | None = time_column(nullable=True)
    #: Which worker sends it; None: none yet.
    worker_id: str | None = None
    #: The permission to dial ends here; None: with nothing but the lease.
    valid_until: datetime | None = time_column(nullable=True)
    sending_at: datetime | None = time_column(nullable=True)
    sent_at: datetime | None = time_column(nullable=True)
    ringing_at: datetime | None = time_column(nullable=True)
    answered_at: datetime | None = time_column(nullable=True)
    #: The silence it was given while it was found out who listens, and when it was last.
    held_seconds: int | None = None
    held_at: datetime | None = time_column(nullable=True)
    #: When the leg was first given something to hear, and when we asked the carrier to end it.
    served_at: datetime | None = time_column(nullable=True)
    end_asked_at: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)
    #: When the watch asked the carrier last.
    checked_at: datetime | None = time_column(nullable=True)


class CallSequence(SQLModel, table=True):
    """The reminders of one appointment; each of its calls names it.

    `remind`: how long before the appointment, as they were asked for. One that was past already
    has no call.
    """

    __tablename__ = "call_sequence"
    sequence_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id")
    appointment_at: datetime = time_column()
    remind: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    created_time: datetime = time_column()
    updated_time: datetime = time_column()


class RecordingRemoval(SQLModel, table=True):
    """All that the carrier recorded of a leg is to be deleted there, however often it takes."""

    __tablename__ = "recording_removal"
    __table_args__ = (Index("ix_recording_removal_due", "due_at"),)

    carrier_sid: str = Field(primary_key=True)
    due_at: datetime = time_column()
    tries: int = 0


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
    #: What each rule said: [{"rule", "verdict", "detail"}].
    findings: list[JsonObject] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    #: Of everything it was decided by but the number; see `policy.compliance.evidence`.
    inputs_sha256: str = ""
