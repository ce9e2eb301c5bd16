"""Whose turn it is to write to an SQLite file, so that no process and no task goes hungry."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

#: Between two looks whether another process still wants to be next.
_LOOK_AGAIN = 0.001


class DatabaseBusy(RuntimeError):
    """Other writers held the database for too long."""


class WriteQueue:
    """One writer a process at a time, in order; of several processes each gets its turn.

    SQLite lets whoever asks at the right moment write, and a process that writes all the time asks
    right after itself. So who wants to write next takes a lock on a file of its own first, and
    gives it back when the transaction has begun: who has just written finds somebody there.
    `patience` in seconds.
    """

    def __init__(self, path: str, patience: float) -> None:
        self._path = f"{path}-turn"
        self._patience = patience
        self._here = asyncio.Lock()
        self._file: int | None = None
        self._is_next = False

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """The only writer of this process, and the next one of all when it begins."""
        try:
            async with asyncio.timeout(self._patience):
                await self._here.acquire()
        except TimeoutError:
            raise DatabaseBusy("another transaction holds the database") from None
        try:
            await self._be_next()
            yield
        finally:
            self.begun()
            self._here.release()

    def begun(self) -> None:
        """The transaction has begun, or never will: another process may be next."""
        if self._is_next:
            assert self._file is not None
            fcntl.flock(self._file, fcntl.LOCK_UN)
            self._is_next = False

    def close(self) -> None:
        """Gives the file back. What is used again afterwards may be used in another event loop."""
        if self._file is not None:
            os.close(self._file)
        self._file = None
        self._here = asyncio.Lock()

    async def _be_next(self) -> None:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        give_up = time.monotonic() + self._patience
        while not _lock(self._file):
            if time.monotonic() > give_up:
                raise DatabaseBusy("another process is next to write")
            await asyncio.sleep(_LOOK_AGAIN)
        self._is_next = True


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
