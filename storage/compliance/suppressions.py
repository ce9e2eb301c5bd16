"""The do-not-call list: entries are added, taken back and imported, never lost."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import forms_of
from policy.model.person import ScopeKind
from storage.database.bulk import insert_all
from storage.database.locks import lock_account, lock_key
from storage.database.pagination import batches, page_of
from storage.events import event_log
from storage.events.event_log import EventType
from storage.tables import JsonObject, Registry, RegistryEntry, Suppression

_ENTRIES = Suppression.metadata.tables["registry_entry"]


async def add(session: AsyncSession, row: Suppression) -> None:
    """Under the account's lock: once it is committed, no dial of the account passes the gate."""
    await lock_account(session, row.account_id)
    session.add(row)
    await session.flush()
    await event_log.insert_rows(session, [_told(row)])


async def add_once(session: AsyncSession, row: Suppression) -> Suppression:
    """The entry, or one that says the same for ever already."""
    statement = select(Suppression).where(
        col(Suppression.account_id) == row.account_id,
        col(Suppression.endpoint) == row.endpoint,
        col(Suppression.scope) == row.scope,
        col(Suppression.scope_of) == row.scope_of,
        col(Suppression.removed_time).is_(None),
        col(Suppression.expires_time).is_(None),
        *([col(Suppression.of_person).is_(True)] if row.of_person else []),
    )
    known = (await session.exec(statement.limit(1))).first()
    if known is not None:
        return known
    await add(session, row)
    return row


async def add_many(
    session: AsyncSession, account_id: str, endpoints: Collection[str], source: str, now: datetime
) -> int:
    """Entries for all calls and for ever; those that stand there already are left out.

    Returns how many are new.
    """
    await lock_account(session, account_id)
    known = await _suppressed(session, account_id, endpoints)
    rows = [
        Suppression(account_id=account_id, endpoint=endpoint, source=source, created_time=now)
        for endpoint in sorted(set(endpoints) - known)
    ]
    session.add_all(rows)
    await session.flush()
    await event_log.insert_rows(session, [_told(row) for row in rows])
    return len(rows)


def _told(row: Suppression) -> JsonObject:
    data = {"scope": row.scope.value, "source": row.source}
    if row.scope_of:
        data["scopeOf"] = row.scope_of
    return event_log.row_about(
        row.account_id, row.suppression_id, EventType.NUMBER_SUPPRESSED, row.created_time, data
    )


async def _suppressed(
    session: AsyncSession, account_id: str, endpoints: Collection[str]
) -> set[str]:
    found: set[str] = set()
    for some in batches(endpoints):
        statement = select(Suppression.endpoint).where(
            col(Suppression.account_id) == account_id,
            col(Suppression.endpoint).in_(some),
            col(Suppression.scope) == ScopeKind.ALL,
            col(Suppression.removed_time).is_(None),
            col(Suppression.expires_time).is_(None),
        )
        found.update(one for one in (await session.exec(statement)).all() if one is not None)
    return found


async def get(session: AsyncSession, account_id: str, suppression_id: str) -> Suppression | None:
    """The entry, unless it is another account's."""
    statement = select(Suppression).where(
        col(Suppression.suppression_id) == suppression_id,
        col(Suppression.account_id) == account_id,
    )
    return (await session.exec(statement)).one_or_none()


async def page(
    session: AsyncSession,
    account_id: str,
    now: datetime,
    skip: int,
    take: int,
    *,
    endpoint: str | None = None,
    only_in_force: bool = False,
) -> tuple[list[Suppression], int]:
    """Newest first, and how many there are in all."""
    conditions: list[ColumnElement[bool]] = [col(Suppression.account_id) == account_id]
    if endpoint is not None:
        conditions.append(col(Suppression.endpoint).in_(forms_of(endpoint)))
    if only_in_force:
        alive = or_(col(Suppression.expires_time).is_(None), col(Suppression.expires_time) > now)
        conditions += [col(Suppression.removed_time).is_(None), alive]
    return await page_of(
        session,
        Suppression,
        *conditions,
        order=(col(Suppression.created_time).desc(), col(Suppression.suppression_id).desc()),
        skip=skip,
        take=take,
    )


async def remove(session: AsyncSession, row: Suppression, by: str, now: datetime) -> None:
    """Takes it back; the row stays as evidence. A second time changes nothing."""
    if row.removed_time is None:
        row.removed_time, row.removed_by = now, by
        session.add(row)
        await session.flush()


# -- registries


async def import_registry(
    session: AsyncSession,
    account_id: str,
    registry: str,
    endpoints: Collection[str],
    scrubbed: datetime,
    now: datetime,
    *,
    keep: bool,
) -> Registry:
    """The registry as it was imported now; `keep`: what stood in it before stays in it."""
    await lock_key(session, f"registry:{account_id}:{registry}")
    of_registry = (
        col(RegistryEntry.account_id) == account_id,
        col(RegistryEntry.registry_name) == registry,
    )
    known: set[str] = set()
    if keep:
        known = await _known(session, of_registry, endpoints)
    else:
        await session.exec(delete(RegistryEntry).where(*of_registry))
    rows: list[JsonObject] = [
        {"account_id": account_id, "endpoint": endpoint, "registry_name": registry}
        for endpoint in sorted(set(endpoints) - known)
    ]
    await insert_all(session, _ENTRIES, rows)
    row = await session.get(Registry, (account_id, registry))
    row = row or Registry(account_id=account_id, registry_name=registry)
    row.scrubbed_time, row.imported_time = scrubbed, now
    row.entries = await _count(session, of_registry)
    session.add(row)
    await session.flush()
    return row


async def _known(
    session: AsyncSession, of_registry: Sequence[ColumnElement[bool]], endpoints: Collection[str]
) -> set[str]:
    found: set[str] = set()
    for some in batches(endpoints):
        statement = select(RegistryEntry.endpoint).where(
            *of_registry, col(RegistryEntry.endpoint).in_(some)
        )
        found.update((await session.exec(statement)).all())
    return found


async def _count(session: AsyncSession, of_registry: Sequence[ColumnElement[bool]]) -> int:
    statement = select(func.count()).select_from(RegistryEntry).where(*of_registry)
    return (await session.exec(statement)).one()


async def registries(session: AsyncSession, account_id: str) -> Sequence[Registry]:
    statement = (
        select(Registry)
        .where(col(Registry.account_id) == account_id)
        .order_by(col(Registry.registry_name))
    )
    return (await session.exec(statement)).all()
