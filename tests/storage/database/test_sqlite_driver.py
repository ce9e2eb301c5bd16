"""What the inline SQLite driver takes from SQLAlchemy that SQLAlchemy promises nobody.

Where one of these fails, SQLAlchemy has moved what the test names. Look at that place in
`storage/database/sqlite/sqlite_driver.py`, compare with SQLAlchemy's own driver for SQLite
(`sqlalchemy/dialects/sqlite/aiosqlite.py` and `sqlalchemy/connectors/asyncio.py`), mend it, run
tests/storage, and only then raise the pin in pyproject.toml and `MINOR` here.
"""

import inspect
import sqlite3
import tomllib
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import event, literal, make_url, pool, text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import AwaitRequired
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import concurrency
from sqlmodel import select

from storage.database.engine import Database
from storage.database.sqlite import sqlite_driver
from storage.database.sqlite.sqlite_driver import DRIVER, InlineSQLite
from storage.database.sqlite.sqlite_session import InlineSession

MINOR = (2, 1)
PROJECT = Path(__file__).parents[3] / "pyproject.toml"
MOVED = (__doc__ or "").partition("\n\n")[2]


def test_sqlalchemy_is_pinned_to_the_minor_version_that_was_looked_at():
    major, minor = MINOR
    pinned = f"sqlalchemy[asyncio]>={major}.{minor},<{major}.{minor + 1}"
    assert (
        pinned in tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]["worker"]
    )
    assert sqlalchemy.__version__.startswith(f"{major}.{minor}."), MOVED


def test_await_takes_an_awaitable():
    """`sqlalchemy.util.concurrency.await_`: `_Cursor` and `execute_when_free` call it."""
    assert vars(sqlite_driver)["await_"] is concurrency.await_, MOVED
    assert list(inspect.signature(concurrency.await_).parameters) == ["awaitable"], MOVED


async def test_an_await_is_insisted_on_and_one_that_waits_for_nothing_will_do():
    """`greenlet_spawn(…, _require_await=True)`, which is why there is `_AtOnce`."""
    spawn = concurrency.greenlet_spawn
    with pytest.raises(AwaitRequired):
        await spawn(lambda: None, _require_await=True)
    await spawn(concurrency.await_, sqlite_driver._NOTHING, _require_await=True)


async def test_a_cursor_is_asked_for_one_thing_only_that_sqlites_own_does_not_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """`_Cursor._async_soft_close`: `sqlalchemy.ext.asyncio.result` awaits it."""
    asked: set[str] = set()

    class Watched(sqlite_driver._Cursor):
        def __getattribute__(self, name: str) -> Any:
            asked.add(name)
            return super().__getattribute__(name)

    monkeypatch.setattr(sqlite_driver._Connection.cursor, "__defaults__", (Watched,))
    engine = create_async_engine(f"{DRIVER}:///{tmp_path / 'watched.db'}")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE one (a INTEGER)"))
        await connection.execute(text("INSERT INTO one VALUES (:a)"), [{"a": 1}, {"a": 2}])
        found = await connection.execute(text("SELECT a FROM one"))
        assert found.scalars().all() == [1, 2]
    await engine.dispose()
    assert asked - set(dir(sqlite3.Cursor)) == {"_async_soft_close"}, MOVED


def test_the_dialect_is_sqlalchemys_own_but_for_its_connections_and_their_pool(tmp_path: Path):
    """`create_connect_args` and `get_pool_class`, and the marks by which a dialect is async."""
    for method in ("create_connect_args", "get_pool_class"):
        overridden = inspect.signature(getattr(SQLiteDialect_pysqlite, method))
        assert [*overridden.parameters][-1:] == ["url"], (method, MOVED)
    for mark in ("driver", "is_async", "supports_statement_cache"):
        assert mark in vars(SQLiteDialect_aiosqlite), (mark, MOVED)
    url = make_url(f"{DRIVER}:///{tmp_path / 'some.db'}")
    # Those a file gets there: connections that are waited for without blocking the event loop.
    assert SQLiteDialect_aiosqlite.get_pool_class(url) is pool.AsyncAdaptedQueuePool, MOVED
    assert InlineSQLite.get_pool_class(url) is pool.AsyncAdaptedQueuePool
    args, options = InlineSQLite().create_connect_args(url)
    connection = sqlite3.connect(*args, **options)
    assert isinstance(connection, sqlite_driver._Connection), MOVED
    connection.close()


def test_the_driver_is_found_by_its_name_in_urls():
    """`sqlalchemy.dialects.registry.register`: a dot where URLs have a plus, a module, a class."""
    assert registry.load("sqlite.inline") is InlineSQLite, MOVED
    assert make_url(f"{DRIVER}:///some.db").get_dialect() is InlineSQLite, MOVED


async def test_a_session_goes_through_a_greenlet_to_begin_and_not_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """`AsyncSession.connection`, `AsyncConnection` of it, and the session's own synchronous one."""
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'straight.db'}")
    spawned: list[str] = []

    def cursor(*_: Any) -> None:
        spawned.append("greenlet" if concurrency.in_greenlet() else "straight")

    event.listen(db.engine.sync_engine, "before_cursor_execute", cursor)
    async with db.write() as session:
        assert isinstance(session, InlineSession)
        await session.exec(select(literal(1)))
        await session.exec(select(literal(2)))
        assert (await (await session.connection()).execute(text("SELECT 3"))).scalar_one() == 3
    assert spawned == ["straight"] * 3, MOVED
    await db.close()


async def test_a_session_whose_transaction_was_rolled_back_begins_another(tmp_path: Path):
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'again.db'}")
    async with db.write() as session:
        connection = await session.connection()
        await connection.execute(text("CREATE TABLE one (a INTEGER)"))
        await session.rollback()
        tables = await (await session.connection()).execute(text("SELECT * FROM sqlite_master"))
        assert tables.all() == []
        await (await session.connection()).execute(text("CREATE TABLE two (a INTEGER)"))
    async with db.read() as session:
        found = await (await session.connection()).execute(text("SELECT name FROM sqlite_master"))
        assert found.scalars().all() == ["two"]
    await db.close()
