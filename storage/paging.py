"""Pages of rows that few exist of: skip, take and a total. Long lists, in parts."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

Row = TypeVar("Row", bound=SQLModel)
T = TypeVar("T")

#: As much of a list as one statement takes; between two statements others get their turn.
BATCH = 500


def batches(items: Collection[T]) -> Iterator[Sequence[T]]:
    """The items in parts of at most `BATCH`."""
    listed = list(items)
    return (listed[start : start + BATCH] for start in range(0, len(listed), BATCH))


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
