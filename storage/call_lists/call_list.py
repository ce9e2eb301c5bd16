"""What people look at: pages of calls, counts. Reads only, always of one account."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Integer, SQLColumnExpression, func, literal, tuple_
from sqlalchemy import select as sql_select
from sqlalchemy.types import TypeEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import CallStatus
from storage.call_lists import call_counts
from storage.call_lists.call_counts import total
from storage.call_lists.filters import CallFilter, conditions
from storage.call_lists.queue_list import CallPage, queue_page
from storage.database.core import rows_of
from storage.database.locks import dialect_of
from storage.database.pagination import BadCursor, decode, encode
from storage.tables import Call
from storage.tables.types import UtcDateTime

__all__ = [
    "BadCursor",
    "CallFilter",
    "CallOrder",
    "CallPage",
    "call_page",
    "calls_after",
    "queue_page",
    "status_counts",
]


class CallOrder(StrEnum):
    """By what a list is sorted; all but the first two look at every call of the filter."""

    NEWEST = "newest"
    OLDEST = "oldest"
    ENDED = "ended"
    LONGEST = "longest"


_SORTED = (CallOrder.ENDED, CallOrder.LONGEST)
#: Of a call that has not ended.
_NEVER, _NO_TIME = datetime(1970, 1, 1, tzinfo=UTC), -1


async def call_page(
    session: AsyncSession,
    account_id: str,
    filter_: CallFilter,
    *,
    skip: int = 0,
    take: int = 50,
    cursor: str | None = None,
    order: CallOrder = CallOrder.NEWEST,
) -> CallPage:
    """Newest first unless another order is said. Raises `BadCursor` for a cursor not ours."""
    rows, following = await calls_after(
        session, account_id, filter_, take, cursor=cursor, skip=skip, order=order
    )
    wanted = conditions(account_id, filter_, dialect_of(session))
    in_all = await total(session, account_id, filter_, wanted)
    return CallPage(rows, in_all, following)


async def calls_after(
    session: AsyncSession,
    account_id: str,
    filter_: CallFilter,
    take: int,
    *,
    cursor: str | None = None,
    skip: int = 0,
    order: CallOrder = CallOrder.NEWEST,
) -> tuple[list[Call], str | None]:
    """The calls of a page without counting them all, and the cursor of the next one."""
    key, is_rising = _key(order), order is CallOrder.OLDEST
    statement = select(Call).where(*conditions(account_id, filter_, dialect_of(session)))
    if cursor is not None:
        at, call_id = decode(cursor, int if order is CallOrder.LONGEST else datetime, str)
        last = tuple_(literal(at, _type(order)), literal(call_id))
        whole = tuple_(key, col(Call.call_id))
        statement = statement.where(whole > last if is_rising else whole < last)
    keys = [one.asc() if is_rising else one.desc() for one in (key, _last_key(filter_))]
    statement = statement.order_by(*keys).offset(skip).limit(take + 1)
    if order in _SORTED:
        # No index is in this order: what is sorted are ids, not whole calls.
        ids = statement.with_only_columns(col(Call.call_id))
        statement = select(Call).where(col(Call.call_id).in_(ids)).order_by(*keys)
    found = (await session.exec(statement)).all()
    if len(found) <= take:
        return list(found), None
    return list(found[:take]), encode(_value(order, found[take - 1]), found[take - 1].call_id)


def _key(order: CallOrder) -> SQLColumnExpression[Any]:
    if order is CallOrder.ENDED:
        return func.coalesce(col(Call.completed_time), literal(_NEVER, UtcDateTime()))
    if order is CallOrder.LONGEST:
        return func.coalesce(col(Call.duration_seconds), _NO_TIME)
    return col(Call.created_time)


def _type(order: CallOrder) -> TypeEngine[Any]:
    return Integer() if order is CallOrder.LONGEST else UtcDateTime()


def _value(order: CallOrder, call: Call) -> datetime | int:
    if order is CallOrder.ENDED:
        return call.completed_time or _NEVER
    if order is CallOrder.LONGEST:
        return _NO_TIME if call.duration_seconds is None else call.duration_seconds
    return call.created_time


def _last_key(filter_: CallFilter) -> SQLColumnExpression[str]:
    """The call's id; where one status is asked for, so said that no index has it.

    SQLite would else take the index that is in order already, and read all of an account's calls
    to find the few of a rare status.
    """
    one_status = len(filter_.statuses) == 1
    return col(Call.call_id).concat("") if one_status else col(Call.call_id)


async def status_counts(
    session: AsyncSession, account_id: str, filter_: CallFilter
) -> dict[str, int]:
    """How many calls are in each status; every status is there."""
    if filter_.is_tallied:
        counted = await call_counts.by_status(session, account_id, filter_)
    else:
        statement = (
            sql_select(col(Call.status), func.count())
            .where(*conditions(account_id, filter_, dialect_of(session)))
            .group_by(col(Call.status))
        )
        counted = dict(map(tuple, await rows_of(session, statement)))
    return {status.value: counted.get(status, 0) for status in CallStatus}
