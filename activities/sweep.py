"""The sweep: starts what has no workflow, gives back what nobody holds, ages out what is old."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio.client import Client
from temporalio.service import RPCError

from activities.clock import utcnow
from activities.dials.transfer_closer import TransferCloser
from activities.follow_ups.text_sender import TextSender
from activities.loops.former_loops import end_former_loops
from activities.orphaned_calls import OrphanedCalls
from activities.workflow_starter import WorkflowStarter
from contracts.names import CALL_ID_PREFIX
from contracts.workflow_signals import WorkflowSignals
from contracts.workflow_start import start_campaign
from storage import idempotency
from storage.accounts import audit_log, ended_sessions
from storage.attempts import workers
from storage.call_lists import call_counts
from storage.calls import calls
from storage.campaigns import campaigns
from storage.clearances import removal
from storage.compliance import opt_out
from storage.database.engine import Database
from storage.dispatch import leases
from storage.privacy import retention
from storage.webhooks import deliveries

log = structlog.get_logger(__name__)

Purge = Callable[[AsyncSession, datetime, int], Awaitable[int]]

#: The gateway, the starter and the campaigns start workflows; what has none after this long was
#: forgotten by all of them.
START_GRACE = timedelta(seconds=30)
#: Workflows that closed without a word are looked for this far back.
CLOSED_WITHIN = timedelta(hours=24)
BATCH = 500
#: Of old rows of a kind so many pages go with one sweep: 500 rows a second, every ten seconds.
PAGES = 10
#: To empty a call writes in four tables: so many are held for no longer than a page of the others.
EMPTIED = 100
#: A waiting call is told again of a do-not-call entry that is younger than this.
OPT_OUT_WITHIN = timedelta(minutes=10)
#: Leases count for minutes; the history of deliveries is for people.
LEASES_KEPT = timedelta(days=1)
DELIVERIES_KEPT = timedelta(days=30)
#: Unless more is old than goes at once.
PURGE_EVERY = timedelta(minutes=1)
CLOSE_EVERY = timedelta(seconds=30)

_CLOSED_BADLY = (
    "WorkflowType = 'CallWorkflow' AND ExecutionStatus IN ('Terminated', 'TimedOut', 'Failed')"
)


class Sweep:
    def __init__(
        self,
        db: Database,
        client: Client,
        orphans: OrphanedCalls,
        starter: WorkflowStarter,
        *,
        interval: float,
        keep: timedelta | None = None,
        keep_audit_log: timedelta | None = None,
        texts: TextSender | None = None,
        transfers: TransferCloser | None = None,
    ) -> None:
        self._db = db
        self._transfers = transfers
        self._texts = texts
        self._interval = interval
        self._former_may_run = True
        self._next_purge = self._next_close = utcnow()
        self._keep = keep
        self._keep_audit_log = keep_audit_log
        self._starter = starter
        self._client = client
        self._orphans = orphans
        self._signals = WorkflowSignals(client)

    async def round(self) -> float:
        """A turn of the loop, and how many seconds to rest after it."""
        for step in (
            self.end_former_loops,
            self.start_left,
            self.start_campaigns,
            self.tell_canceled,
            self.close_orphans,
            self.tell_suppressed,
            self.send_texts,
            self.close_transfers,
            self.age_out,
            self.retain,
        ):
            await _isolated(step)
        return self._interval

    async def prepare(self) -> None:
        """Before the worker takes tasks, for it does not know those of the former loops."""
        await _isolated(self.end_former_loops)

    async def end_former_loops(self) -> None:
        """Once: nobody begins them any more."""
        if self._former_may_run:
            await end_former_loops(self._client)
            self._former_may_run = False

    async def start_left(self) -> None:
        """Calls whose workflow nobody has begun."""
        await self._starter.start_left(START_GRACE, BATCH)

    async def send_texts(self) -> None:
        """Those that follow calls and may be sent now."""
        if self._texts is not None:
            await self._texts.turn()

    async def close_transfers(self) -> None:
        """Those of which nothing more is heard; nobody waits for that."""
        if self._transfers is not None and utcnow() >= self._next_close:
            self._next_close = utcnow() + CLOSE_EVERY
            await self._transfers.turn()

    async def age_out(self) -> None:
        """Old rows go a page at a time, some pages with a sweep, and while those are full with
        every sweep: what a busy day leaves is gone before the next one.
        """
        async with self._db.write() as session:
            await leases.take_back(session, utcnow())
        async with self._db.write() as session:
            await call_counts.fold(session)
        if utcnow() < self._next_purge:
            return
        is_behind = await self._pruned(leases.purge, LEASES_KEPT, BATCH)
        is_behind |= await self._pruned(deliveries.purge, DELIVERIES_KEPT, BATCH)
        async with self._db.write() as session:
            await idempotency.purge(session, utcnow())
            await workers.forget(session, utcnow())
            await ended_sessions.purge(session, utcnow())
            if self._keep_audit_log is not None:
                await audit_log.purge(session, utcnow() - self._keep_audit_log, BATCH)
        if not is_behind:
            self._next_purge = utcnow() + PURGE_EVERY

    async def _pruned(self, purge: Purge, kept: timedelta, page: int) -> bool:
        """Whether there is more; each page is a transaction of its own, so nobody waits long."""
        for _ in range(PAGES):
            async with self._db.write() as session:
                if await purge(session, utcnow() - kept, page) < page:
                    return False
        return True

    async def start_campaigns(self) -> None:
        """Campaigns that were set running while Temporal was away, or lost their workflow."""
        async with self._db.read() as session:
            running = await campaigns.running(session, "", BATCH)
        for campaign_id in running:
            await start_campaign(self._client, campaign_id, nudge=False)

    async def tell_canceled(self) -> int:
        """Calls that were canceled while Temporal was away."""
        async with self._db.read() as session:
            canceled = await calls.canceled_unheard(session, BATCH)
        for call_id in canceled:
            await self._signals.cancel(call_id)
        return len(canceled)

    async def tell_suppressed(self) -> int:
        """Calls to people who opted out a moment ago, if whoever noted it could not tell them."""
        async with self._db.read() as session:
            waiting = await opt_out.waiting_in_vain(session, utcnow() - OPT_OUT_WITHIN, BATCH)
        for call_id in waiting:
            await self._signals.replan(call_id)
        return len(waiting)

    async def retain(self) -> None:
        """Forget what calls said and heard, when they ended longer ago than is to be kept."""
        if self._keep is None:
            return
        await self._pruned(retention.forget, self._keep, EMPTIED)
        await self._pruned(retention.forget_contacts, self._keep, EMPTIED)
        await self._pruned(removal.forget_old, self._keep, BATCH)

    async def close_orphans(self) -> int:
        """Calls whose workflow was terminated: no lease and no leg may outlive it."""
        since = (utcnow() - CLOSED_WITHIN).isoformat()
        query = f"{_CLOSED_BADLY} AND CloseTime > '{since}'"
        closed: list[str] = []
        count = 0
        async for run in self._client.list_workflows(query):
            closed.append(run.id.removeprefix(CALL_ID_PREFIX))
            if len(closed) == BATCH:
                count += await self._close(closed)
                closed = []
        return count + await self._close(closed)

    async def _close(self, closed: list[str]) -> int:
        async with self._db.read() as session:
            still_open = await calls.open_among(session, closed)
        return sum([await self._orphans.close(call.call_id) for call in still_open])


async def _isolated(step: Callable[[], Awaitable[object]]) -> None:
    """One step that cannot be done now does not keep the others from being done."""
    try:
        await step()
    except RPCError as error:
        log.warning("sweep.temporal", step=step.__name__, status=str(error.status))
    except Exception as error:  # whatever it is: what is to be forgotten is forgotten all the same
        log.warning("sweep.step", step=step.__name__, error=type(error).__name__)
