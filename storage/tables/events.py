"""The tables of events and of who is told. Import them from `storage.tables`, like all others."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, FetchedValue, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from policy.webhooks.retry_schedule import DeliveryState
from storage.tables.columns import enum_column, id_column, json_column, partial_index, time_column
from storage.tables.types import Json, Serial

JsonObject = dict[str, Any]


class Event(SQLModel, table=True):
    """Append-only: one row a transition, written with the state it tells of.

    `sequence` counts without gaps what happened to the same call, or to the same campaign; the
    events of other things stand alone. `data` never holds a number, name or context.
    """

    __table_args__ = (
        UniqueConstraint("call_id", "sequence"),
        Index("ix_event_place", "account_id", "tx", "event_id"),
        Index("ix_event_time", "account_id", "at"),
        partial_index(
            "ix_event_campaign", "campaign_id", "tx", "event_id", where="campaign_id IS NOT NULL"
        ),
        # Of those that are counted by the campaign itself.
        partial_index(
            "ix_event_of_campaign",
            "campaign_id",
            "sequence",
            where="call_id IS NULL AND campaign_id IS NOT NULL",
        ),
    )

    event_id: int | None = Field(default=None, sa_column=Column(Serial, primary_key=True))
    #: The transaction that wrote it, or a later one: see `storage.events.event_reader`.
    tx: int | None = Field(
        default=None, sa_column=Column(BigInteger, FetchedValue(), nullable=False)
    )
    account_id: str
    call_id: str | None = Field(default=None, foreign_key="call.call_id")
    campaign_id: str | None = None
    agent_id: str | None = None
    #: What it tells of besides calls and campaigns: a suppression, a consent, a text, a webhook,
    #: the account itself.
    subject_id: str | None = None
    sequence: int
    type: str
    at: datetime = time_column()
    data: JsonObject = json_column()


class Webhook(SQLModel, table=True):
    """Somebody who is told of an account's events by HTTP."""

    __table_args__ = (Index("ix_webhook_account", "account_id", "created_time"),)

    webhook_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id")
    url: str
    description: str = ""
    #: Types of events; none: all of them.
    event_types: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    agent_id: str | None = None
    campaign_id: str | None = None
    #: Sent with every request, besides those that Standard Webhooks asks for.
    headers: JsonObject = json_column()
    mask_numbers: bool = False
    #: Shown once, when it is made. While it is rotated, requests are signed with both.
    secret: str
    previous_secret: str | None = None
    previous_until: datetime | None = time_column(nullable=True)
    is_enabled: bool = True
    disabled_reason: str | None = None
    #: Since when every request has failed; None: the last one was answered well.
    failing_since: datetime | None = time_column(nullable=True)
    #: Up to where events have become deliveries.
    place_tx: int = Field(default=0, sa_type=BigInteger)
    place_event_id: int = Field(default=0, sa_type=BigInteger)
    created_time: datetime = time_column()
    updated_time: datetime = time_column()


class Delivery(SQLModel, table=True):
    """One event for one webhook, until it is answered well or given up.

    What was sent is made from the event anew: numbers and contexts are kept in one place only.
    """

    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        # What is due, and what comes before it in its stream.
        partial_index("ix_delivery_due", "webhook_id", "next_at", where="state = 'pending'"),
        partial_index(
            "ix_delivery_stream", "webhook_id", "stream", "event_id", where="state = 'pending'"
        ),
        Index("ix_delivery_created", "created_time"),
    )

    delivery_id: int | None = Field(default=None, sa_column=Column(Serial, primary_key=True))
    webhook_id: str = Field(foreign_key="webhook.webhook_id")
    event_id: int = Field(sa_column=Column(Serial, ForeignKey("event.event_id"), nullable=False))
    #: Deliveries of one stream, such as a call's, go out one after the other.
    stream: str
    state: DeliveryState = enum_column(DeliveryState, default=DeliveryState.PENDING)
    next_at: datetime = time_column()
    #: Failed tries since it was made, or asked for once more.
    failures: int = 0
    #: Every try: [{"at", "ms", "status" | "error"}].
    tries: list[JsonObject] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    #: The beginning of the last answer's body.
    answer: str | None = None
    created_time: datetime = time_column()
    done_time: datetime | None = time_column(nullable=True)
