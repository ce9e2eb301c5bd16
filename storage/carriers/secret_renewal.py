"""Every secret that is kept, sealed anew under the newest key, so that the former can go."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.carriers import carrier_accounts
from storage.carriers.sealer import Sealer
from storage.database.engine import Database
from storage.database.locks import lock_account, lock_key
from storage.tables import CarrierAccount, SingleSignOn


async def reseal(db: Database, sealer: Sealer) -> int:
    """How many accounts at the carrier, and providers of single sign-on, were changed.

    It may be repeated, and broken off.

    Raises Unsealable for what none of the keys opens; what was done before stays done.
    """
    changed, place = 0, ""
    while True:
        async with db.read() as session:
            some = await carrier_accounts.behind(session, place)
        if not some:
            return changed + await _reseal_sign_on(db, sealer)
        for known in some:
            place = known.carrier_account_id
            async with db.write() as session:
                # A rotation of the token would write the same columns.
                await lock_account(session, known.account_id)
                row = await carrier_accounts.get(session, known.account_id, place)
                changed += row is not None and await _renewed(session, row, sealer)


async def _reseal_sign_on(db: Database, sealer: Sealer) -> int:
    has_secret = select(SingleSignOn.account_id).where(col(SingleSignOn.sealed_secret).is_not(None))
    async with db.read() as session:
        known = (await session.exec(has_secret)).all()
    changed = 0
    for account_id in known:
        async with db.write() as session:
            # As whoever puts another secret in its place does.
            await lock_key(session, f"people:{account_id}")
            row = await session.get(SingleSignOn, account_id)
            if row is None or row.sealed_secret is None or sealer.is_newest(row.sealed_secret):
                continue
            row.sealed_secret = sealer.seal(
                sealer.open(row.sealed_secret, row.sign_on_id), row.sign_on_id
            )
            session.add(row)
            changed += 1
    return changed


async def _renewed(session: AsyncSession, row: CarrierAccount, sealer: Sealer) -> bool:
    kept = (row.sealed_token, row.sealed_former)
    row.sealed_token = _anew(row.sealed_token, row, sealer)
    row.sealed_former = _anew(row.sealed_former, row, sealer)
    if kept == (row.sealed_token, row.sealed_former):
        return False
    await carrier_accounts.save(session, row, row.updated_time)
    return True


def _anew(sealed: str | None, row: CarrierAccount, sealer: Sealer) -> str | None:
    if sealed is None or sealer.is_newest(sealed):
        return sealed
    place = row.carrier_account_id
    return sealer.seal(sealer.open(sealed, place), place)
