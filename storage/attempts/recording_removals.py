"""Recordings that are to be deleted at the carrier: asked for here, done by the watch.

They are remembered by their legs: a recording whose callback was lost is deleted, too.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, literal, or_
from sqlalchemy import select as sql_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.locks import dialect_of
from storage.database.upsert import insert_once
from storage.number_hash import ERASED
from storage.tables import Attempt, Call, RecordingRemoval
from storage.tables.types import UtcDateTime

#: After a failure it is tried again, each time after twice as long, for as long as it takes.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
_DOUBLINGS = 10


async def schedule(session: AsyncSession, which: ColumnElement[bool], due_at: datetime) -> None:
    """Remembers the legs of these attempts that may have been recorded.

    Before their links go: nothing else tells that there was a recording.
    """
    may_be_recorded = or_(col(Attempt.recording_sid).is_not(None), col(Call.recording).is_(True))
    legs = (
        sql_select(
            col(Attempt.carrier_sid), literal(due_at, UtcDateTime()).label("due_at"), literal(0)
        )
        .join(Call, col(Call.call_id) == col(Attempt.call_id))
        .where(which, col(Attempt.carrier_sid).is_not(None), may_be_recorded)
    )
    columns = ["carrier_sid", "due_at", "tries"]
    insert: Any = postgresql.insert if dialect_of(session) == "postgresql" else sqlite.insert
    statement = insert(RecordingRemoval).from_select(columns, legs)
    await session.exec(statement.on_conflict_do_nothing(index_elements=["carrier_sid"]))


async def schedule_leg(session: AsyncSession, carrier_sid: str, due_at: datetime) -> None:
    """Remembers one leg that surely was recorded."""
    await insert_once(
        session, RecordingRemoval(carrier_sid=carrier_sid, due_at=due_at), "carrier_sid"
    )


def is_forgotten(call: Call, attempt: Attempt) -> bool:
    """Whether a recording that is told of only now must not be kept."""
    return not call.kept or attempt.to_endpoint.startswith(ERASED)


async def due(session: AsyncSession, now: datetime, limit: int) -> Sequence[RecordingRemoval]:
    """Those to be tried now, the longest due first."""
    statement = (
        select(RecordingRemoval)
        .where(col(RecordingRemoval.due_at) <= now)
        .order_by(col(RecordingRemoval.due_at))
        .limit(limit)
    )
    return (await session.exec(statement)).all()


async def done(session: AsyncSession, carrier_sid: str) -> None:
    """The carrier has nothing of this leg any more."""
    where = col(RecordingRemoval.carrier_sid) == carrier_sid
    await session.exec(delete(RecordingRemoval).where(where))


async def postpone(session: AsyncSession, row: RecordingRemoval, now: datetime) -> None:
    """It could not be done now."""
    wait = min(FIRST_WAIT * (1 << min(row.tries, _DOUBLINGS)), LONGEST_WAIT)
    await session.exec(
        update(RecordingRemoval)
        .where(col(RecordingRemoval.carrier_sid) == row.carrier_sid)
        .values(due_at=now + wait, tries=row.tries + 1)
    )
