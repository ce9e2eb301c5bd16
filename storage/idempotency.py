"""The answers given under a client's Idempotency-Key, kept for 24 hours."""

from datetime import datetime, timedelta

from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.locks import lock_key
from storage.tables import IdempotencyKey, JsonObject

KEPT_FOR = timedelta(hours=24)


async def find(
    session: AsyncSession, account_id: str, key: str, now: datetime
) -> IdempotencyKey | None:
    """The answer already given. Holds the key, so that of two at once the second finds it."""
    await lock_key(session, f"idempotency:{account_id}:{key}")
    row = await session.get(IdempotencyKey, (account_id, key))
    return row if row is not None and row.created_time > now - KEPT_FOR else None


async def keep(
    session: AsyncSession,
    account_id: str,
    key: str,
    body_sha256: str,
    status_code: int,
    response: JsonObject,
    headers: JsonObject,
    now: datetime,
) -> None:
    """Call `find` first, in the same transaction. Takes the place of an answer too old."""
    row = IdempotencyKey(
        account_id=account_id,
        key=key,
        body_sha256=body_sha256,
        status_code=status_code,
        response=response,
        headers=headers,
        created_time=now,
    )
    await session.merge(row)
    await session.flush()


async def purge(session: AsyncSession, now: datetime) -> int:
    """Forgets what is too old; returns how many."""
    old = delete(IdempotencyKey).where(col(IdempotencyKey.created_time) <= now - KEPT_FOR)
    return (await session.exec(old)).rowcount
