"""The starter: gives committed calls their workflows, as fast as Temporal takes them.

The API answers a bulk request when its calls are committed; whatever dies then, they are here.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio.client import Client
from temporalio.service import RPCError

from activities.clock import utcnow
from activities.queue_entry import QueueEntry
from contracts.workflow_start import start_call
from storage.calls import startable
from storage.calls.startable import Startable
from storage.database.engine import Database

log = structlog.get_logger(__name__)

#: Starts under way at once.
PARALLEL = 32
#: Calls that are started and not decided about yet. Enough to keep the worker busy between two
#: turns; more would only make a call that is submitted now wait behind them.
AHEAD = 200
#: A call about which nothing is decided for so long is started again, which changes nothing if
#: its workflow is there.
AGAIN_SECONDS = 60.0
BUSY_SECONDS = 0.2
IDLE_SECONDS = 1.0
RPC_TIMEOUT = timedelta(seconds=10)


class WorkflowStarter:
    def __init__(self, db: Database, client: Client, entry: QueueEntry | None = None) -> None:
        """Without an `entry` no call waits for a slot as a row."""
        self._db = db
        self._entry = entry
        self._client = client
        #: When which call was started, until something is decided about it.
        self._started: dict[str, float] = {}
        self._limit = asyncio.Semaphore(PARALLEL)

    async def round(self) -> float:
        """A turn of the loop, and how many seconds to rest after it."""
        found = await self.turn()
        return BUSY_SECONDS if found or self._started else IDLE_SECONDS

    async def turn(self) -> int:
        """Start what is due or put it into the queue; returns of how many calls."""
        async with self._db.read() as session:
            await self._forget_decided(session)
            found = await startable.startable(session, utcnow(), AHEAD)
        new = [call for call in found if self._is_new(call)]
        rest = new if self._entry is None else await self._entry.enter(new)
        started = await self.start_all(rest[: max(AHEAD - len(self._started), 0)])
        return len(new) - len(rest) + started

    async def start_left(self, grace: timedelta, limit: int) -> int:
        """For the sweep: what nobody has started, of campaigns too."""
        async with self._db.read() as session:
            # This worker's turns may never come: another one may have the starter's lease.
            await self._forget_decided(session)
            found = await startable.left(session, utcnow() - grace, limit)
        return await self.start_all([call for call in found if self._is_new(call)])

    async def start(self, call: Startable) -> bool:
        """Now; False if Temporal cannot be reached."""
        return await self.start_all([call]) == 1

    async def start_all(self, calls: Sequence[Startable]) -> int:
        for call in calls:
            self._started[call.call_id] = _clock()
        return sum(await asyncio.gather(*(self._start(call) for call in calls)))

    async def _start(self, call: Startable) -> bool:
        try:
            async with self._limit:
                await start_call(
                    self._client,
                    call.call_id,
                    call.agent_id,
                    call.campaign_id,
                    call.call_deadline,
                    call.priority,
                    rpc_timeout=RPC_TIMEOUT,
                )
        except RPCError as error:
            log.warning("start.temporal_away", call_id=call.call_id, status=error.status.name)
            self._started.pop(call.call_id, None)
            return False
        except BaseException:
            # Cancelled with its loop, too: nobody has started it.
            self._started.pop(call.call_id, None)
            raise
        return True

    def _is_new(self, call: Startable) -> bool:
        return call.call_id not in self._started

    async def _forget_decided(self, session: AsyncSession) -> None:
        known = list(self._started)
        still = await startable.undecided(session, known)
        oldest = _clock() - AGAIN_SECONDS
        for call_id in known:
            if call_id not in still or self._started.get(call_id, oldest) < oldest:
                self._started.pop(call_id, None)


def _clock() -> float:
    return asyncio.get_running_loop().time()
