"""Who works in an account: its members, how they may sign in, and what they have changed."""

from datetime import datetime

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import id_column, new_id, time_column
from storage.tables.types import Json, Serial, UtcDateTime


class Member(SQLModel, table=True):
    """Somebody who may sign in to an account, once they have joined it.

    What they may do, and which sessions are theirs, says the key of theirs in `api_key`, which has
    no text that opens anything.
    """

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("account_id", "email", name="uq_member_email"),
        UniqueConstraint("account_id", "issuer", "subject", name="uq_member_subject"),
    )
    member_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id")
    #: In small letters.
    email: str = Field(index=True)
    name: str
    #: One of `policy.accounts.roles`.
    role: str
    #: Argon2id; None: they have none.
    password_hash: str | None = None
    password_time: datetime | None = time_column(nullable=True)
    #: By which provider of single sign-on they are known, and as whom.
    issuer: str | None = None
    subject: str | None = None
    #: Of the link with which they join, or choose another password, once.
    link_sha256: str | None = Field(default=None, unique=True, max_length=64)
    link_ends_at: datetime | None = time_column(nullable=True)
    created_by: str = ""
    created_time: datetime = time_column()
    joined_time: datetime | None = time_column(nullable=True)
    disabled_time: datetime | None = time_column(nullable=True)


class SingleSignOn(SQLModel, table=True):
    """The provider of OpenID Connect by which an account's people may sign in."""

    __tablename__ = "single_sign_on"
    account_id: str = Field(primary_key=True, foreign_key="account.account_id")
    #: Names it in addresses, where the account's id has no business.
    sign_on_id: str = Field(default_factory=new_id, unique=True, max_length=36)
    issuer: str
    client_id: str
    #: None: we are a public client.
    sealed_secret: str | None = None
    #: Whoever has an address in it may join without an invitation. None: nobody may.
    domain: str | None = None
    domain_role: str = "viewer"
    #: Passwords sign nobody in.
    is_required: bool = False
    created_time: datetime = time_column()
    updated_time: datetime = time_column()


class EndedSession(SQLModel, table=True):
    """A session of the dashboard that somebody has signed out of, kept until it would have ended.

    `session_id` is its random part, which by itself opens nothing.
    """

    __tablename__ = "ended_session"
    session_id: str = Field(primary_key=True, max_length=64)
    ends_at: datetime = Field(
        default=None, sa_column=Column(UtcDateTime(), nullable=False, index=True)
    )


class AuditEntry(SQLModel, table=True):
    """One change of something by somebody: names of fields, never what they hold."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_of_account", "account_id", "entry_id"),
        Index("ix_audit_entry_by_age", "at"),
    )
    entry_id: int | None = Field(default=None, sa_column=Column(Serial, primary_key=True))
    account_id: str = Field(foreign_key="account.account_id")
    at: datetime = time_column()
    #: "key" or "person", its id, and how it was called then.
    actor_kind: str
    actor_id: str
    actor: str
    #: "api" or "page".
    via: str
    #: As the operation is called, such as `change_agent`.
    action: str
    object_id: str | None = None
    fields: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
