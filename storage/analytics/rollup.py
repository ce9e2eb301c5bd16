"""Keeping the sums: calls are counted as their events come, in the order in which none is missed.

Nothing is counted by an event itself. It says which call to look at; what changed since that call
was counted last is added, in the transaction that moves the place on. So it does not matter how
often a call is looked at, or by whom: only that somebody looks after its last change.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, text
from sqlmodel import col, delete, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.analytics.call_contributions import (
    Contributions,
    contributions,
    enter,
    recount,
)
from storage.database.locks import dialect_of
from storage.database.upsert import insert_once
from storage.events import event_reader
from storage.events.event_reader import EventPosition, placed
from storage.tables import Account, Call, CountingPlace, Recount, Series
from storage.tables.analytics import DAY_SUMS, QUARTER_SUMS, WEEK_SUMS

#: Events, marks and old calls looked at in one transaction: on SQLite others wait for it.
PAGE = 100
#: What happened longer ago and is not counted is missed by whoever reads the numbers.
MOST_LAG = timedelta(minutes=1)
#: Series of a past generation that are forgotten in one transaction.
_FORGET = 20
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
#: SQLite searches no index by the pair: `storage.events.event_reader`.
_LATER = "event.tx = 0 AND event.event_id > place.place_event_id"
_LATER_SETTLED = """(event.tx, event.event_id) > (place.place_tx, place.place_event_id)
                AND event.tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"""
#: The next event by its order, not EXISTS: PostgreSQL would read all events for one that it thinks
#: comes soon, and mostly there is none.
_BEHIND = """
    SELECT account.account_id FROM account
    LEFT JOIN counting_place AS place ON place.account_id = account.account_id
    WHERE place.account_id IS NULL
        OR place.backlog_time IS NOT NULL
        OR (
            SELECT true FROM event WHERE event.account_id = account.account_id AND {later}
            ORDER BY event.tx, event.event_id LIMIT 1)
        OR EXISTS (SELECT 1 FROM recount WHERE recount.account_id = account.account_id)
        OR EXISTS (
            SELECT 1 FROM series WHERE series.account_id = account.account_id
                AND series.generation < place.shown)
    ORDER BY account.account_id
"""


async def behind(session: AsyncSession) -> list[str]:
    """Accounts of which something is to be counted."""
    later = _LATER_SETTLED if dialect_of(session) == "postgresql" else _LATER
    connection = await session.connection()
    found = await connection.execute(text(_BEHIND.format(later=later)))
    return [row[0] for row in found]


async def count(session: AsyncSession, account_id: str, page: int = PAGE) -> bool:
    """Counts up to a page of what an account has not counted; True if there may be more.

    Whatever fails or is killed before the commit leaves the sums and the place as they were.
    """
    place = await _hold(session, account_id)
    news = await event_reader.after(session, account_id, counted_up_to(place), page)
    marked = await _marked(session, account_id, page)
    old = await _backlog(session, place, page)
    told = {event.call_id for event in news if event.call_id is not None}
    await recount(session, account_id, place.generation, {*told, *marked, *old})
    if news:
        place.place_tx, place.place_event_id = placed(news[-1])
    session.add(place)
    forgotten = await _forget_old(session, place)
    return bool(old) or forgotten or page in (len(news), len(marked))


@dataclass(frozen=True, slots=True)
class BacklogPage:
    """Calls of the backlog and what they add, worked out while nobody waits for it."""

    found: Contributions
    #: The last of them, by its acceptance and its id; None: there are no more behind them.
    last: tuple[datetime, str] | None


async def next_page(session: AsyncSession, account_id: str, page: int) -> BacklogPage | None:
    """Up to a page of the backlog, only read; None if there is none. `enter_page` then writes."""
    place = await session.get(CountingPlace, account_id)
    if place is None or place.backlog_time is None:
        return None
    calls = await _next_calls(session, place, page)
    ids = [call_id for call_id, _ in calls]
    found = await contributions(session, account_id, place.generation, ids)
    if len(calls) < page:
        return BacklogPage(found, None)
    call_id, accepted = calls[-1]
    return BacklogPage(found, (accepted, call_id))


async def enter_page(session: AsyncSession, page: BacklogPage) -> None:
    """Adds a page to the sums, unless others have come further or begun anew meanwhile.

    Those of its calls that others have counted since are counted as they are now.
    """
    place = await _hold(session, page.found.account_id)
    if place.backlog_time is None or place.generation != page.found.generation:
        return
    if page.last is not None and (place.backlog_time, place.backlog_call_id) >= page.last:
        return
    await enter(session, page.found)
    _move_on(place, page.last)
    session.add(place)


async def accounts(session: AsyncSession) -> Sequence[str]:
    """All that there are, in an order of their own."""
    return (await session.exec(select(Account.account_id).order_by(col(Account.account_id)))).all()


async def begin_anew(session: AsyncSession, account_id: str) -> None:
    """Has everything of an account counted once more, from the calls themselves.

    The numbers so far are shown until that is done.
    """
    place = await _hold(session, account_id)
    place.generation += 1
    await _from_the_start(session, place)
    session.add(place)


async def is_complete(session: AsyncSession, account_id: str) -> bool:
    """False while the calls from before counting began, or began anew, are being counted."""
    place = await session.get(CountingPlace, account_id)
    return place is not None and place.backlog_time is None


async def left(session: AsyncSession, account_id: str) -> int:
    """How many calls from before counting began, or began anew, are still to be counted."""
    place = await session.get(CountingPlace, account_id)
    if place is None or place.backlog_time is None:
        return 0
    statement = select(func.count()).select_from(Call).where(*_in_backlog(place))
    return (await session.exec(statement)).one()


async def keeps_up(session: AsyncSession, account_id: str, now: datetime) -> bool:
    """Complete, and nothing waits to be counted for long. Ask before you read the numbers.

    Events that nobody may read yet wait, too: they are not in the numbers.
    """
    place = await session.get(CountingPlace, account_id)
    if place is None or place.backlog_time is not None:
        return False
    oldest = await event_reader.next_time(session, account_id, counted_up_to(place))
    return oldest is None or oldest > now - MOST_LAG


def counted_up_to(row: CountingPlace) -> EventPosition:
    """Up to where events have been counted."""
    return EventPosition(row.place_tx, row.place_event_id)


async def _hold(session: AsyncSession, account_id: str) -> CountingPlace:
    """The account's place, held until the transaction ends; begun where there is none."""
    statement = select(CountingPlace).where(col(CountingPlace.account_id) == account_id)
    held = statement.with_for_update().execution_options(populate_existing=True)
    place = (await session.exec(held)).one_or_none()
    if place is None:
        begun = CountingPlace(account_id=account_id)
        await _from_the_start(session, begun)
        await insert_once(session, begun, "account_id")
        place = (await session.exec(held)).one()
    return place


async def _from_the_start(session: AsyncSession, place: CountingPlace) -> None:
    """Calls up to here are counted from their rows, which is cheaper than by all their events."""
    newest = await event_reader.newest(session, place.account_id)
    place.place_tx, place.place_event_id = newest
    place.backlog_time, place.backlog_call_id = _FIRST, ""


async def _marked(session: AsyncSession, account_id: str, limit: int) -> set[str]:
    """Takes the marks away and gives their calls; one made meanwhile is there the next time."""
    statement = (
        select(Recount.recount_id, Recount.call_id)
        .where(col(Recount.account_id) == account_id)
        .order_by(col(Recount.recount_id))
        .limit(limit)
    )
    found = (await session.exec(statement)).all()
    if found:
        ids = [recount_id for recount_id, _ in found]
        await session.exec(delete(Recount).where(col(Recount.recount_id).in_(ids)))
    return {call_id for _, call_id in found}


async def _backlog(session: AsyncSession, place: CountingPlace, limit: int) -> Collection[str]:
    """The next calls that were there before counting began; at their end the numbers are shown."""
    if place.backlog_time is None:
        return ()
    found = await _next_calls(session, place, limit)
    if len(found) < limit:
        _move_on(place, None)
    else:
        call_id, accepted = found[-1]
        _move_on(place, (accepted, call_id))
    return [call_id for call_id, _ in found]


async def _next_calls(
    session: AsyncSession, place: CountingPlace, limit: int
) -> Sequence[tuple[str, datetime]]:
    statement = (
        select(Call.call_id, Call.created_time)
        .where(*_in_backlog(place))
        .order_by(col(Call.created_time), col(Call.call_id))
        .limit(limit)
    )
    return (await session.exec(statement)).all()


def _move_on(place: CountingPlace, last: tuple[datetime, str] | None) -> None:
    if last is None:
        place.backlog_time, place.backlog_call_id, place.shown = None, "", place.generation
    else:
        place.backlog_time, place.backlog_call_id = last


def _in_backlog(place: CountingPlace) -> tuple[ColumnElement[bool], ...]:
    key = tuple_(col(Call.created_time), col(Call.call_id))
    after = key > (place.backlog_time, place.backlog_call_id)
    return col(Call.account_id) == place.account_id, after


async def _forget_old(session: AsyncSession, place: CountingPlace) -> bool:
    """Forgets some series that are not shown any more; True if there may be more of them."""
    statement = (
        select(Series.series_id)
        .where(col(Series.account_id) == place.account_id, col(Series.generation) < place.shown)
        .limit(_FORGET)
    )
    old = (await session.exec(statement)).all()
    if old:
        await _forget(session, old)
    return len(old) == _FORGET


async def _forget(session: AsyncSession, series_ids: Sequence[int]) -> None:
    for table in (QUARTER_SUMS, DAY_SUMS, WEEK_SUMS):
        await session.exec(delete(table).where(table.c.series_id.in_(series_ids)))
    await session.exec(delete(Series).where(col(Series.series_id).in_(series_ids)))
