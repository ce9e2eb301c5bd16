"""Transfer targets: added, read, paged, deleted softly. To update one, set its attributes."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.transfers.targets import TargetHours
from storage.database.locks import lock_account
from storage.database.pagination import page_of
from storage.tables import TransferTarget
from storage.tables.specs import weekly_from_hours_spec


class NameTaken(Exception):
    """The account has another target of this name."""


def hours_of(target: TransferTarget) -> TargetHours:
    """When somebody is there, as policy reads it."""
    return TargetHours(weekly_from_hours_spec(target.hours_spec), target.timezone)


async def put(session: AsyncSession, row: TransferTarget) -> None:
    """Adds a target, or writes one that was changed; raises NameTaken."""
    with session.no_autoflush:
        await lock_account(session, row.account_id)
        other = await named(session, row.account_id, row.name)
    if other is not None and other.target_id != row.target_id:
        raise NameTaken
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, account_id: str, target_id: str) -> TransferTarget | None:
    """The target, unless it is another account's or deleted."""
    statement = select(TransferTarget).where(
        col(TransferTarget.target_id) == target_id,
        col(TransferTarget.account_id) == account_id,
        col(TransferTarget.deleted_time).is_(None),
    )
    return (await session.exec(statement)).one_or_none()


async def named(session: AsyncSession, account_id: str, name: str) -> TransferTarget | None:
    """The account's target of this name, unless it is deleted."""
    statement = select(TransferTarget).where(
        col(TransferTarget.account_id) == account_id,
        col(TransferTarget.name) == name,
        col(TransferTarget.deleted_time).is_(None),
    )
    return (await session.exec(statement.limit(1))).first()


async def known(session: AsyncSession, account_id: str, names: Collection[str]) -> set[str]:
    """Those of the names that targets of the account have."""
    if not names:
        return set()
    statement = select(TransferTarget.name).where(
        col(TransferTarget.account_id) == account_id,
        col(TransferTarget.name).in_(names),
        col(TransferTarget.deleted_time).is_(None),
    )
    return set((await session.exec(statement)).all())


async def has(session: AsyncSession, account_id: str, endpoint: str) -> bool:
    """Whether a target of the account has this endpoint, or had it."""
    statement = select(TransferTarget.target_id).where(
        col(TransferTarget.account_id) == account_id, col(TransferTarget.endpoint) == endpoint
    )
    return (await session.exec(statement.limit(1))).first() is not None


async def page(
    session: AsyncSession, account_id: str, skip: int, take: int
) -> tuple[list[TransferTarget], int]:
    """By name, and how many there are in all."""
    return await page_of(
        session,
        TransferTarget,
        col(TransferTarget.account_id) == account_id,
        col(TransferTarget.deleted_time).is_(None),
        order=(col(TransferTarget.name), col(TransferTarget.target_id)),
        skip=skip,
        take=take,
    )


async def delete(session: AsyncSession, row: TransferTarget, now: datetime) -> None:
    """Marks it deleted: pathways that name it go on as if nobody were reached."""
    row.deleted_time = row.updated_time = now
    session.add(row)
    await session.flush()
