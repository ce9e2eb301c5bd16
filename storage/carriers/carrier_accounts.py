"""Accounts at the carrier: kept, changed, and given up."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.locks import lock_account
from storage.database.pagination import page_of
from storage.tables import Account, Attempt, CarrierAccount, Transfer

#: What an integer column holds.
_VERSIONS = 2**31 - 1
_IN_FORCE = col(CarrierAccount.removed_time).is_(None)
#: More than any process is to hold secrets of.
MOST = 10_000
#: Of one account: nobody takes up what all others need.
MOST_OF_ACCOUNT = 100
_PAGE = 500


async def add(session: AsyncSession, row: CarrierAccount) -> None:
    session.add(row)
    await _renew_version(session, row.account_id)


async def save(session: AsyncSession, row: CarrierAccount, now: datetime) -> None:
    """Keeps what was changed of it; whoever dials notices at the next dial."""
    row.updated_time = now
    session.add(row)
    await _renew_version(session, row.account_id)


async def hold(
    session: AsyncSession, account_id: str, carrier_account_id: str
) -> CarrierAccount | None:
    """The same as `get`, under the lock of its owner: no dial begins meanwhile."""
    await lock_account(session, account_id)
    return await get(session, account_id, carrier_account_id)


async def get(
    session: AsyncSession, account_id: str, carrier_account_id: str
) -> CarrierAccount | None:
    """The one with this id, unless it was removed or is another account's."""
    statement = select(CarrierAccount).where(
        col(CarrierAccount.carrier_account_id) == carrier_account_id,
        col(CarrierAccount.account_id) == account_id,
        _IN_FORCE,
    )
    return (await session.exec(statement)).one_or_none()


async def page(
    session: AsyncSession, account_id: str, skip: int, take: int
) -> tuple[list[CarrierAccount], int]:
    """Newest first, and how many there are in all."""
    newest_first = (
        col(CarrierAccount.created_time).desc(),
        col(CarrierAccount.carrier_account_id).desc(),
    )
    return await page_of(
        session,
        CarrierAccount,
        col(CarrierAccount.account_id) == account_id,
        _IN_FORCE,
        order=newest_first,
        skip=skip,
        take=take,
    )


async def of_account(session: AsyncSession, account_id: str) -> Sequence[CarrierAccount]:
    statement = select(CarrierAccount).where(
        col(CarrierAccount.account_id) == account_id, _IN_FORCE
    )
    return (await session.exec(statement)).all()


def by_number(
    rows: Sequence[CarrierAccount],
) -> tuple[dict[str, CarrierAccount], CarrierAccount | None]:
    """Of an account's: who dials from which number, and who from all others, if one of them."""
    default = next((row for row in rows if row.is_default), None)
    return {number: row for row in rows for number in row.caller_ids}, default


async def choose_default(
    session: AsyncSession, account_id: str, chosen: CarrierAccount | None, now: datetime
) -> None:
    """From now on it dials from all numbers that none has; None: the installation's own does."""
    for row in await of_account(session, account_id):
        if row.is_default and row is not chosen:
            row.is_default = False
            await save(session, row, now)
    if chosen is not None and not chosen.is_default:
        chosen.is_default = True
        await save(session, chosen, now)


async def every(session: AsyncSession) -> Sequence[CarrierAccount]:
    """Those of all accounts, the oldest first."""
    statement = (
        select(CarrierAccount)
        .where(_IN_FORCE)
        .order_by(col(CarrierAccount.created_time), col(CarrierAccount.carrier_account_id))
        .limit(MOST)
    )
    return (await session.exec(statement)).all()


async def behind(session: AsyncSession, after: str) -> Sequence[CarrierAccount]:
    """Those behind this id, some at a time: nobody is left out, however many there are."""
    own = col(CarrierAccount.carrier_account_id)
    statement = select(CarrierAccount).where(_IN_FORCE, own > after).order_by(own).limit(_PAGE)
    return (await session.exec(statement)).all()


async def has_open_attempts(session: AsyncSession, carrier_account_id: str) -> bool:
    """Whether a leg of it may be alive, or the fate of one is not known."""
    statement = select(Attempt.attempt_id).where(
        col(Attempt.settled_at).is_(None),
        col(Attempt.carrier_account_id) == carrier_account_id,
    )
    return (await session.exec(statement.limit(1))).first() is not None


async def remove(session: AsyncSession, row: CarrierAccount, now: datetime) -> None:
    """Out of force, and its secrets with it; the row stays, for the attempts that name it."""
    row.sealed_token = row.sealed_former = row.former_ends_at = None
    row.removed_time, row.is_default = now, False
    await save(session, row, now)


async def located(session: AsyncSession, carrier_sid: str) -> str | None:
    """At which of them a leg is; None: at the installation's own, or nobody knows the leg.

    The leg to a transfer's target is where its callee's is.
    """
    statement = select(Attempt.carrier_account_id).where(col(Attempt.carrier_sid) == carrier_sid)
    own = (await session.exec(statement)).all()
    if own:
        return own[0]
    of_target = (
        select(Attempt.carrier_account_id)
        .join(Transfer, col(Transfer.attempt_id) == col(Attempt.attempt_id))
        .where(col(Transfer.leg_sid) == carrier_sid)
    )
    return (await session.exec(of_target)).first()


async def _renew_version(session: AsyncSession, account_id: str) -> None:
    account: Account | None = await lock_account(session, account_id)
    assert account is not None
    # Not the next number: a change that is rolled back would leave what was read to the next one.
    account.carriers_version = secrets.randbelow(_VERSIONS) + 1
    session.add(account)
    await session.flush()
