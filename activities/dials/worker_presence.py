"""Every worker says that it is here, and looks for dials that nobody carries any more.

A dial lasts as long as its leg and has no heartbeat, so this is how the death of the worker that
was sending it is found, and a dial that got lost on its way from Temporal to a worker.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.clock import utcnow
from activities.loops.tenures import LoopTenures
from contracts import names
from contracts.workflow_signals import WorkflowSignals
from policy.model.call import AttemptState
from storage.attempts import workers
from storage.database.engine import Database
from storage.tables import Attempt

log = structlog.get_logger(__name__)

BEAT_SECONDS = 2.0
#: Three beats missed: the worker is dead, or nobody can tell.
ABSENT_AFTER = timedelta(seconds=6)
#: A worker that lives comes sooner from being handed a dial to its gate, if it came at all.
LOST_AFTER = timedelta(seconds=10)
RPC_TIMEOUT = timedelta(seconds=2)
#: Dials looked at in one turn. Those that wait for the carrier's pace are among them.
MOST = 100


class WorkerPresence:
    """Its beat also keeps the worker's loops, in the same transaction."""

    def __init__(
        self, db: Database, client: Client, worker_id: str, loops: LoopTenures | None = None
    ) -> None:
        self._db = db
        self._client = client
        self._signals = WorkflowSignals(client, RPC_TIMEOUT)
        self._worker_id = worker_id
        self._loops = loops or LoopTenures(db, worker_id)
        self._looked: dict[str, datetime] = {}
        self._beaten_at = float("-inf")

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Beats and looks in the background; the first beat is tried before anything is dialed."""
        await _survived(self.beat)
        # Apart, so that a slow look at Temporal makes nobody look dead.
        tasks = [asyncio.create_task(_repeated(turn)) for turn in (self.beat, self.look)]
        try:
            async with self._loops.kept():
                yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def beat(self) -> None:
        await self._loops.renew(lambda session: workers.beat(session, self._worker_id, utcnow()))
        self._beaten_at = time.monotonic()

    async def is_seen(self) -> bool:
        """Whether others take this worker for alive: the database took its beat a moment ago."""
        return time.monotonic() - self._beaten_at < ABSENT_AFTER.total_seconds()

    async def look(self) -> None:
        """At the dials that stand still: those that nobody carries are failed."""
        now = utcnow()
        async with self._db.read() as session:
            standing = await workers.standing(session, now - ABSENT_AFTER, MOST)
            present = await workers.present(session, now - ABSENT_AFTER) if standing else set()
        for attempt in self._due(standing, now):
            await _survived(partial(self._look_at, attempt, present, now))

    async def _look_at(self, attempt: Attempt, present: set[str], now: datetime) -> None:
        if await self._is_lost(attempt, present, now):
            log.warning("presence.lost", call_id=attempt.call_id, attempt=attempt.number)
            await self._signals.dialer_lost(attempt.call_id, attempt.number)

    def _due(self, standing: Sequence[Attempt], now: datetime) -> list[Attempt]:
        """Those that were not looked at a moment ago: they may wait for the carrier's pace."""
        before = self._looked
        due = [
            one
            for one in standing
            if one.attempt_id not in before or before[one.attempt_id] <= now - ABSENT_AFTER
        ]
        ids = {one.attempt_id for one in standing}
        kept = {attempt_id: at for attempt_id, at in before.items() if attempt_id in ids}
        self._looked = {**kept, **dict.fromkeys((one.attempt_id for one in due), now)}
        return due

    async def _is_lost(self, attempt: Attempt, present: set[str], now: datetime) -> bool:
        dial = await self._pending(attempt)
        if dial is None or dial.state != PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
            return False
        began = dial.last_started_time.ToDatetime(tzinfo=UTC)
        if dial.last_worker_identity not in present:
            # Who began to work a moment ago may not have been seen yet.
            return began < now - ABSENT_AFTER
        is_sent_by_it = (
            attempt.state is AttemptState.SENDING and attempt.worker_id == dial.last_worker_identity
        )
        return not is_sent_by_it and began < now - LOST_AFTER

    async def _pending(self, attempt: Attempt) -> PendingActivityInfo | None:
        """The dial as Temporal knows it; None if its workflow waits for none."""
        workflow = self._client.get_workflow_handle(names.call_workflow_id(attempt.call_id))
        try:
            found = await workflow.describe(rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        activity_id = names.dial_activity_id(attempt.number)
        pending = found.raw_description.pending_activities
        return next((one for one in pending if one.activity_id == activity_id), None)


async def _repeated(turn: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        await _survived(turn)


async def _survived(turn: Callable[[], Awaitable[None]]) -> None:
    try:
        await turn()
    except Exception as error:  # whatever it is: a worker that lives must go on to say so
        log.warning("presence.away", error=type(error).__name__)
