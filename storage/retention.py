"""What is removed from calls that ended long ago: their counts, times and proofs stay."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import removals
from storage.tables import Attempt, Call, Contact, JsonObject


async def forget(session: AsyncSession, ended_before: datetime, limit: int) -> int:
    """Empties up to `limit` calls that ended before; returns how many."""
    ids = await _old(session, ended_before, limit)
    if not ids:
        return 0
    contents: JsonObject = {"context": {}, "additional_data": {}, "result": None, "kept": False}
    recordings = {"recording_url": None, "recording_sid": None}
    unsynchronized = {"synchronize_session": False}
    # Due at once: any moment of the past is.
    await removals.schedule(session, col(Attempt.call_id).in_(ids), ended_before)
    await session.exec(
        update(Call)
        .where(col(Call.call_id).in_(ids))
        .values(**contents)
        .execution_options(**unsynchronized)
    )
    await session.exec(
        update(Attempt)
        .where(col(Attempt.call_id).in_(ids))
        .values(**recordings)
        .execution_options(**unsynchronized)
    )
    # The lists that the calls were made from have their contexts, too.
    campaigns = select(Call.campaign_id).where(col(Call.call_id).in_(ids))
    await session.exec(
        update(Contact)
        .where(col(Contact.campaign_id).in_(campaigns), col(Contact.call_id).in_(ids))
        .values(context={})
        .execution_options(**unsynchronized)
    )
    return len(ids)


async def _old(session: AsyncSession, ended_before: datetime, limit: int) -> list[str]:
    statement = (
        select(Call.call_id)
        # As the partial index says it: on SQLite a boolean column would become `= 1`.
        .where(text("kept"), col(Call.completed_time) < ended_before)
        .order_by(col(Call.completed_time))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())
