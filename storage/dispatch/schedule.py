"""The calls that are to be made, in the order in which they should be: pages for people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import CallStatus
from storage.call_lists.call_counts import total
from storage.call_lists.filters import CallFilter, conditions
from storage.call_lists.queue_list import OPEN, QUEUE_STATUSES, queue_page
from storage.database.locks import dialect_of
from storage.database.pagination import BadCursor, batches, decode, encode
from storage.dispatch.queue_position import Wait, in_line, waits
from storage.tables import Account, Call

#: A page begins among those whose turn is known, or after these.
_KNOWN, _LATER = "known", "later"
#: So many calls are being dialed at most that a list puts first.
_MOST_DIALED = 200


@dataclass(frozen=True, slots=True)
class SchedulePage:
    """`total` counts all pages. `waits` says of those that wait for a slot how they stand."""

    rows: list[Call]
    total: int
    waits: dict[str, Wait]
    next_cursor: str | None


async def schedule_page(
    session: AsyncSession,
    account: Account,
    filter_: CallFilter,
    now: datetime,
    *,
    take: int,
    cursor: str | None = None,
) -> SchedulePage:
    """Calls that are being dialed, then the line in the order of its turns, then all others.

    The others are in the order of `queue_page`: whose turn is not known, new ones, those that wait
    for a time. Raises `BadCursor` for a cursor that is not ours.
    """
    part, place = decode(cursor, str, str) if cursor else (_KNOWN, "0")
    places = await in_line(session, account, now)
    line = sorted(places, key=lambda call_id: places[call_id].position)
    known = await _known(session, account, filter_, line)
    start = _start(place) if part == _KNOWN else len(known)
    rows = await _in_order(session, known[start : start + take])
    if start + take < len(known):
        following: str | None = encode(_KNOWN, str(start + take))
    else:
        left = take - len(known[start : start + take])
        after = place if part == _LATER else ""
        others, following = await _others(session, account, filter_, known, after, left)
        rows += others
    wanted = conditions(account.account_id, filter_, dialect_of(session))
    in_all = await total(session, account.account_id, filter_, [*wanted, OPEN], QUEUE_STATUSES)
    stand = await waits(session, account, now, rows, places)
    return SchedulePage(rows, in_all, stand, following)


def _start(place: str) -> int:
    if not place.isdecimal():
        raise BadCursor("this cursor was not given out by this listing")
    return int(place)


async def _others(
    session: AsyncSession,
    account: Account,
    filter_: CallFilter,
    known: Sequence[str],
    after: str,
    take: int,
) -> tuple[list[Call], str | None]:
    """Up to `take` calls that are not known, and where they go on; of 0 only whether there are."""
    rest = replace(filter_, without=known)
    cursor = after or None
    page = await queue_page(session, account.account_id, rest, take=max(take, 1), cursor=cursor)
    if take == 0:
        return [], encode(_LATER, "") if page.rows else None
    return page.rows, page.next_cursor and encode(_LATER, page.next_cursor)


async def _known(
    session: AsyncSession, account: Account, filter_: CallFilter, line: Sequence[str]
) -> list[str]:
    """Ids of those that are being dialed and of the line, if the filter lets them through."""
    dialed: list[str] = []
    if not filter_.statuses or CallStatus.PENDING in filter_.statuses:
        pending = replace(filter_, statuses=[CallStatus.PENDING])
        found = await queue_page(session, account.account_id, pending, take=_MOST_DIALED)
        dialed = [call.call_id for call in found.rows]
    if filter_ == CallFilter(statuses=filter_.statuses) and (
        not filter_.statuses or CallStatus.QUEUED in filter_.statuses
    ):
        return dialed + [call_id for call_id in line if call_id not in dialed]
    let_through: set[str] = set()
    for some in batches(line):
        wanted = conditions(account.account_id, replace(filter_, ids=some), dialect_of(session))
        statement = select(col(Call.call_id)).where(*wanted)
        let_through.update((await session.exec(statement)).all())
    let_through.difference_update(dialed)
    return dialed + [call_id for call_id in line if call_id in let_through]


async def _in_order(session: AsyncSession, ids: Sequence[str]) -> list[Call]:
    if not ids:
        return []
    statement = select(Call).where(col(Call.call_id).in_(ids))
    found = {call.call_id: call for call in (await session.exec(statement)).all()}
    return [found[call_id] for call_id in ids if call_id in found]
