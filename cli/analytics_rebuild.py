"""The sums that analytics is answered from, counted anew: `trunkline analytics rebuild`."""

import asyncio
import time

from cli.configured import configured
from cli.errors import Interrupted, Unusable, say
from cli.migration import usable
from storage.analytics import rollup
from storage.database.engine import Database
from storage.database.migrate import current, head
from storage.database.postgresql import LONG, ConnectionOptions

#: Calls whose sums are written in one transaction: on SQLite whoever else writes waits for its end.
#: With few of them each page of a large database is written for one sum alone.
PAGES = {"sqlite": 2_000, "postgresql": 10_000}
#: Between two words about how far it is.
TELL_SECONDS = 2.0


def rebuild() -> None:
    """Count all calls anew; raises Unusable, and Interrupted when it was."""
    settings = configured()
    url = settings.database
    options = ConnectionOptions(time_outs=LONG, by_pooler=settings.database_pooler)
    with usable(url):
        if current(url) != head():
            raise Unusable("The database is not of this version: run `trunkline migrate` first.")
        try:
            asyncio.run(_rebuild(url, options))
        except KeyboardInterrupt:
            say("Not all calls are counted yet. A worker goes on; so do the old numbers till then.")
            raise Interrupted from None


async def _rebuild(url: str, options: ConnectionOptions) -> None:
    db = Database(url, options)
    try:
        async with db.read() as session:
            owners = await rollup.accounts(session)
        for owner in owners:
            await _count_anew(db, owner)
    finally:
        await db.close()


async def _count_anew(db: Database, account_id: str) -> None:
    """Beside a worker's rollup, if there is one: each page is counted by whoever comes first."""
    async with db.write() as session:
        await rollup.begin_anew(session, account_id)
    total, told = await _left(db, account_id), time.monotonic()
    while await _count_page(db, account_id):
        if time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            counted = max(0, total - await _left(db, account_id))
            say(f"account {account_id}: {counted:,} of {total:,} calls counted")
    await _count_news(db, account_id)
    say(f"account {account_id}: all {total:,} calls counted, the new numbers are shown")


async def _count_page(db: Database, account_id: str) -> bool:
    """False if there was none. It is worked out first, while others may write."""
    async with db.read() as session:
        page = await rollup.next_page(session, account_id, PAGES[db.dialect])
    if page is None:
        return False
    async with db.write() as session:
        await rollup.enter_page(session, page)
    return True


async def _count_news(db: Database, account_id: str) -> None:
    """What has changed meanwhile; and the old numbers are forgotten."""
    more = True
    while more:
        async with db.write() as session:
            more = await rollup.count(session, account_id)


async def _left(db: Database, account_id: str) -> int:
    async with db.browse() as session:
        return await rollup.left(session, account_id)
