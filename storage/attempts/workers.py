"""The workers that dial, when each was seen last, and dials that have stood still since."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Insert, Integer, bindparam, delete, func
from sqlalchemy import select as sql_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import AttemptState
from storage.database.core import changed, rows_of
from storage.database.locks import dialect_of
from storage.tables import Attempt, Worker
from storage.tables.types import UtcDateTime

#: So long a worker that is gone is remembered.
REMEMBERED = timedelta(hours=1)
#: Without a leg that would tell of its end. The last two have only to be answered to Temporal.
_UNSENT = (
    AttemptState.INTENT,
    AttemptState.SENDING,
    AttemptState.UNKNOWN,
    AttemptState.REJECTED,
)
_SINCE = bindparam("since", type_=UtcDateTime())
_PRESENT = sql_select(col(Worker.worker_id)).where(col(Worker.last_seen) > _SINCE)
# Made once: every worker asks all the time, and making it takes longer than asking.
_STANDING = (
    select(Attempt)
    .where(
        col(Attempt.settled_at).is_(None),
        col(Attempt.state).in_(_UNSENT),
        func.coalesce(col(Attempt.sending_at), col(Attempt.dialed_at)) < _SINCE,
    )
    .order_by(col(Attempt.dialed_at))
    .limit(bindparam("most", type_=Integer))
)
_FORGET = delete(Worker).where(col(Worker.last_seen) < _SINCE)


async def beat(session: AsyncSession, worker_id: str, now: datetime) -> None:
    """The worker is here."""
    await changed(session, _seen(dialect_of(session)), {"worker_id": worker_id, "last_seen": now})


@cache
def _seen(dialect: str) -> Insert:
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(Worker.metadata.tables["worker"]).inline()
    upsert: Insert = statement.on_conflict_do_update(
        index_elements=["worker_id"], set_={"last_seen": statement.excluded.last_seen}
    )
    return upsert


async def present(session: AsyncSession, since: datetime) -> set[str]:
    """Ids of the workers that were seen since then."""
    return {worker_id for (worker_id,) in await rows_of(session, _PRESENT, {"since": since})}


async def forget(session: AsyncSession, now: datetime) -> None:
    """Workers that have long been gone."""
    await changed(session, _FORGET, {"since": now - REMEMBERED})


async def standing(session: AsyncSession, since: datetime, limit: int) -> Sequence[Attempt]:
    """Dials that have not been sent since then, or ended unsent and unsettled: oldest first."""
    return (await session.exec(_STANDING, params={"since": since, "most": limit})).all()
