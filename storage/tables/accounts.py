"""Who changed what, and which sessions are over before their time."""

from datetime import datetime

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from storage.tables.columns import time_column
from storage.tables.types import Json, Serial, UtcDateTime


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
