"""SQLite in a thread of its own, for what takes long, and to its end whatever becomes of who asked.

Whoever is cancelled while the thread is at work would leave a connection behind that nobody may
touch: SQLAlchemy then ends it, and may wait for that for ever, with the whole process. So who asked
is cancelled when the thread has answered. Some of what it takes from aiosqlite is private, so
pyproject.toml pins the minor version, and tests/storage/database/test_sqlite_thread.py tells when
that moves.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite


class ThreadConnection(aiosqlite.Connection):
    """Of aiosqlite's, with a thread that does not keep the process from ending."""

    def __init__(self, connector: Callable[[], Any]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True
        self._stopped: asyncio.Future[Any] | None = None

    async def close(self) -> None:
        stopped = self.stop()
        if stopped is not None:
            await _answered(stopped)

    def stop(self) -> asyncio.Future[Any] | None:
        """Once: a thread that has ended would never hear of a second time."""
        if self._running:
            self._stopped = super().stop()
        return self._stopped

    async def _connect(self) -> "ThreadConnection":
        try:
            await self._asked(self._open)
        except BaseException:
            await self.close()
            raise
        return self

    def _open(self) -> None:
        self._connection = self._connector()

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self._running or self._connection is None:
            raise ValueError("Connection closed")
        return await self._asked(partial(fn, *args, **kwargs))

    async def _asked(self, function: Callable[[], Any]) -> Any:
        future = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((future, function))
        return await _answered(future)


def connect(path: str, **options: Any) -> ThreadConnection:
    """To be awaited; `options` are sqlite3's."""
    return ThreadConnection(partial(sqlite3.connect, path, **options))


async def _answered(future: asyncio.Future[Any]) -> Any:
    """What the thread answers; raises CancelledError only when it has."""
    cancelled = None
    while not future.done():
        try:
            await asyncio.wait((future,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        future.exception()
        raise cancelled
    return future.result()
