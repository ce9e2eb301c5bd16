"""Calls ahead whose agent demands to know something of their number."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, literal_column
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Agent, Call

#: Between a call's own time and its commit.
_LATE = timedelta(minutes=1)
#: More agents that demand anything are looked after when their calls decide.
_MOST_AGENTS = 400
#: As the index of calls without a workflow says it.
_ROWS: tuple[ColumnElement[bool], ...] = (
    literal_column("status = 'Created'"),
    literal_column("(waiting_for IS NULL OR waiting_for <> 'slot')"),
)


async def demanding(session: AsyncSession) -> Sequence[str]:
    """Agents that demand to know anything, by their ids."""
    statement = select(Agent.agent_id).where(
        col(Agent.clearance_spec).is_not(None), col(Agent.deleted_time).is_(None)
    )
    return (await session.exec(statement.limit(_MOST_AGENTS))).all()


async def page(
    session: AsyncSession,
    agents: Collection[str],
    until: datetime,
    seen: tuple[datetime, datetime] | None,
    after: tuple[datetime, str] | None,
    take: int,
) -> Sequence[Call]:
    """Their calls without a workflow that may be dialed by then, the first first, behind `after`.

    `seen`: until when a former pass has looked, and when it did; what it saw is left out.
    """
    at, own = col(Call.next_attempt_at), col(Call.call_id)
    statement = select(Call).where(*_ROWS, at <= until, col(Call.agent_id).in_(agents))
    if seen is not None:
        horizon, looked_at = seen
        is_new = col(Call.created_time) > looked_at - _LATE
        statement = statement.where(or_(at > horizon, is_new))
    if after is not None:
        is_behind = or_(at > after[0], and_(at == after[0], own > after[1]))
        statement = statement.where(at >= after[0], is_behind)
    return (await session.exec(statement.order_by(at, own).limit(take))).all()
