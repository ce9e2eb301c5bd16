"""The tables of compliance. Import them from `storage.tables`, like all others."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Index, false
from sqlmodel import Field, SQLModel

from policy.model.person import Returned, Review, ScopeKind
from policy.model.purposes import ConsentTier
from storage.tables.columns import enum_column, id_column, json_column, partial_index, time_column
from storage.tables.types import Serial

JsonObject = dict[str, Any]


class Suppression(SQLModel, table=True):
    """A do-not-call entry. One that was taken back is kept, with the time and by whom.

    After an erasure only the keyed hash of the number is left: the entry goes on to hold.
    """

    __table_args__ = (
        partial_index(
            "ix_suppression_endpoint", "account_id", "endpoint", where="endpoint IS NOT NULL"
        ),
        partial_index(
            "ix_suppression_hash",
            "account_id",
            "endpoint_hash",
            where="endpoint_hash IS NOT NULL",
        ),
        Index("ix_suppression_created", "account_id", "created_time"),
    )

    suppression_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id")
    endpoint: str | None = None
    endpoint_hash: str | None = None
    scope: ScopeKind = enum_column(ScopeKind, default=ScopeKind.ALL)
    #: The agent, the campaign or the purpose; empty for all.
    scope_of: str = ""
    source: str
    reason: str | None = None
    #: It is of the person: no call that lists the number is made, by whichever other number.
    of_person: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    #: The call in which the person asked for it.
    call_id: str | None = None
    created_time: datetime = time_column()
    expires_time: datetime | None = time_column(nullable=True)
    removed_time: datetime | None = time_column(nullable=True)
    removed_by: str | None = None


class Registry(SQLModel, table=True):
    """A do-not-call registry an account has imported, and how old its data are."""

    account_id: str = Field(primary_key=True)
    registry_name: str = Field(primary_key=True, max_length=64)
    scrubbed_time: datetime = time_column()
    imported_time: datetime = time_column()
    entries: int = 0


class RegistryEntry(SQLModel, table=True):
    """A number that stands in a registry."""

    __tablename__ = "registry_entry"
    account_id: str = Field(primary_key=True)
    endpoint: str = Field(primary_key=True)
    registry_name: str = Field(primary_key=True, max_length=64)


class Consent(SQLModel, table=True):
    """An agreement to be called. Never changed, only revoked: it is evidence."""

    __table_args__ = (
        Index("ix_consent_endpoint", "account_id", "endpoint"),
        Index("ix_consent_created", "account_id", "created_time"),
    )

    consent_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id")
    endpoint: str
    tier: ConsentTier = enum_column(ConsentTier)
    method: str
    evidence: str | None = None
    scope: ScopeKind = enum_column(ScopeKind, default=ScopeKind.ALL)
    scope_of: str = ""
    created_time: datetime = time_column()
    granted_time: datetime = time_column()
    expires_time: datetime | None = time_column(nullable=True)
    revoked_time: datetime | None = time_column(nullable=True)
    #: How the person took it back, and how far, such as "all".
    revocation: JsonObject | None = json_column(nullable=True)


class Overlay(SQLModel, table=True):
    """A rule or a blackout that an account adds to the packs; kept when it is taken away."""

    __table_args__ = (Index("ix_overlay_account", "account_id", "removed_time"),)

    overlay_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id")
    rule: JsonObject = json_column()
    created_time: datetime = time_column()
    created_by: str = ""
    removed_time: datetime | None = time_column(nullable=True)
    removed_by: str | None = None


class Inbound(SQLModel, table=True):
    """Somebody called or wrote to one of the account's numbers.

    What they wrote is kept only while a person has to read it: `review` and `text`.
    """

    __table_args__ = (
        Index("ix_inbound_account", "account_id", "at"),
        partial_index("ix_inbound_held", "account_id", "from_endpoint", where="holds"),
        partial_index("ix_inbound_review", "account_id", "at", where="review = 'pending'"),
    )

    inbound_id: int | None = Field(
        default=None, sa_column=Column(Serial, primary_key=True, autoincrement=True)
    )
    account_id: str
    kind: str
    carrier_sid: str = Field(unique=True)
    from_endpoint: str | None = None
    to_endpoint: str
    at: datetime = time_column()
    #: The waiting call it was linked to, and what became of that.
    call_id: str | None = None
    action: Returned | None = enum_column(Returned, nullable=True)
    opted_out: bool = False
    review: Review | None = enum_column(Review, nullable=True)
    text: str | None = None
    #: Nobody dials the person before it was read.
    holds: bool = False
    reviewed_time: datetime | None = time_column(nullable=True)
    reviewed_by: str | None = None


class Erasure(SQLModel, table=True):
    """That somebody's data were erased: whose (as a keyed hash), when, by whom, how much."""

    __table_args__ = (Index("ix_erasure_account", "account_id", "at"),)

    erasure_id: int | None = Field(
        default=None, sa_column=Column(Serial, primary_key=True, autoincrement=True)
    )
    account_id: str
    endpoint_hash: str
    #: Names the key the hash was made with, so that another key is noticed.
    hash_key_id: str
    at: datetime = time_column()
    by: str
    counts: JsonObject = json_column()


class HashKey(SQLModel, table=True):
    """The key that tombstones were made with, by its fingerprint."""

    __tablename__ = "hash_key"
    hash_key_id: str = Field(primary_key=True)
    first_used_time: datetime = time_column()
