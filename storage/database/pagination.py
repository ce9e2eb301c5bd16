"""Pages: by skip, take and a total where few rows exist, by opaque keyset cursors where many do."""

import base64
import binascii
import json
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

Row = TypeVar("Row", bound=SQLModel)
T = TypeVar("T")

#: No column holds so large a number.
_NO_COLUMN = 1 << 31
#: As much of a list as one statement takes; between two statements others get their turn.
BATCH = 500


def batches(items: Collection[T]) -> Iterator[Sequence[T]]:
    """The items in parts of at most `BATCH`."""
    return parts(items, BATCH)


def parts(items: Collection[T], most: int) -> Iterator[Sequence[T]]:
    """The items in parts of at most so many."""
    listed = list(items)
    return (listed[start : start + most] for start in range(0, len(listed), most))


async def page_of(
    session: AsyncSession,
    table: type[Row],
    *conditions: ColumnElement[bool],
    order: tuple[Any, ...],
    skip: int,
    take: int,
) -> tuple[list[Row], int]:
    """One page and the number of rows on all of them."""
    counted = select(func.count()).select_from(table).where(*conditions)
    statement = select(table).where(*conditions).order_by(*order).offset(skip).limit(take)
    rows = (await session.exec(statement)).all()
    return list(rows), (await session.exec(counted)).one()


class BadCursor(ValueError):
    """A cursor that we never gave out."""


def encode(*values: object) -> str:
    """The sort key of the last row of a page."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The key again, each value of the kind it must have."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return tuple(_value(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (binascii.Error, ValueError, TypeError, OverflowError):
        raise BadCursor("this cursor was not given out by this listing") from None


def _value(value: object, kind: type) -> object:
    if kind is datetime:
        instant = datetime.fromisoformat(str(value))
        if instant.tzinfo is None:
            raise ValueError("an instant without its zone")
        return instant.astimezone(UTC)
    # A bool is an int to isinstance.
    if type(value) is not kind or (isinstance(value, int) and abs(value) >= _NO_COLUMN):
        raise ValueError("not the kind of value this listing sorts by")
    return value
