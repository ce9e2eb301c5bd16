"""The queue as people page through it, in segments that are each a run of an index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal, literal_column, text, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.dispatch.dwrr import EMERGENCY
from policy.model.call import CallStatus, WaitingFor
from storage.call_lists import call_counts
from storage.call_lists.call_counts import count_up_to, total
from storage.call_lists.filters import CallFilter, conditions
from storage.database.locks import dialect_of
from storage.database.pagination import decode, encode
from storage.tables import Call
from storage.tables.types import UtcDateTime

QUEUE_STATUSES = (CallStatus.CREATED, CallStatus.QUEUED, CallStatus.PENDING)


@dataclass(frozen=True, slots=True)
class CallPage:
    """`total` counts all pages; `next_cursor` is None on the last one."""

    rows: list[Call]
    total: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Segment:
    """Calls of one kind, in the order of `instant`; segments follow each other by `rank`."""

    rank: int
    statuses: set[CallStatus]
    conditions: tuple[ColumnElement[bool], ...]
    instant: Any

    def instant_of(self, call: Call) -> datetime:
        instant: datetime | None = getattr(call, self.instant.key)
        return instant or call.created_time


_DIALED = 0
_FIRST_IN_QUEUE = 1
_NEW = _FIRST_IN_QUEUE + EMERGENCY + 1
_SLEEPING = _NEW + 1
#: As the partial indexes say it, or SQLite would not use them.
_WAITS_FOR_SLOT: ColumnElement[bool] = col(Call.queued_at).is_not(None)
_SLEEPS: tuple[ColumnElement[bool], ...] = (
    col(Call.status) == literal_column("'Queued'"),
    text("(waiting_for IS NULL OR waiting_for <> 'slot')"),  # type: ignore[assignment]
)


async def queue_page(
    session: AsyncSession,
    account_id: str,
    filter_: CallFilter,
    *,
    skip: int = 0,
    take: int = 50,
    cursor: str | None = None,
) -> CallPage:
    """Calls that wait or are being dialed, next to run first.

    Those being dialed, then those that wait for a slot by priority and time, then the new ones,
    then the others by the time of their next attempt.
    """
    wanted = conditions(account_id, filter_, dialect_of(session))
    rank, last = _read(cursor)
    found: list[tuple[_Segment, Call]] = []
    for segment in await _segments(session, account_id, filter_, rank):
        after = last if segment.rank == rank else None
        rows = await _rows(session, segment, wanted, after, skip, take + 1 - len(found))
        if skip:
            skip = 0 if rows else skip - await _length(session, segment, wanted, skip)
        found += [(segment, row) for row in rows]
        if len(found) > take:
            break
    in_all = await total(session, account_id, filter_, [*wanted, OPEN], QUEUE_STATUSES)
    following = _cursor(*found[take - 1]) if len(found) > take else None
    return CallPage([row for _, row in found[:take]], in_all, following)


async def next_to_wake(session: AsyncSession, account_id: str, take: int) -> list[Call]:
    """Of the calls that wait for a window or a retry, those whose time comes first."""
    statement = (
        select(Call)
        .where(col(Call.account_id) == account_id, *_SLEEPS)
        .order_by(col(Call.next_attempt_at), col(Call.call_id))
        .limit(take)
    )
    return list((await session.exec(statement)).all())


async def _length(
    session: AsyncSession, segment: _Segment, wanted: Sequence[ColumnElement[bool]], most: int
) -> int:
    return await count_up_to(session, [*wanted, *segment.conditions], most)


#: The calls that a queue shows.
OPEN: ColumnElement[bool] = col(Call.status).in_(QUEUE_STATUSES)


def _read(cursor: str | None) -> tuple[int, Any]:
    """The rank a page begins in, and the row it begins after."""
    if cursor is None:
        return 0, None
    rank, instant, call_id = decode(cursor, int, datetime, str)
    return rank, tuple_(literal(instant, UtcDateTime()), literal(call_id))


def _cursor(segment: _Segment, call: Call) -> str:
    return encode(segment.rank, segment.instant_of(call), call.call_id)


async def _segments(
    session: AsyncSession, account_id: str, filter_: CallFilter, from_rank: int
) -> list[_Segment]:
    """The segments that may hold calls of the filter, from a rank on."""
    kinds = await call_counts.queue_kinds(session, account_id)
    return [
        segment
        for segment in _all_segments(kinds)
        if segment.rank >= from_rank
        and (not filter_.statuses or not segment.statuses.isdisjoint(filter_.statuses))
    ]


def _all_segments(kinds: set[tuple[str, str, int]]) -> Iterator[_Segment]:
    statuses = {status for status, _, _ in kinds}
    created = col(Call.created_time)
    if CallStatus.PENDING in statuses:
        yield _Segment(_DIALED, {CallStatus.PENDING}, _is(CallStatus.PENDING), created)
    in_queue = {priority for _, waiting_for, priority in kinds if waiting_for == WaitingFor.SLOT}
    for priority in sorted(in_queue, reverse=True):
        yield _in_queue(priority)
    if CallStatus.CREATED in statuses:
        is_new = (*_is(CallStatus.CREATED), col(Call.queued_at).is_(None))
        yield _Segment(_NEW, {CallStatus.CREATED}, is_new, created)
    if CallStatus.QUEUED in statuses:
        yield _Segment(_SLEEPING, {CallStatus.QUEUED}, _SLEEPS, col(Call.next_attempt_at))


def _is(status: CallStatus) -> tuple[ColumnElement[bool], ...]:
    return (col(Call.status) == status,)


def _in_queue(priority: int) -> _Segment:
    rank = _FIRST_IN_QUEUE + EMERGENCY - priority
    waits = (_WAITS_FOR_SLOT, col(Call.priority) == priority)
    # One that has no workflow yet is new by its status.
    statuses = {CallStatus.QUEUED, CallStatus.CREATED}
    return _Segment(rank, statuses, waits, col(Call.queued_at))


async def _rows(
    session: AsyncSession,
    segment: _Segment,
    wanted: Sequence[ColumnElement[bool]],
    after: Any,
    skip: int,
    take: int,
) -> Sequence[Call]:
    key = (segment.instant, col(Call.call_id))
    statement = select(Call).where(*wanted, *segment.conditions)
    if after is not None:
        statement = statement.where(tuple_(*key) > after)
    statement = statement.order_by(*key).offset(skip).limit(take)
    return (await session.exec(statement)).all()
