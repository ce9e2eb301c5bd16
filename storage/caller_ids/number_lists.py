"""The carrier's lists of numbers, as they were imported. A holder is an account at the carrier."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.caller_ids.standings import Listed
from storage.database.locks import lock_key
from storage.database.pagination import page_of
from storage.tables import ListedNumber, NumberList
from storage.tables.caller_ids import INSTALLATION as INSTALLATION

#: Names in one question.
_AT_ONCE = 500
#: What a list says of itself while agents are marked by it.
UNSETTLED = "the agents are still to be marked by it"
_VERIFIED = "verified"
_IN_FORCE = col(ListedNumber.lost_time).is_(None)


@dataclass(frozen=True, slots=True)
class ListChange:
    """What an import has found: how many there are, and which came and went."""

    total: int
    added: int
    lost: int


async def enter(
    session: AsyncSession, holder: str, told: Sequence[Mapping[str, Any]], now: datetime
) -> ListChange:
    """Takes over a whole list; `told`: the columns of each number. What is not on it is lost.

    Repeated with the same list it changes nothing but the time. Until `settle` it counts as one
    that has to be imported again: what follows for agents may have been cut off.
    """
    await lock_key(session, f"number list {holder}")
    known = {row.number: row for row in await _every(session, holder)}
    added = 0
    for columns in told:
        row = known.pop(columns["number"], None)
        added += row is None or row.lost_time is not None
        row = row or ListedNumber(holder=holder, first_time=now, **columns)
        for name, value in columns.items():
            setattr(row, name, value)
        row.lost_time = None
        session.add(row)
    gone = [row for row in known.values() if row.lost_time is None]
    for row in gone:
        row.lost_time = now
        session.add(row)
    await _note(session, holder, now, imported_time=now, error=UNSETTLED)
    return ListChange(len(told), added, len(gone))


async def settle(session: AsyncSession, holder: str, now: datetime) -> None:
    """What follows from the list that was entered at `now` is done."""
    await lock_key(session, f"number list {holder}")
    row = await session.get(NumberList, holder)
    if row is not None and row.imported_time == now and row.error == UNSETTLED:
        row.error = None
        session.add(row)


async def note_failure(session: AsyncSession, holder: str, error: str, now: datetime) -> None:
    """The list stays as it was imported last."""
    await lock_key(session, f"number list {holder}")
    await _note(session, holder, now, error=error)


async def _note(session: AsyncSession, holder: str, now: datetime, **values: Any) -> None:
    row = await session.get(NumberList, holder) or NumberList(holder=holder, attempted_time=now)
    for name, value in {**values, "attempted_time": now}.items():
        setattr(row, name, value)
    session.add(row)
    await session.flush()


async def lists(session: AsyncSession, holders: Iterable[str]) -> dict[str, NumberList]:
    """Those of the holders that were ever asked for."""
    statement = select(NumberList).where(col(NumberList.holder).in_(list(holders)))
    return {row.holder: row for row in (await session.exec(statement)).all()}


async def every_list(session: AsyncSession) -> Sequence[NumberList]:
    return (await session.exec(select(NumberList).order_by(col(NumberList.holder)))).all()


async def among(
    session: AsyncSession, holder: str, numbers: Collection[str]
) -> dict[str, ListedNumber]:
    """Those of the numbers that the holder's list has, or had."""
    found: dict[str, ListedNumber] = {}
    wanted = sorted(numbers)
    for begin in range(0, len(wanted), _AT_ONCE):
        statement = select(ListedNumber).where(
            col(ListedNumber.holder) == holder,
            col(ListedNumber.number).in_(wanted[begin : begin + _AT_ONCE]),
        )
        found |= {row.number: row for row in (await session.exec(statement)).all()}
    return found


async def page(
    session: AsyncSession, holder: str, skip: int, take: int
) -> tuple[list[ListedNumber], int]:
    """A holder's numbers in their order, lost ones too, and how many there are in all."""
    return await page_of(
        session,
        ListedNumber,
        col(ListedNumber.holder) == holder,
        order=(col(ListedNumber.number),),
        skip=skip,
        take=take,
    )


async def counts(session: AsyncSession, holders: Iterable[str]) -> dict[str, int]:
    """How many numbers each has now."""
    statement = (
        select(ListedNumber.holder, func.count())
        .where(col(ListedNumber.holder).in_(list(holders)), _IN_FORCE)
        .group_by(col(ListedNumber.holder))
    )
    return dict((await session.exec(statement)).all())


def listed_of(row: ListedNumber | None) -> Listed | None:
    """As policy looks at it."""
    if row is None:
        return None
    return Listed(row.kind == _VERIFIED, row.voice, row.lost_time is not None)


async def _every(session: AsyncSession, holder: str) -> Sequence[ListedNumber]:
    statement = select(ListedNumber).where(col(ListedNumber.holder) == holder)
    return (await session.exec(statement)).all()
