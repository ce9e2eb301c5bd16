"""SQLite without a thread in between: statements run where they are asked for.

A statement of ours takes SQLite some tens of microseconds. Handing it to a thread and taking the
answer back, which aiosqlite does four times for each, takes ten times that, and at fifty calls
at once it took most of the processor. So short statements block the event loop for the moment they
take. What may take long (lists, counts) goes through aiosqlite: see `Database.browse`.

Some of what it takes from SQLAlchemy is private, so pyproject.toml pins the minor version, and
tests/storage/database/test_sqlite_driver.py names each such thing and what to do when it moves.
"""

import asyncio
import sqlite3
import time
from collections.abc import Generator
from typing import Any

from sqlalchemy import URL, pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util.concurrency import await_, in_greenlet

#: The driver's name in URLs.
DRIVER = "sqlite+inline"
#: Between two tries for a lock that another process has.
_SHORTEST_WAIT, _LONGEST_WAIT = 0.0005, 0.005


class _AtOnce:
    """SQLAlchemy insists on awaiting something, of what it runs in a greenlet."""

    def __await__(self) -> Generator[Any, None, None]:
        return iter(())  # type: ignore[return-value]


_NOTHING: Any = _AtOnce()


class _Cursor(sqlite3.Cursor):
    def execute(self, *args: Any) -> Any:
        if in_greenlet():
            await_(_NOTHING)
        return super().execute(*args)

    def executemany(self, *args: Any) -> Any:
        if in_greenlet():
            await_(_NOTHING)
        return super().executemany(*args)

    async def _async_soft_close(self) -> None:
        """The rows are fetched as they are asked for: there is nothing to close early."""


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


class InlineSQLite(SQLiteDialect_pysqlite):
    """For `create_async_engine`, all in the calling thread."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[pool.Pool]:
        return pool.AsyncAdaptedQueuePool

    def create_connect_args(self, url: URL) -> Any:
        args, options = super().create_connect_args(url)
        return args, {**options, "factory": _Connection, "check_same_thread": False}


registry.register("sqlite.inline", __name__, "InlineSQLite")


def execute_when_free(connection: Any, statement: str, patience: float) -> None:
    """Executes what another process may be in the way of, without blocking the event loop.

    Within a greenlet of SQLAlchemy. `patience` in seconds; then SQLite's own error is raised.
    """
    give_up, wait = time.monotonic() + patience, _SHORTEST_WAIT
    while True:
        try:
            sqlite3.Connection.execute(connection, statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
        await_(asyncio.sleep(wait))
        wait = min(wait * 2, _LONGEST_WAIT)
