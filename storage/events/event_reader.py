"""Reading events in an order in which none can be missed: by the transaction that wrote them.

PostgreSQL gives a row its number when it is written, not when it is committed: whoever has read
up to number 10 may have passed a number 9 that nobody could see yet. So a place in the order is
the writer's transaction and then the number, and nothing is read of transactions that began
later than one that is still open. Writers on SQLite take turns; all its transactions are 0.

Events of one call, or of one campaign, are in the order of their sequence:
`storage.events.event_log`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, String, and_, literal, literal_column, tuple_
from sqlalchemy import select as sql_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.locks import dialect_of
from storage.tables import Event

_OPEN: ColumnElement[int] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
_KEY = tuple_(col(Event.tx), col(Event.event_id))
_COLUMNS: tuple[Any, ...] = (col(Event.account_id), col(Event.tx), col(Event.event_id))
#: The same for SQLite, if it is not to search an index by them.
_PLAIN: tuple[Any, ...] = (
    literal_column("+event.account_id", String()),
    literal_column("+event.tx", BigInteger()),
    literal_column("+event.event_id", BigInteger()),
)
#: Events that one page of a sparse filter looks at.
LOOK = 10_000
#: Events that are looked at together for one whose time is later than its place says.
_BLOCK = 1000
_MOST = 2**63 - 1


class EventPosition(NamedTuple):
    """Where an event stands in the order of its account."""

    tx: int
    event_id: int

    def __str__(self) -> str:
        return f"{self.tx}-{self.event_id}"


START = EventPosition(0, 0)


class BadEventPosition(Exception):
    """Not a position as we write it."""


def position_of(text: str) -> EventPosition:
    """Reads what `str` of a place wrote; raises BadEventPosition."""
    try:
        tx, event_id = map(int, text.split("-"))
    except ValueError:
        raise BadEventPosition from None
    if max(tx, event_id) > _MOST:
        raise BadEventPosition
    return EventPosition(tx, event_id)


def placed(event: Event) -> EventPosition:
    assert event.tx is not None
    assert event.event_id is not None
    return EventPosition(event.tx, event.event_id)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events; nothing said: all."""

    types: tuple[str, ...] = ()
    agent_id: str | None = None
    campaign_id: str | None = None
    call_id: str | None = None

    @property
    def is_sparse(self) -> bool:
        """Whether many events may have to be looked at to find a few: no index helps."""
        return self.call_id is None and (bool(self.types) or self.agent_id is not None)

    def lets(self, event: Event) -> bool:
        """Whether an event that has been read is one of them."""
        equal = (
            (self.agent_id, event.agent_id),
            (self.campaign_id, event.campaign_id),
            (self.call_id, event.call_id),
        )
        fits = all(wanted is None or wanted == found for wanted, found in equal)
        return fits and (not self.types or event.type in self.types)

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for a query."""
        equal = (
            (col(Event.agent_id), self.agent_id),
            (col(Event.campaign_id), self.campaign_id),
            (col(Event.call_id), self.call_id),
        )
        found = [column == wanted for column, wanted in equal if wanted is not None]
        return [*found, col(Event.type).in_(self.types)] if self.types else found


ALL = EventFilter()


async def after(
    session: AsyncSession,
    account_id: str,
    place: EventPosition,
    limit: int,
    filter_: EventFilter = ALL,
    until: EventPosition | None = None,
) -> Sequence[Event]:
    """Up to `limit` events that come after a place, in their order; none beyond `until`."""
    of_call = filter_.call_id is not None
    # Within a call its sequence is the same order, and has an index.
    order = [col(Event.sequence)] if of_call else [col(Event.tx), col(Event.event_id)]
    statement = (
        select(Event)
        .where(
            *_after(session, account_id, place, by_call=of_call),
            *([] if until is None else _up_to(session, until)),
            *filter_.conditions(),
        )
        .order_by(*order)
        .limit(limit)
    )
    return (await session.exec(statement)).all()


async def reach(
    session: AsyncSession, account_id: str, place: EventPosition, filter_: EventFilter
) -> EventPosition | None:
    """Up to where one page of a filter should look; None: to the end.

    However rare what somebody asks for is, a page costs no more than to look at `LOOK` events.
    """
    if not filter_.is_sparse:
        return None
    statement = (
        select(Event.tx, Event.event_id)
        .where(*_after(session, account_id, place))
        .order_by(col(Event.tx), col(Event.event_id))
        .offset(LOOK - 1)
        .limit(1)
    )
    return _place((await session.exec(statement)).first())


async def next_time(
    session: AsyncSession, account_id: str, place: EventPosition
) -> datetime | None:
    """When the next event after a place happened, whether it can be read yet or not."""
    statement = (
        select(Event.at)
        .where(col(Event.account_id) == account_id, _is_later(session, place))
        .order_by(col(Event.tx), col(Event.event_id))
        .limit(1)
    )
    return (await session.exec(statement)).first()


async def newest(session: AsyncSession, account_id: str) -> EventPosition:
    """The place of the last event that can be read now."""
    statement = (
        select(Event.tx, Event.event_id)
        .where(col(Event.account_id) == account_id, *_settled(session))
        .order_by(col(Event.tx).desc(), col(Event.event_id).desc())
        .limit(1)
    )
    return _place((await session.exec(statement)).first()) or START


async def place_before(session: AsyncSession, account_id: str, since: datetime) -> EventPosition:
    """The place just before the first event at or after an instant.

    Times and places are nearly the same order. So it is looked for by time, and then among those
    that stand just before it, as long as there is one.
    """
    statement = (
        select(Event.tx, Event.event_id)
        .where(col(Event.account_id) == account_id, col(Event.at) >= since, *_settled(session))
        .order_by(col(Event.at))
        .limit(1)
    )
    first = _place((await session.exec(statement)).first())
    if first is None:
        return await newest(session, account_id)
    while (earlier := await _earlier(session, account_id, first, since)) is not None:
        first = earlier
    return EventPosition(first.tx, first.event_id - 1)


async def _earlier(
    session: AsyncSession, account_id: str, place: EventPosition, since: datetime
) -> EventPosition | None:
    """The first at or after an instant among the block of events just before a place."""
    before = EventPosition(place.tx, place.event_id - 1)
    block = (
        select(Event.tx, Event.event_id, Event.at)
        .where(col(Event.account_id) == account_id, *_up_to(session, before))
        .order_by(col(Event.tx).desc(), col(Event.event_id).desc())
        .limit(_BLOCK)
        .subquery()
    )
    statement = (
        sql_select(block.c.tx, block.c.event_id)
        .where(block.c.at >= since)
        .order_by(block.c.tx, block.c.event_id)
        .limit(1)
    )
    return _place((await (await session.connection()).execute(statement)).first())


def _place(found: Any) -> EventPosition | None:
    return None if found is None else EventPosition(*found)


def _after(
    session: AsyncSession, account_id: str, place: EventPosition, *, by_call: bool = False
) -> list[ColumnElement[bool]]:
    """The account's events that can be read and come after a place."""
    plain = by_call and dialect_of(session) == "sqlite"
    columns = _PLAIN if plain else _COLUMNS
    is_later = _is_later(session, place, columns)
    return [columns[0] == account_id, is_later, *_settled(session)]


def _is_later(
    session: AsyncSession, place: EventPosition, columns: tuple[Any, ...] = _COLUMNS
) -> ColumnElement[bool]:
    if dialect_of(session) == "postgresql":
        later: ColumnElement[bool] = _literal(place) < _KEY
        return later
    # SQLite searches no index by a pair of which the second is the row's own number.
    number = place.event_id if place.tx == 0 else _MOST
    return and_(columns[1] == 0, columns[2] > number)


def _up_to(session: AsyncSession, place: EventPosition) -> list[ColumnElement[bool]]:
    """What comes no later than a place."""
    if dialect_of(session) == "postgresql":
        return [_literal(place) >= _KEY]
    return [col(Event.tx) == 0, col(Event.event_id) <= place.event_id]


def _settled(session: AsyncSession) -> Sequence[ColumnElement[bool]]:
    return [col(Event.tx) < _OPEN] if dialect_of(session) == "postgresql" else []


def _literal(place: EventPosition) -> Any:
    return tuple_(literal(place.tx, BigInteger()), literal(place.event_id, BigInteger()))
