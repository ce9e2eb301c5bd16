"""Who changed what: written with the change, paged, and forgotten when it is old."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.core import connection_of
from storage.tables import AuditEntry, JsonObject

_INSERT = insert(AuditEntry.metadata.tables["audit_entry"]).inline()


async def record(session: AsyncSession, values: JsonObject) -> None:
    """One entry, in the transaction of what it tells of. `values`: columns of `AuditEntry`."""
    connection = await connection_of(session)
    await connection.execute(_INSERT, values)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """None: all of them. `since` is included, `until` is not."""

    actor_id: str | None = None
    action: str | None = None
    object_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        same = {"actor_id": self.actor_id, "action": self.action, "object_id": self.object_id}
        found = [
            col(getattr(AuditEntry, name)) == value
            for name, value in same.items()
            if value is not None
        ]
        if self.since is not None:
            found.append(col(AuditEntry.at) >= self.since)
        if self.until is not None:
            found.append(col(AuditEntry.at) < self.until)
        return found


async def page(
    session: AsyncSession,
    account_id: str,
    wanted: AuditFilter,
    take: int,
    before: int | None = None,
) -> Sequence[AuditEntry]:
    """The newest first; `before`: older than this entry."""
    conditions = [col(AuditEntry.account_id) == account_id, *wanted.conditions()]
    if before is not None:
        conditions.append(col(AuditEntry.entry_id) < before)
    newest = select(AuditEntry).where(*conditions).order_by(col(AuditEntry.entry_id).desc())
    return (await session.exec(newest.limit(take))).all()


async def count(session: AsyncSession, account_id: str, wanted: AuditFilter) -> int:
    counted = select(func.count()).select_from(AuditEntry)
    matching = counted.where(col(AuditEntry.account_id) == account_id, *wanted.conditions())
    return (await session.exec(matching)).one()


async def purge(session: AsyncSession, before: datetime, limit: int) -> int:
    """Forgets up to so many entries that are older; returns how many."""
    old = (
        select(AuditEntry.entry_id)
        .where(col(AuditEntry.at) < before)
        .order_by(col(AuditEntry.at))
        .limit(limit)
    )
    forgotten = delete(AuditEntry).where(col(AuditEntry.entry_id).in_(old))
    return (await session.exec(forgotten)).rowcount
