"""The connection to the database, and the two kinds of transaction everything runs in."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any

from anyio import CancelScope
from pydantic_core import from_json, to_json
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database import statement_metrics
from storage.database.failures import is_away, is_full, is_read_only
from storage.database.locks import lock_key
from storage.database.postgresql import ConnectionOptions
from storage.database.read_replica import ReadReplica
from storage.database.sqlite import sqlite_driver, sqlite_thread
from storage.database.sqlite.sqlite_driver import InlineSQLite
from storage.database.sqlite.sqlite_session import InlineSession
from storage.database.sqlite.sqlite_write_queue import DatabaseBusy, WriteQueue
from storage.database.witness import Watch

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

    def __init__(self, url: str, options: ConnectionOptions | None = None) -> None:
        self.url = async_url(url)
        chosen = options or ConnectionOptions()
        self._engine = self._browser = self._writer = _create_engine(self.url, chosen)
        self.replica: ReadReplica | None = None
        if chosen.replica_url and self.dialect == "postgresql":
            following = _create_engine(async_url(chosen.replica_url), chosen)
            self.replica = ReadReplica(following, self._engine, chosen.replica_lag_seconds)
        self._turns: WriteQueue | None = None
        self._probed = float("-inf")
        if self.dialect == "sqlite":
            self._turns = WriteQueue(self.url.database or "", BUSY_SECONDS)
            self._writer = self._engine.execution_options(**{_TURNS: self._turns})
            self._browser = _create_engine(self.url.set(drivername=_IN_A_THREAD), chosen)

    def __repr__(self) -> str:
        return f"Database({self.url!r})"

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    def connections(self) -> tuple[int, int]:
        """How many of the pool's connections are in use, and how many are kept besides."""
        pools = {id(one.pool): one.pool for one in (self._engine, self._browser)}.values()
        known = [one for one in pools if isinstance(one, QueuePool)]
        return sum(one.checkedout() for one in known), sum(one.checkedin() for one in known)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits at its end, or rolls back if the block raises."""
        async with self._turn(), _given_back(self._writer) as session:
            watch = Watch(session)
            yield session
            await watch.note()
            await session.run_sync(_commit)
            watch.kept()
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

    @asynccontextmanager
    async def survey(self) -> AsyncIterator[AsyncSession]:
        """The same for what may be some seconds old: on the read replica while it is near.

        Nothing may be decided by what is read here, and nothing that was just written is sure to
        be seen.
        """
        if self.replica is None or not await self.replica.is_near():
            async with self.browse() as session:
                yield session
            return
        with CancelScope(shield=True):
            async with _session(self.replica.engine) as session:
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
        if self.replica is not None:
            await self.replica.engine.dispose()
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
    is_inline = engine.dialect.driver == InlineSQLite.driver
    kind = InlineSession if is_inline else AsyncSession
    return kind(engine, expire_on_commit=False)


def async_url(url: str) -> URL:
    """The URL with the driver we use: our own of SQLite, or psycopg."""
    parsed = make_url(url)
    drivers = {"sqlite": sqlite_driver.DRIVER, "postgresql": "postgresql+psycopg"}
    backend = parsed.get_backend_name()
    if backend not in drivers:
        raise ValueError(f"the database must be sqlite or postgresql, not {backend}")
    return parsed.set(drivername=drivers[backend])


def _create_engine(url: URL, options: ConnectionOptions) -> AsyncEngine:
    is_sqlite = url.get_backend_name() == "sqlite"
    own = _CONNECT_ARGS.get(url.drivername, {}) if is_sqlite else options.connect_arguments(url)
    engine = create_async_engine(
        url,
        hide_parameters=True,
        # Python's own takes five times as long, and most rows have four such columns.
        json_serializer=_json_text,
        json_deserializer=from_json,
        # A connection that broke while it lay in the pool is replaced, and nobody notices.
        pool_pre_ping=not is_sqlite,
        connect_args=own,
        **options.pool.arguments(),
    )
    event.listen(engine.sync_engine, "handle_error", _without_row_contents)
    statement_metrics.install(engine.sync_engine)
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", _on_sqlite_connect)
        event.listen(engine.sync_engine, "begin", _on_sqlite_begin)
    else:
        options.listen(engine.sync_engine)
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
