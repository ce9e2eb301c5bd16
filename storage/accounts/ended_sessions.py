"""Sessions that somebody has signed out of, remembered until they would have ended anyway."""

from datetime import datetime

from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import EndedSession


async def end(session: AsyncSession, session_id: str, ends_at: datetime) -> None:
    """Repeating it changes nothing."""
    await session.merge(EndedSession(session_id=session_id, ends_at=ends_at))
    await session.flush()


async def has_ended(session: AsyncSession, session_id: str) -> bool:
    return await session.get(EndedSession, session_id) is not None


async def purge(session: AsyncSession, now: datetime) -> int:
    """Forgets those whose time has come; returns how many."""
    over = delete(EndedSession).where(col(EndedSession.ends_at) <= now)
    return (await session.exec(over)).rowcount
