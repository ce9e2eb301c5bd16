"""Every secret in the database sealed under the newest key: `trunkline secrets reseal`."""

import asyncio

from bootstrap import BadSecretKeys, sealer
from cli.configured import configured
from cli.errors import Unusable, say
from cli.migration import usable
from storage.carriers.sealer import NoSecretKey, Sealer, Unsealable
from storage.carriers.secret_renewal import reseal
from storage.database.engine import Database
from storage.database.migrate import current, head


def renew() -> None:
    """Seal all anew, and say how many; raises Unusable."""
    settings = configured()
    url = settings.database
    try:
        seals = sealer(settings)
    except BadSecretKeys as error:
        raise Unusable(f"TRUNKLINE_SECRET_KEYS: {error}.") from None
    with usable(url):
        if current(url) != head():
            raise Unusable("The database is not of this version: run `trunkline migrate` first.")
        try:
            changed = asyncio.run(_renewed(url, seals))
        except NoSecretKey:
            raise Unusable("Set TRUNKLINE_SECRET_KEYS first.") from None
        except Unsealable as error:
            raise Unusable(f"A secret cannot be opened: {error}.") from None
    say(f"{changed} sealed anew; all are sealed under the newest key.")


async def _renewed(url: str, seals: Sealer) -> int:
    # Without a key there is nothing to do, also where nothing is sealed.
    _ = seals.newest
    db = Database(url)
    try:
        return await reseal(db, seals)
    finally:
        await db.close()
