"""The customer's last word before each dial, as it was asked for and given."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from policy.model.last_word import Verdict
from storage.tables.columns import enum_column, time_column
from storage.tables.types import Json


class LastWordRow(SQLModel, table=True):
    """One question about a call: asked under one id until it is answered.

    `attempt_number`: for which it was asked last. `changed`: the names of variables that the
    answer has changed. `error`: why the last try brought no answer.
    """

    __tablename__ = "last_word"

    call_id: str = Field(foreign_key="call.call_id", primary_key=True)
    ordinal: int = Field(primary_key=True)
    attempt_number: int
    request_id: str
    asked_at: datetime = time_column()
    tries: int = 1
    answered_at: datetime | None = time_column(nullable=True)
    milliseconds: int | None = None
    verdict: Verdict | None = enum_column(Verdict, nullable=True)
    reason: str = ""
    until: datetime | None = time_column(nullable=True)
    changed: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    error: str | None = None
