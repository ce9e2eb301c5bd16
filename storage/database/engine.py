"""The connection to the database, and the two kinds of transaction everything runs in."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any

from anyio import CancelScope
from pydantic_core import to_json
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database import sqlite_driver, sqlite_thread
from storage.database.failures import is_away, is_full, is_read_only
from storage.database.locks import lock_key
from storage.database.sqlite_write_queue import DatabaseBusy, WriteQueue

__all__ = [
    "Database",
    "DatabaseBusy",
    "async_url",
    "is_away",
    "is_full",
    "is_read_only",
    "lock_key",
    "set_pragmas",
]

#: How long a writer waits for the others on SQLite.
BUSY_SECONDS = 10
#: The driver for what may take long.
_IN_A_THREAD = "sqlite+aiosqlite"
_CONNECT_ARGS = {_IN_A_THREAD: {"async_creator_fn": sqlite_thread.connect}}
_TURNS = "trunkline_turns"
PROBE_SECONDS = 2.0
_FILL = text("INSERT INTO write_probe (filler) VALUES (:filler)")
#: More than fits into pages that are there anyway.
_FILLER = "x" * 32 * 1024


class _Enough(Exception):
    """Rolls a transaction back that has shown what it was to show."""


class Database:
    """One database and its pool. `url` is a SQLAlchemy URL, which never shows its password."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = async_url(url)
        self._engine = self._browser = self._writer = _create_engine(self.url, pool_size)
        self._turns: WriteQueue | None = None
        self._probed = float("-inf")
        if self.dialect == "sqlite":
            self._turns = WriteQueue(self.url.database or "", BUSY_SECONDS)
            self._writer = self._engine.execution_options(**{_TURNS: self._turns})
            self._browser = _create_engine(self.url.set(drivername=_IN_A_THREAD), pool_size)

    def __repr__(self) -> str:
        return f"Database({self.url!r})"

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits at its end, or rolls back if the block raises."""
        async with self._turn(), _given_back(self._writer) as session:
            yield session
            await session.run_sync(_commit)
        await _let_others()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session to look a few things up with; nothing written in it is kept."""
        async with _given_back(self._engine) as session:
            yield session
            await session.run_sync(_close)
        await _let_others()

    @asynccontextmanager
    async def browse(self) -> AsyncIterator[AsyncSession]:
        """The same for lists and counts: on SQLite they take a thread, not the event loop."""
        # Whoever asked may go away meanwhile: the look is short, and goes on to its end. Of those
        # that asyncio itself cancels, each statement does: see `sqlite_thread`.
        with CancelScope(shield=True):
            async with _session(self._browser) as session:
                yield session

    def _turn(self) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._turns is None else self._turns.taken()

    async def ping(self) -> None:
        """Raises if the database does not answer."""
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def probe(self) -> None:
        """Raises if there is no room to write; what was found well is not asked again at once."""
        if time.monotonic() - self._probed < PROBE_SECONDS:
            return
        with suppress(_Enough):
            async with self.write() as session:
                await session.execute(_FILL, {"filler": _FILLER})
                # It fits. To keep it would leave room of our own that nobody else has.
                raise _Enough
        async with self.write() as session:
            await session.execute(text("DELETE FROM write_probe"))
            await session.execute(_FILL, {"filler": ""})
        self._probed = time.monotonic()

    async def close(self) -> None:
        """Closes the pool. What is used again afterwards may be used in another event loop."""
        await self._engine.dispose()
        await self._browser.dispose()
        if self._turns is not None:
            self._turns.close()


@asynccontextmanager
async def _given_back(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session that its user closes; what raises, or is cancelled, rolls it back."""
    session = _session(engine)
    try:
        yield session
    except BaseException:
        await asyncio.shield(asyncio.create_task(session.close()))
        raise


async def _let_others() -> None:
    """SQLite waits for nothing: whoever sends statements in a loop would leave others no turn."""
    await asyncio.sleep(0)


def _commit(session: Session) -> None:
    """Commits and closes in one go: each await of SQLAlchemy's costs more than the statement."""
    session.commit()
    session.close()


def _close(session: Session) -> None:
    session.close()


def _session(engine: AsyncEngine) -> AsyncSession:
    return AsyncSession(engine, expire_on_commit=False)


def async_url(url: str) -> URL:
    """The URL with the driver we use: our own of SQLite, or psycopg."""
    parsed = make_url(url)
    drivers = {"sqlite": sqlite_driver.DRIVER, "postgresql": "postgresql+psycopg"}
    backend = parsed.get_backend_name()
    if backend not in drivers:
        raise ValueError(f"the database must be sqlite or postgresql, not {backend}")
    return parsed.set(drivername=drivers[backend])


def _create_engine(url: URL, pool_size: int) -> AsyncEngine:
    is_sqlite = url.get_backend_name() == "sqlite"
    engine = create_async_engine(
        url,
        hide_parameters=True,
        # Python's own takes five times as long, and most rows have four such columns.
        json_serializer=_json_text,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=not is_sqlite,
        connect_args=_CONNECT_ARGS.get(url.drivername, {}),
    )
    event.listen(engine.sync_engine, "handle_error", _without_row_contents)
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", _on_sqlite_connect)
        event.listen(engine.sync_engine, "begin", _on_sqlite_begin)
    return engine


def _json_text(value: Any) -> str:
    return to_json(value).decode()


def _on_sqlite_connect(dbapi_connection: Any, _record: Any) -> None:
    # The driver would begin by itself, always deferred; `_on_sqlite_begin` knows better.
    dbapi_connection.isolation_level = None
    set_pragmas(dbapi_connection, foreign_keys=True)
    if isinstance(dbapi_connection, sqlite3.Connection):
        # SQLite would wait by sleeping, and all else in this process with it.
        sqlite3.Connection.execute(dbapi_connection, "PRAGMA busy_timeout=0")


def set_pragmas(dbapi_connection: Any, *, foreign_keys: bool) -> None:
    """What every SQLite connection needs, whoever opens it."""
    cursor = dbapi_connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
    finally:
        cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    """Writers take the lock at once: one that turned from reading to writing might deadlock."""
    turns = connection.get_execution_options().get(_TURNS)
    if turns is None:
        connection.exec_driver_sql("BEGIN")
        return
    driver = connection.connection.driver_connection
    sqlite_driver.execute_when_free(driver, "BEGIN IMMEDIATE", BUSY_SECONDS)
    turns.begun()


def _without_row_contents(context: ExceptionContext) -> None:
    """PostgreSQL quotes the offending row in its DETAIL, numbers and all: keep the first line."""
    original = context.original_exception
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    if primary is None:
        return
    original.args = (primary,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (f"({type(original).__name__}) {primary}",)
