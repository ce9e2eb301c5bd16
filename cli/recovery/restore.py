"""`trunkline restore`: a copy put in the place of the database. No worker may run."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

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
        if make_url(url).get_backend_name() == "postgresql":
            require_no_newer(url, source)
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


def require_no_newer(url: str, source: Path) -> None:
    """Raises Declined where the database has tables of a version after the copy's.

    The copy does not know them, so it would leave them beside tables that are older than they are,
    and the migrations would then find them made already.
    """
    newer = sorted(asyncio.run(_live_tables(url)) - _copied_tables(source))
    if newer:
        named = ", ".join(newer[:5]) + (" …" if len(newer) > 5 else "")
        raise Declined(
            f"The database is of a newer version than the copy, which knows no {named}. Nothing "
            "was changed. Make an empty database, name it in TRUNKLINE_DATABASE_URL, and restore "
            "there; or take Trunkline's tables out of this one first."
        )


def _copied_tables(source: Path) -> set[str]:
    """By the copy's own list, whose lines are `12; 1259 16385 TABLE public call owner`."""
    lines = map(str.split, run_tool("pg_restore", None, "--list", str(source)).splitlines())
    return {line[5] for line in lines if line[3:4] == ["TABLE"] and len(line) > 5}


async def _live_tables(url: str) -> set[str]:
    """Those of this version that are there, and whatever else refers to them."""
    db = Database(url)
    try:
        async with db.read() as session:
            connection = await session.connection()
            rows = await connection.execute(_LIVE, {"ours": list(SQLModel.metadata.tables)})
            return {row[0] for row in rows}
    finally:
        await db.close()


_LIVE = text(
    "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' "
    "AND c.relnamespace = current_schema()::regnamespace AND (c.relname = ANY(:ours) OR EXISTS "
    "(SELECT 1 FROM pg_constraint k JOIN pg_class of ON of.oid = k.confrelid "
    "WHERE k.conrelid = c.oid AND k.contype = 'f' AND of.relname = ANY(:ours)))"
)


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
