"""Every worker says that it is here, and sees to what one that is gone has left.

A dial lasts as long as its leg and has no heartbeat, so this is how the death of the worker that
was sending it is found.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.clock import utcnow
from contracts import names
from contracts.workflow_signals import WorkflowSignals
from storage.attempts import workers
from storage.database.engine import Database
from storage.tables import Attempt

log = structlog.get_logger(__name__)

BEAT_SECONDS = 2.0
#: Three beats missed: the worker is dead, or nobody can tell.
ABSENT_AFTER = timedelta(seconds=6)


class WorkerPresence:
    def __init__(self, db: Database, client: Client, worker_id: str) -> None:
        self._db = db
        self._client = client
        self._signals = WorkflowSignals(client)
        self._worker_id = worker_id

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Beats in the background, the first time before anything is dialed."""
        await self._turn()
        task = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            await self._turn()

    async def _turn(self) -> None:
        """What fails now is tried again with the next beat."""
        try:
            await self.turn()
        except (SQLAlchemyError, OSError, RPCError) as error:
            log.warning("presence.away", error=type(error).__name__)

    async def turn(self) -> None:
        """One beat, and a look for those who have stopped."""
        now = utcnow()
        async with self._db.write() as session:
            await workers.beat(session, self._worker_id, now)
            absent = await workers.claim_absent(session, now - ABSENT_AFTER, now)
        for worker_id in absent:
            await self._take_over(worker_id)
            async with self._db.write() as session:
                await workers.forget(session, worker_id, now)

    async def _take_over(self, worker_id: str) -> None:
        """Its dials are failed, and so taken up by a worker that lives."""
        async with self._db.read() as session:
            left = await workers.left_by(session, worker_id)
            waiting = await workers.not_begun(session)
        begun = [one for one in waiting if await self._has_begun(one, worker_id)]
        log.warning("presence.lost_worker", worker=worker_id, dials=len(left) + len(begun))
        for attempt in (*left, *begun):
            await self._signals.dialer_lost(attempt.call_id, attempt.number)

    async def _has_begun(self, attempt: Attempt, worker_id: str) -> bool:
        """Whether Temporal had given the dial to this worker, which did not come to the gate."""
        workflow = self._client.get_workflow_handle(names.call_workflow_id(attempt.call_id))
        try:
            found = await workflow.describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return any(
            one.activity_id == names.dial_activity_id(attempt.number)
            and one.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
            and one.last_worker_identity == worker_id
            for one in found.raw_description.pending_activities
        )
