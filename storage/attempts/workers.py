"""The workers that dial: when each was seen last, and what one that is gone has left open."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, bindparam, delete, update
from sqlalchemy import select as sql_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import and_, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import AttemptState
from storage.database.core import changed, rows_of
from storage.database.locks import dialect_of
from storage.tables import Attempt, Worker
from storage.tables.types import UtcDateTime

_OLD = bindparam("old", type_=UtcDateTime())
_ABSENT = sql_select(col(Worker.worker_id), col(Worker.last_seen)).where(
    col(Worker.last_seen) < _OLD
)
_IS_AS_SEEN = and_(col(Worker.worker_id) == bindparam("worker"), col(Worker.last_seen) == _OLD)
_CLAIM = update(Worker).where(_IS_AS_SEEN).values(last_seen=bindparam("now", type_=UtcDateTime()))
_FORGET = delete(Worker).where(_IS_AS_SEEN)


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


async def claim_absent(session: AsyncSession, not_since: datetime, now: datetime) -> list[str]:
    """Workers not seen since then, each for one caller, until as much time has passed again."""
    absent = await rows_of(session, _ABSENT, {"old": not_since})
    return [
        worker_id
        for worker_id, seen in absent
        if await changed(session, _CLAIM, {"worker": worker_id, "old": seen, "now": now})
    ]


async def forget(session: AsyncSession, worker_id: str, claimed: datetime) -> None:
    """A worker that has left nothing open, unless it has been seen since it was claimed."""
    await changed(session, _FORGET, {"worker": worker_id, "old": claimed})


async def left_by(session: AsyncSession, worker_id: str) -> list[Attempt]:
    """The dials that it was sending."""
    statement = select(Attempt).where(
        col(Attempt.settled_at).is_(None),
        col(Attempt.worker_id) == worker_id,
        col(Attempt.state) == AttemptState.SENDING,
    )
    return list((await session.exec(statement)).all())


async def not_begun(session: AsyncSession) -> list[Attempt]:
    """Intents: of some a worker may have taken the dial and not come to the gate."""
    statement = select(Attempt).where(
        col(Attempt.settled_at).is_(None), col(Attempt.state) == AttemptState.INTENT
    )
    return list((await session.exec(statement)).all())


async def every(session: AsyncSession) -> list[Worker]:
    return list((await session.exec(select(Worker))).all())
