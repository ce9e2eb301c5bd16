"""Whether the database answers and is of this version, and which numbers agents call from."""

import asyncio

from sqlmodel import select

from bootstrap import connection_options
from cli.doctor.diagnosis import Finding, bad, well
from cli.errors import Unusable
from cli.migration import usable
from settings import Settings
from storage.carriers import carrier_accounts
from storage.database.engine import Database
from storage.database.migrate import current, head
from storage.tables import Agent

NAME = "database"


async def examine(settings: Settings) -> Finding:
    """A database that is not of this version is not written to."""
    try:
        version = await asyncio.to_thread(_version, settings.database)
    except Unusable as error:
        return bad(NAME, str(error), "Start it, or correct TRUNKLINE_DATABASE_URL.")
    if version != head():
        shown = version or "empty"
        return bad(NAME, f"It is of version {shown}, not {head()}.", "Run `trunkline migrate`.")
    return well(NAME, f"It answers and is of version {version}.")


def _version(url: str) -> str | None:
    with usable(url):
        return current(url)


async def caller_ids(settings: Settings) -> list[str]:
    """All numbers that agents show by the installation's own account, each once."""
    db = Database(settings.database, connection_options(settings))
    try:
        async with db.read() as session:
            asked = select(Agent).where(Agent.deleted_time == None)  # noqa: E711
            rows = (await session.exec(asked)).all()
            own = {
                (row.account_id, number)
                for row in await carrier_accounts.every(session)
                for number in row.caller_ids
            }
    finally:
        await db.close()
    shown = {(row.account_id, number) for row in rows for number in row.caller_ids}
    return sorted({number for _, number in shown - own})
