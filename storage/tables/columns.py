"""The kinds of columns that the tables are made of."""

from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Index, text
from sqlmodel import Field

from storage.tables.types import EnumText, Json, UtcDateTime


def new_id() -> str:
    """A new random identifier, a UUID in its usual text form."""
    return str(uuid4())


def id_column() -> Any:
    return Field(default_factory=new_id, primary_key=True, max_length=36)


def time_column(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime(), nullable=nullable))


def json_column(*, nullable: bool = False) -> Any:
    if nullable:
        return Field(default=None, sa_column=Column(Json, nullable=True))
    return Field(default_factory=dict, sa_column=Column(Json, nullable=False))


def enum_column(kind: type[StrEnum], *, default: Any = None, nullable: bool = False) -> Any:
    return Field(default=default, sa_column=Column(EnumText(kind), nullable=nullable))


def partial_index(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
