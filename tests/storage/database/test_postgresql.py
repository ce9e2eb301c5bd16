"""Time-outs that hold, connections that come back, and a pooler that nobody notices."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import col, update

from bootstrap import connection_options
from settings import Settings
from storage.calls import calls
from storage.database import migrate
from storage.database.engine import Database, is_away, lock_key
from storage.database.postgresql import ConnectionOptions, Pool, TimeOuts
from storage.tables import Call
from tests.databases import migrated_database
from tests.statements import statements
from tests.storage import make
from tests.storage.database.pooler import needs_pooler, running_pooler
from tests.storage.database.postgres import Postgres

SHORT = ConnectionOptions(time_outs=TimeOuts(statement=0.2, lock=0.1, idle=0.2))
POOLED = replace(SHORT, by_pooler=True)


@pytest.fixture(scope="module")
def migrated(postgres: Postgres) -> str:
    """The name of a database of this module's own."""
    return migrated_database(postgres)


@asynccontextmanager
async def opened(url: str, options: ConnectionOptions) -> AsyncIterator[Database]:
    db = Database(url, options)
    try:
        yield db
    finally:
        await db.close()


@pytest.fixture(params=["postgresql", pytest.param("postgresql-pooler", marks=needs_pooler)])
async def hurried(
    request: pytest.FixtureRequest, postgres: Postgres, migrated: str, tmp_path: Path
) -> AsyncIterator[Database]:
    """Nothing may take long here."""
    if request.param == "postgresql":
        async with opened(postgres.url(migrated), SHORT) as db:
            yield db
        return
    with running_pooler(postgres, tmp_path, 3) as url:
        async with opened(url + migrated, POOLED) as db:
            yield db


async def test_a_statement_that_takes_too_long_is_ended(hurried: Database) -> None:
    with pytest.raises(DBAPIError, match="statement timeout") as caught:
        async with hurried.read() as session:
            await session.execute(text("SELECT pg_sleep(30)"))
    assert is_away(caught.value)
    await hurried.ping()


async def test_who_waits_too_long_for_a_lock_is_told_and_keeps_nothing(hurried: Database) -> None:
    call = await make.call_of_somebody(hurried)

    async def wait() -> None:
        async with hurried.write() as session:
            await make_noted(session, call.call_id)
            await lock_key(session, "held")

    async with hurried.write() as session:
        await lock_key(session, "held")
        with pytest.raises(DBAPIError, match="lock timeout") as caught:
            await wait()
    assert is_away(caught.value)
    assert (await make.call_seen(hurried, call.call_id)).reason != "noted"
    await hurried.ping()


async def make_noted(session, call_id: str) -> None:
    await session.exec(update(Call).where(col(Call.call_id) == call_id).values(reason="noted"))


async def test_a_transaction_in_which_nothing_happens_is_ended(hurried: Database) -> None:
    call = await make.call_of_somebody(hurried)

    async def dawdle() -> None:
        async with hurried.write() as session:
            await make_noted(session, call.call_id)
            while True:
                # The server speaks first: only the next statement notices.
                await asyncio.sleep(0.3)
                await session.execute(text("SELECT 1"))

    with pytest.raises(DBAPIError) as caught:
        await dawdle()
    assert is_away(caught.value)
    assert (await make.call_seen(hurried, call.call_id)).reason != "noted"


async def test_the_settings_are_what_the_server_holds_to(postgres: Postgres) -> None:
    settings = Settings(database_statement_seconds=7, database_lock_seconds=0.5)
    wanted = {
        "statement_timeout": "7s",
        "lock_timeout": "500ms",
        "idle_in_transaction_session_timeout": "1min",
    }
    async with opened(postgres.url(), connection_options(settings)) as db, db.read() as session:
        for name, value in wanted.items():
            assert (await session.execute(text(f"SHOW {name}"))).scalar() == value
    # What somebody says in the address goes before.
    own = postgres.url() + "&options=-c%20statement_timeout%3D9s"
    async with opened(own, connection_options(settings)) as db, db.read() as session:
        assert (await session.execute(text("SHOW statement_timeout"))).scalar() == "9s"


async def test_a_pool_opens_so_many_connections_and_no_more(postgres: Postgres) -> None:
    options = ConnectionOptions(Pool(size=1, overflow=1, wait_seconds=0.1))
    async with opened(postgres.url(), options) as db, db.read() as one, db.read() as other:
        await one.execute(text("SELECT 1"))
        await other.execute(text("SELECT 1"))
        with pytest.raises(PoolTimeoutError) as caught:
            await db.ping()
        assert is_away(caught.value)


async def test_connections_that_were_cut_are_replaced_unnoticed(
    postgres: Postgres, migrated: str
) -> None:
    async with opened(postgres.url(migrated), ConnectionOptions()) as db:
        await asyncio.gather(*(make.account(db) for _ in range(5)))
        postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            database=migrated,
        )
        await asyncio.gather(*(make.account(db) for _ in range(5)))


async def test_without_a_pooler_time_outs_cost_no_statement(
    postgres: Postgres, migrated: str
) -> None:
    async with opened(postgres.url(migrated), SHORT) as db:
        with statements(db) as sent:
            async with db.read() as session:
                await session.execute(text("SELECT 1"))
    assert [one.text for one in sent] == ["SELECT 1"]


# -- through a pooler


@needs_pooler
async def test_many_writers_share_few_connections_through_a_pooler(
    postgres: Postgres, tmp_path: Path
) -> None:
    """Prepared statements, locks by key and by row, time-outs: nothing is left on a connection."""
    name = postgres.create_database()
    options = replace(connection_options(Settings()), by_pooler=True)
    with running_pooler(postgres, tmp_path, 3) as url:
        migrate.upgrade(url + name)
        migrate.upgrade(url + name)
        async with opened(url + name, options) as db, opened(url + name, options) as other:
            call = await make.call_of_somebody(db)
            await asyncio.gather(*(add_one(one, call.call_id) for one in (db, other) * 30))
            assert (await make.call_seen(db, call.call_id)).attempt_count == 60
            async with other.engine.connect() as connection:
                found = await connection.execute(
                    text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
                )
                assert found.scalar_one() <= 3
        async with opened(url + name, replace(options, time_outs=TimeOuts(0, 0, 0))) as db:
            for _ in range(6):
                async with db.read() as session:
                    assert (await session.execute(text("SHOW lock_timeout"))).scalar() == "0"
                    prepared = text("SELECT count(*) FROM pg_prepared_statements")
                    assert (await session.execute(prepared)).scalar() == 0


async def add_one(db: Database, call_id: str) -> None:
    with suppress(RuntimeError):
        async with db.write() as session:
            raise RuntimeError("who gives up leaves nothing either")
    async with db.write() as session:
        await lock_key(session, "the same")
        row = await calls.lock(session, call_id)
        assert row is not None
        row.attempt_count += 1


# -- migrations


def test_a_migration_that_cannot_have_its_tables_gives_up_and_can_be_repeated(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_TIME_OUTS", TimeOuts(statement=0, lock=0.1, idle=0))
    name = postgres.create_database()
    url = postgres.url(name)
    migrate.upgrade(url, "0019")
    with psycopg.connect(url) as reader:
        reader.execute("SELECT count(*) FROM call")
        with pytest.raises(DBAPIError, match="lock timeout"):
            migrate.upgrade(url)
        assert migrate.current(url) == "0019"
    migrate.upgrade(url)
    assert migrate.current(url) == migrate.head()
