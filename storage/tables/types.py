"""Column types that behave the same on SQLite and PostgreSQL.

Each gives its processors at once, where a TypeDecorator would look for the dialect with each value:
a row of a call has eight times and five enums, and is read five times.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

#: JSONB on PostgreSQL, text on SQLite. None is NULL, not JSON's null.
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

#: A number that the database counts up; SQLite does so only for its own INTEGER.
Serial = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant. SQLite keeps it as fixed-width UTC text, so that it sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(26))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        instant = value.astimezone(UTC)
        if dialect.name == "sqlite":
            return instant.replace(tzinfo=None).isoformat(" ", "microseconds")
        return instant

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None]:
        return _from_text if dialect.name == "sqlite" else _from_instant


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


def _from_instant(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class EnumText(TypeDecorator[StrEnum]):
    """An enum's value as plain text, so that a new value needs no migration of a database enum."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else self.kind(value).value

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], StrEnum | None]:
        known: dict[str | None, StrEnum | None] = {
            None: None,
            **{one.value: one for one in self.kind},
        }
        # What is none of them is refused as the enum does it.
        return lambda value: known[value] if value in known else self.kind(value)
