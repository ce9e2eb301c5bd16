"""What people look at: pages of calls, counts. Reads only, always of one account."""

from datetime import datetime

from sqlalchemy import SQLColumnExpression, func, literal, tuple_
from sqlalchemy import select as sql_select
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

__all__ = ["BadCursor", "CallFilter", "CallPage", "call_page", "queue_page", "status_counts"]


async def call_page(
    session: AsyncSession,
    account_id: str,
    filter_: CallFilter,
    *,
    skip: int = 0,
    take: int = 50,
    cursor: str | None = None,
) -> CallPage:
    """Newest first. Raises `BadCursor` for a cursor that is not ours."""
    wanted = conditions(account_id, filter_, dialect_of(session))
    key = tuple_(col(Call.created_time), col(Call.call_id))
    statement = select(Call).where(*wanted)
    if cursor is not None:
        created, call_id = decode(cursor, datetime, str)
        last = tuple_(literal(created, UtcDateTime()), literal(call_id))
        statement = statement.where(key < last)
    statement = statement.order_by(col(Call.created_time).desc(), _last_key(filter_).desc())
    found = (await session.exec(statement.offset(skip).limit(take + 1))).all()
    more = len(found) > take
    following = encode(found[take - 1].created_time, found[take - 1].call_id) if more else None
    in_all = await total(session, account_id, filter_, wanted)
    return CallPage(list(found[:take]), in_all, following)


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
