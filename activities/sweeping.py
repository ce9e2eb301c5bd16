"""The sweep: starts what has no workflow, gives back what nobody holds, ages out what is old."""

from datetime import timedelta

import structlog
from temporalio import activity
from temporalio.client import Client

from activities.clock import utcnow
from activities.starting import Starting
from activities.telling import Teller
from contracts.names import CALL_ID_PREFIX
from contracts.starting import start_campaign
from policy.call import Decision, DecisionKind, Outcome
from policy.reasons import Reason
from storage import attempts, calls, campaigns, idempotency, leases, tally
from storage.engine import Database
from storage.tables import Call
from telephony.errors import CarrierError
from telephony.port import Carrier

log = structlog.get_logger(__name__)

#: The gateway, the starter and the campaigns start workflows; what has none after this long was
#: forgotten by all of them.
START_GRACE = timedelta(seconds=30)
#: Workflows that closed without a word are looked for this far back.
CLOSED_WITHIN = timedelta(hours=24)
BATCH = 500

_CLOSED_BADLY = (
    "WorkflowType = 'CallWorkflow' AND ExecutionStatus IN ('Terminated', 'TimedOut', 'Failed')"
)


class Sweeping:
    def __init__(self, db: Database, carrier: Carrier, client: Client, starting: Starting) -> None:
        self._db = db
        self._starting = starting
        self._carrier = carrier
        self._client = client
        self._teller = Teller(client)

    @activity.defn
    async def sweep(self) -> None:
        await self._starting.start_left(START_GRACE, BATCH)
        await self.start_campaigns()
        await self.tell_canceled()
        await self.close_orphans()
        async with self._db.write() as session:
            await leases.take_back(session, utcnow())
            await idempotency.purge(session, utcnow())
        async with self._db.write() as session:
            await tally.fold(session)

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
            await self._teller.cancel(call_id)
        return len(canceled)

    async def close_orphans(self) -> int:
        """Calls whose workflow was terminated: no lease and no leg may outlive it."""
        since = (utcnow() - CLOSED_WITHIN).isoformat()
        query = f"{_CLOSED_BADLY} AND CloseTime > '{since}'"
        closed = [
            run.id.removeprefix(CALL_ID_PREFIX)
            async for run in self._client.list_workflows(query, limit=BATCH)
        ]
        async with self._db.read() as session:
            orphans = await calls.open_among(session, closed)
        for call in orphans:
            await self._close(call)
        return len(orphans)

    async def _close(self, call: Call) -> None:
        log.warning("sweep.orphan", call_id=call.call_id)
        async with self._db.read() as session:
            ledger = await attempts.of_call(session, call.call_id)
        for attempt in ledger:
            if attempt.carrier_sid is not None and attempt.ended_at is None:
                await self._end_leg(attempt.carrier_sid)
        async with self._db.write() as session:
            row = await calls.lock(session, call.call_id)
            if row is not None:
                await leases.release(session, row.call_id, utcnow())
                await attempts.withdraw(session, row, utcnow())
                await calls.apply_decision(session, row, _ORPHANED, utcnow())

    async def _end_leg(self, sid: str) -> None:
        try:
            await self._carrier.hang_up(sid)
        except CarrierError as error:
            log.warning("sweep.hang_up", error=str(error))


_ORPHANED = Decision(
    kind=DecisionKind.END,
    reason=Reason.WORKFLOW_TERMINATED,
    detail="The call's workflow was terminated by an operator",
    outcome=Outcome.CANCELED,
)
