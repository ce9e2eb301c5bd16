"""How many calls a list has in all."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.call import CallStatus
from storage import tally
from storage.filters import CallFilter
from storage.tables import Call

#: Beyond it calls are counted only where the tally knows their number.
COUNTED_UP_TO = 10_000


async def total(
    session: AsyncSession,
    account_id: str,
    filter_: CallFilter,
    conditions: Sequence[ColumnElement[bool]],
    among: Sequence[CallStatus] = (),
) -> int:
    """Exact where only agent, campaign, status or outcome are asked for; else at most 10,000."""
    if not filter_.is_tallied:
        return await count_up_to(session, conditions, COUNTED_UP_TO)
    statuses = filter_.statuses or among
    if among:
        statuses = [status for status in statuses if status in among]
        if not statuses:
            return 0
    return await tally.count(session, account_id, replace(filter_, statuses=statuses))


async def count_up_to(
    session: AsyncSession, conditions: Sequence[ColumnElement[bool]], limit: int
) -> int:
    """The number of calls, or `limit` if there are more."""
    some = select(col(Call.call_id)).where(*conditions).limit(limit).subquery()
    return (await session.exec(select(func.count()).select_from(some))).one()
