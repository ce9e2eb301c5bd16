"""The loops that this worker runs now: those of which it surely holds the lease.

Leases are taken and renewed with the worker's beat, in its transaction. A worker that cannot renew
leaves its loops before another can have them, and whoever finds a lease free takes it. Two workers
in one loop would be harmless all the same: decision 0032.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.loops.loop import Loop
from storage import loop_leases
from storage.database.engine import Database

log = structlog.get_logger(__name__)

#: From before a renewal on. A second before the lease ends, which is counted from after that.
SURE_SECONDS = loop_leases.LIFETIME.total_seconds() - 1
#: A turn that is not over so long after its worker was told to stop is cancelled.
LEAVE_SECONDS = 10.0


class LoopTenures:
    def __init__(self, db: Database, worker_id: str, loops: Sequence[Loop] = ()) -> None:
        self._db = db
        self._worker_id = worker_id
        self._loops = {loop.name: loop for loop in loops}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._sure: asyncio.TimerHandle | None = None
        self._leave = asyncio.Event()
        self._leaving: asyncio.Task[None] | None = None
        #: A lease that is given back must not be renewed by a beat that is under way.
        self._changing = asyncio.Lock()

    @property
    def running(self) -> Collection[str]:
        """The names of the loops."""
        return self._running.keys()

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Whatever is run is left at the end. `renew` is for the caller to repeat."""
        try:
            yield
        finally:
            self.leave()
            assert self._leaving is not None
            await self._leaving

    def leave(self) -> None:
        """From now on loops end, each after its turn, and their leases are given back."""
        if self._leaving is None:
            self._leave.set()
            self._leaving = asyncio.create_task(self._left())

    async def renew(self, beside: Callable[[AsyncSession], Awaitable[None]]) -> None:
        """Renews leases and takes those that are free, in one transaction with `beside`."""
        async with self._changing:
            async with self._db.write() as session:
                await beside(session)
                sure_until = _clock() + SURE_SECONDS
                held = await loop_leases.hold(session, self._worker_id, self._wanted())
            self._go_on(held, sure_until)

    def _wanted(self) -> Collection[str]:
        return self.running if self._leave.is_set() else self._loops.keys()

    def _go_on(self, held: Collection[str], sure_until: float) -> None:
        if self._sure is not None:
            self._sure.cancel()
        self._sure = asyncio.get_running_loop().call_at(sure_until, self._abandon)
        self._cancel(self._running.keys() - held)
        if self._leave.is_set() or _clock() >= sure_until:
            return
        # One that was cancelled and has not ended yet is begun anew by a later renewal.
        for name in held - self._running.keys():
            log.info("loop.held", loop=name)
            task = asyncio.create_task(self._loops[name].run(self._leave), name=name)
            self._running[name] = task
            task.add_done_callback(partial(self._ended, name))

    def _abandon(self) -> None:
        """Nobody knows whose the leases are: they may be another's in a moment."""
        self._cancel(self.running)

    def _cancel(self, names: Collection[str]) -> None:
        for name in names:
            log.warning("loop.left", loop=name)
            self._running[name].cancel()

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        del self._running[name]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("loop.end", loop=name, error=type(error).__name__)

    async def _left(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._give_back_as_they_end()
        self._abandon()
        await self._give_back_as_they_end()
        # What a renewal under way has taken meanwhile, too.
        await self._give_back(self._loops.keys())
        if self._sure is not None:
            self._sure.cancel()

    async def _give_back_as_they_end(self) -> None:
        while self._running:
            before = set(self._running)
            await asyncio.wait(self._running.values(), return_when=asyncio.FIRST_COMPLETED)
            await self._give_back(before - self._running.keys())

    async def _give_back(self, names: Collection[str]) -> None:
        try:
            async with self._changing, self._db.write() as session:
                await loop_leases.give_back(session, self._worker_id, names)
        except Exception as error:  # then they expire
            log.warning("loop.not_given_back", error=type(error).__name__)


def _clock() -> float:
    return asyncio.get_running_loop().time()
