"""Reading events in an order in which none can be missed: by the transaction that wrote them.

PostgreSQL gives a row its number when it is written, not when it is committed: whoever has read
up to number 10 may have passed a number 9 that nobody could see yet. So a place in the order is
the writer's transaction and then the number, and nothing is read of transactions that began
later than one that is still open. Writers on SQLite take turns; all its transactions are 0.

Events of one call, or of one campaign, are in the order of their sequence: `storage.events`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, literal, literal_column, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.locks import dialect_of
from storage.tables import Event

_OPEN: ColumnElement[int] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
_KEY = tuple_(col(Event.tx), col(Event.event_id))


class Place(NamedTuple):
    """Where an event stands in the order of its account."""

    tx: int
    event_id: int

    def __str__(self) -> str:
        return f"{self.tx}-{self.event_id}"


START = Place(0, 0)


class BadPlace(Exception):
    """Not a place as we write it."""


def place_of(text: str) -> Place:
    """Reads what `str` of a place wrote; raises BadPlace."""
    try:
        tx, event_id = map(int, text.split("-"))
    except ValueError:
        raise BadPlace from None
    return Place(tx, event_id)


def placed(event: Event) -> Place:
    assert event.tx is not None
    assert event.event_id is not None
    return Place(event.tx, event.event_id)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events; nothing said: all."""

    types: tuple[str, ...] = ()
    agent_id: str | None = None
    campaign_id: str | None = None
    call_id: str | None = None

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
    session: AsyncSession, account_id: str, place: Place, limit: int, filter_: EventFilter = ALL
) -> Sequence[Event]:
    """Up to `limit` events that come after a place, in their order."""
    statement = (
        select(Event)
        .where(
            col(Event.account_id) == account_id,
            _literal(place) < _KEY,
            *_settled(session),
            *filter_.conditions(),
        )
        .order_by(col(Event.tx), col(Event.event_id))
        .limit(limit)
    )
    return (await session.exec(statement)).all()


async def newest(session: AsyncSession, account_id: str) -> Place:
    """The place of the last event that can be read now."""
    statement = (
        select(Event.tx, Event.event_id)
        .where(col(Event.account_id) == account_id, *_settled(session))
        .order_by(col(Event.tx).desc(), col(Event.event_id).desc())
        .limit(1)
    )
    found = (await session.exec(statement)).first()
    return START if found is None else Place(found[0] or 0, found[1] or 0)


async def place_before(session: AsyncSession, account_id: str, since: datetime) -> Place:
    """The place just before the first event at or after an instant."""
    statement = (
        select(Event.tx, Event.event_id)
        .where(col(Event.account_id) == account_id, col(Event.at) >= since, *_settled(session))
        .order_by(col(Event.tx), col(Event.event_id))
        .limit(1)
    )
    found = (await session.exec(statement)).first()
    if found is None:
        return await newest(session, account_id)
    return Place(found[0] or 0, (found[1] or 0) - 1)


def _settled(session: AsyncSession) -> Sequence[ColumnElement[bool]]:
    return [col(Event.tx) < _OPEN] if dialect_of(session) == "postgresql" else []


def _literal(place: Place) -> Any:
    return tuple_(literal(place.tx, BigInteger()), literal(place.event_id, BigInteger()))
