"""The tables of campaigns. Import them from `storage.tables`, like all others."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from policy.model.call import CampaignStatus, ContactState, EndpointKind
from storage.tables.columns import enum_column, id_column, json_column, partial_index, time_column
from storage.tables.types import Json, Serial

JsonObject = dict[str, Any]


class Campaign(SQLModel, table=True):
    """A list of contacts called under shared defaults, caps and a shared window.

    `defaults_spec` holds what POST /api/v1/calls takes besides agent, endpoint and schedule.
    """

    __table_args__ = (
        Index("ix_campaign_account_created", "account_id", "created_time"),
        # Campaigns whose contacts were not emptied yet, by their end.
        partial_index(
            "ix_campaign_kept", "completed_time", where="kept AND completed_time IS NOT NULL"
        ),
    )

    campaign_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id")
    agent_id: str = Field(foreign_key="agent.agent_id")
    pathway_id: str | None = None
    name: str
    status: CampaignStatus = enum_column(CampaignStatus, default=CampaignStatus.DRAFT)
    #: Why it is paused or over: a code, and a sentence for people.
    reason: str | None = None
    detail: str | None = None
    priority: int = 5
    max_concurrent: int | None = None
    calls_per_minute: int | None = None
    timezone: str
    not_before: datetime | None = time_column(nullable=True)
    call_deadline: datetime | None = time_column(nullable=True)
    window_spec: JsonObject | None = json_column(nullable=True)
    defaults_spec: JsonObject = json_column()
    breaker_spec: JsonObject = json_column()
    #: In micro-units of the account's currency; None: no limit of its own.
    spend_limit: int | None = Field(default=None, sa_type=BigInteger)
    #: What it is to reach, and what of it is reached; see `policy.campaigns.goals`.
    goal_spec: JsonObject | None = json_column(nullable=True)
    goal_closed: JsonObject | None = json_column(nullable=True)
    #: Ways of calling that are tried beside each other, and the shares that were learned of them.
    split_spec: JsonObject | None = json_column(nullable=True)
    split_learned: JsonObject | None = json_column(nullable=True)
    #: What follows its calls; see `policy.campaigns.steps`.
    steps_spec: JsonObject | None = json_column(nullable=True)
    #: The campaign this one redials.
    source_campaign_id: str | None = None
    event_sequence: int = 0
    created_time: datetime = time_column()
    updated_time: datetime = time_column()
    started_time: datetime | None = time_column(nullable=True)
    paused_time: datetime | None = time_column(nullable=True)
    #: When it began to run last; the breaker looks at no dial before this.
    resumed_time: datetime | None = time_column(nullable=True)
    completed_time: datetime | None = time_column(nullable=True)
    #: False once its contacts were emptied, at the end of their retention.
    kept: bool = True


class GoalQuota(SQLModel, table=True):
    """How many calls of a campaign ended as its goal asks, in all ("") or of a segment.

    Triggers of the database count `n` in the transaction that ends a call, or puts its callee
    through, whoever does it (migration 0039). `variable` has the segment; "": none has, all calls
    count. `outcomes`: as `policy.campaigns.goals.words_of` says them, with a comma before and after
    each.
    """

    __tablename__ = "goal_quota"

    campaign_id: str = Field(foreign_key="campaign.campaign_id", primary_key=True)
    segment: str = Field(primary_key=True)
    variable: str = ""
    outcomes: str
    n: int = 0


class CallVariant(SQLModel, table=True):
    """Which of its campaign's variants a call was made by."""

    __tablename__ = "call_variant"
    __table_args__ = (Index("ix_call_variant_campaign", "campaign_id", "call_id"),)

    call_id: str = Field(foreign_key="call.call_id", primary_key=True)
    campaign_id: str
    variant: str


class FollowUp(SQLModel, table=True):
    """Where a contact of a campaign with steps stands: which step, and what it waits for.

    `call_id`: its last call, which `call_step` made; None: nobody wrote down which. `state`
    "calling" until that has ended, "texting" until the text of `text_id` has, "waiting" until
    `due_at`, then "over".
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        Index("ix_follow_up_state", "campaign_id", "state", "due_at"),
        Index("ix_follow_up_call", "call_id"),
    )

    follow_up_id: str = id_column()
    account_id: str
    campaign_id: str = Field(foreign_key="campaign.campaign_id")
    call_id: str = Field(foreign_key="call.call_id")
    step: str = ""
    call_step: str | None = None
    #: The call that was promised while a text was on its way.
    promised_call_id: str | None = None
    state: str = "calling"
    due_at: datetime | None = time_column(nullable=True)
    text_id: str | None = None
    updated_time: datetime = time_column()


class OutgoingText(SQLModel, table=True):
    """A text to the person of a call. What it says is in its campaign's steps, never here.

    `state`: due, sending, or a `TextResult`. One that was left in sending is never sent again.
    """

    __tablename__ = "outgoing_text"
    __table_args__ = (
        partial_index("ix_outgoing_text_due", "due_at", where="state = 'due' OR state = 'sending'"),
    )

    text_id: str = id_column()
    account_id: str
    campaign_id: str = Field(foreign_key="campaign.campaign_id")
    call_id: str = Field(foreign_key="call.call_id")
    step: str
    state: str = "due"
    due_at: datetime = time_column()
    reason: str | None = None
    sid: str | None = None
    sent_at: datetime | None = time_column(nullable=True)
    #: In micro-units, as reckoned when it was sent.
    cost: int | None = Field(default=None, sa_type=BigInteger)
    #: What the carrier has told of it since: see `policy.campaigns.texts`. None: nothing.
    delivery: str | None = None
    error_code: int | None = None


class Contact(SQLModel, table=True):
    """One row of a campaign's list. It becomes a call when its turn comes near."""

    __table_args__ = (
        Index("ix_contact_campaign", "campaign_id", "contact_id"),
        Index("ix_contact_state", "campaign_id", "state", "contact_id"),
        Index("ix_contact_endpoint", "campaign_id", "endpoint"),
        # The contacts that may become calls, those that may at once first.
        partial_index(
            "ix_contact_staged",
            "campaign_id",
            "ready_at",
            "contact_id",
            where="state = 'staged'",
        ),
    )

    contact_id: int | None = Field(
        default=None, sa_column=Column(Serial, primary_key=True, autoincrement=True)
    )
    campaign_id: str = Field(foreign_key="campaign.campaign_id")
    row_number: int
    state: ContactState = enum_column(ContactState, default=ContactState.STAGED)
    endpoint: str | None = None
    endpoint_kind: EndpointKind = enum_column(EndpointKind, default=EndpointKind.PHONE)
    extension: str | None = None
    client_token: str | None = None
    timezone: str | None = None
    #: All numbers of a person who has several; see `storage.tables.specs`.
    numbers_spec: list[JsonObject] | None = Field(
        default=None, sa_column=Column(Json, nullable=True)
    )
    context: JsonObject = json_column()
    #: Not before this instant: its window was closed when it was looked at last.
    ready_at: datetime | None = time_column(nullable=True)
    call_id: str | None = None
    error_code: str | None = None
    error_field: str | None = None
    error: str | None = None


class ContactNumber(SQLModel, table=True):
    """By which numbers a contact reaches its person, if that is more than one: to find it by.

    Triggers of the database keep it (migration 0039), whoever writes a contact.
    """

    __tablename__ = "contact_number"
    __table_args__ = (Index("ix_contact_number_endpoint", "campaign_id", "endpoint"),)

    contact_id: int = Field(sa_column=Column(Serial, primary_key=True, autoincrement=False))
    endpoint: str = Field(primary_key=True)
    campaign_id: str
