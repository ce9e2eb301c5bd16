"""`trunkline restore`: a copy put in the place of the database. No worker may run."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from cli.configured import configured
from cli.errors import Declined, Unusable, in_one_sentence
from cli.migration import usable
from cli.recovery.backup import run_tool
from storage import recovery
from storage.attempts import workers
from storage.database.engine import Database

#: A worker says every few seconds that it is there.
_PRESENT = timedelta(seconds=15)


def main() -> None:
    """Put the file that is named in the place of the database of TRUNKLINE_DATABASE_URL."""
    source = Path(sys.argv[1])
    if not source.is_file():
        raise Unusable(f"{source} is not a file.")
    url = configured().database
    if asyncio.run(_running(url)):
        raise Declined("Workers run on this database; stop them, and try again 15 s later.")
    with usable(url):
        put_back(make_url(url), source)
    if make_url(url).get_backend_name() == "postgresql":
        asyncio.run(_begin_places_anew(url))
    sys.stdout.write(
        "Restored. Run `trunkline migrate`, then `trunkline reconcile` before any worker starts.\n"
    )


def put_back(url: URL, source: Path) -> None:
    """All of it or nothing; raises Unusable and Failed."""
    if url.get_backend_name() != "sqlite":
        how = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
        run_tool("pg_restore", url, *how, str(source))
        return
    address = f"{source.absolute().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(address, uri=True)) as kept,
            closing(sqlite3.connect(url.database or "")) as live,
        ):
            if kept.execute("SELECT count(*) FROM alembic_version").fetchone() != (1,):
                raise Unusable(f"{source} is no backup of Trunkline's.")
            # One transaction of the live file: who has it open sees either all or nothing.
            kept.backup(live)
    except sqlite3.Error as error:
        raise Unusable(f"{source} cannot be restored: {error}.") from error


async def _running(url: str) -> bool:
    """Whether a worker was seen a moment ago. Of a database that cannot be read, nobody knows."""
    db = Database(url)
    try:
        async with db.read() as session:
            return bool(await workers.present(session, datetime.now(UTC) - _PRESENT))
    except (SQLAlchemyError, OSError):
        return False
    finally:
        await db.close()


async def _begin_places_anew(url: str) -> None:
    """Numbers of transactions belong to a server: see `recovery.begin_places_anew`."""
    db = Database(url)
    try:
        async with db.write() as session:
            await recovery.begin_places_anew(session)
    finally:
        await db.close()


if __name__ == "__main__":
    in_one_sentence(main)
