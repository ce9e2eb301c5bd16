"""Calls whose workflow closed without ending them: terminated, timed out or failed."""

from dataclasses import replace

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.clock import utcnow
from contracts.names import call_workflow_id
from contracts.workflow_signals import WorkflowSignals
from policy.calls import decide as policy
from policy.model.call import Decision, DecisionKind, Outcome
from policy.model.reasons import Reason
from storage.attempts import attempts
from storage.calls import calls, reminder_sequences
from storage.database.engine import Database
from storage.dispatch import leases
from storage.facts.gather import FactGatherer
from storage.tables import Call
from telephony.errors import CarrierError
from telephony.port import Carrier

log = structlog.get_logger(__name__)

_TERMINATED = Decision(
    kind=DecisionKind.END,
    reason=Reason.WORKFLOW_TERMINATED,
    detail="The call's workflow was closed before the call had ended",
    outcome=Outcome.CANCELED,
)


class OrphanedCalls:
    def __init__(
        self, db: Database, carrier: Carrier, client: Client, gatherer: FactGatherer
    ) -> None:
        self._db = db
        self._gatherer = gatherer
        self._carrier = carrier
        self._client = client
        self._signals = WorkflowSignals(client)

    async def close(self, call_id: str) -> bool:
        """End the call if nobody carries it: hang up, give back its lease, record why."""
        if not await self._is_orphan(call_id):
            return False
        log.warning("orphan.closed", call_id=call_id)
        cut_off = await self._hang_up(call_id)
        to_tell: tuple[str, ...] = ()
        async with self._db.write() as session:
            call = await calls.lock(session, call_id)
            if call is not None:
                await leases.release(session, call_id, utcnow())
                await attempts.withdraw(session, call, utcnow())
                ending = await self._ending(session, call, cut_off)
                await calls.apply_decision(session, call, ending, utcnow())
                to_tell = await reminder_sequences.to_tell(session, call)
        for other in to_tell:
            await self._signals.replan(other)
        return True

    async def _is_orphan(self, call_id: str) -> bool:
        """The newest run counts: a reset leaves a terminated one behind and goes on in another."""
        try:
            run = await self._client.get_workflow_handle(call_workflow_id(call_id)).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                # Not begun yet, or lost with Temporal's own database: the sweep begins it.
                return False
            raise
        return run.status is not WorkflowExecutionStatus.RUNNING

    async def _hang_up(self, call_id: str) -> bool:
        """Whether there was a leg to hang up."""
        async with self._db.read() as session:
            ledger = await attempts.of_call(session, call_id)
        live = [one for one in ledger if one.carrier_sid and one.ended_at is None]
        for attempt in live:
            async with self._db.write() as session:
                await attempts.note_end_asked(session, attempt, utcnow())
            try:
                await self._carrier.hang_up(attempt.carrier_sid or "")
            except CarrierError as error:
                # The watch hangs up what lives on after its attempt was settled.
                log.warning("orphan.hang_up", call_id=call_id, error=str(error))
        return bool(live)

    async def _ending(self, session: AsyncSession, call: Call, cut_off: bool) -> Decision:
        """What had come of the conversation stands: a confirmed call was not canceled."""
        if cut_off and call.reported_outcome is None:
            return _TERMINATED
        facts = await self._gatherer.gather(session, call, utcnow())
        decision = policy.decide(replace(facts, cancel_requested=True), utcnow())
        if decision.kind is DecisionKind.END and decision.outcome is not Outcome.CANCELED:
            return decision
        return _TERMINATED
