"""After a restore: what Temporal and the carrier remember, written into the database again.

Temporal has every decision, and the carrier every leg. Run it before any worker.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.clock import utcnow
from activities.recovery.recorded_decisions import RecordedDecision, recorded_decisions
from contracts.names import CALL_ID_PREFIX
from policy.model.call import AttemptResult, Decision, DecisionKind, Outcome
from policy.model.reasons import Reason
from storage import recovery
from storage.attempts import attempts
from storage.attempts.attempts import CarrierUpdate
from storage.calls import calls, decisions
from storage.carriers import carrier_accounts
from storage.compliance import opt_out
from storage.database.engine import Database
from storage.tables import Agent, Attempt, Call
from storage.tables.specs import endpoints_of
from storage.transfers import targets
from telephony.port import Carrier, Leg

log = structlog.get_logger(__name__)

#: Between the carrier's clock and ours.
_SKEW = timedelta(seconds=10)
_LOST = "its call is not in the database that was restored"
_OUTCOMES = {
    AttemptResult.ANSWERED: Outcome.COMPLETED,
    AttemptResult.VOICEMAIL: Outcome.VOICEMAIL,
    AttemptResult.BUSY: Outcome.BUSY,
    AttemptResult.NO_ANSWER: Outcome.NO_ANSWER,
    AttemptResult.CANCELED: Outcome.CANCELED,
}


@dataclass
class Reconciled:
    """What was found. `lost_calls`: ids of which only the workflow is known any more."""

    decisions: int = 0
    legs: int = 0
    ended: int = 0
    unresolved: int = 0
    found_calls: int = 0
    lost_calls: list[str] = field(default_factory=list)
    terminated: int = 0
    #: Legs from a caller ID that no agent has now, or to a transfer target.
    unplaced_legs: list[str] = field(default_factory=list)


class Reconciliation:
    """`since`: when the backup was made, or a little earlier; what is known already stays."""

    def __init__(self, db: Database, client: Client, carrier: Carrier, since: datetime) -> None:
        self._db = db
        self._client = client
        self._carrier = carrier
        self._since = since
        self._agents: Mapping[str, Sequence[Agent]] = {}
        #: Of accounts at the carrier: whose each is, who dials from a number by one, and who from
        #: all others.
        self._owners: dict[str, str] = {}
        self._at_own: set[tuple[str, str]] = set()
        self._with_default: set[str] = set()
        #: By their two numbers, to and from; the oldest first.
        self._legs: dict[tuple[str, str], list[Leg]] = {}
        self.found = Reconciled()

    async def run(self) -> Reconciled:
        """May be repeated. Raises CarrierError and RPCError where one of both cannot be asked."""
        await self._read_legs()
        running = "ExecutionStatus = 'Running'"
        closed = f"CloseTime >= '{self._since.isoformat()}'"
        query = f"WorkflowType = 'CallWorkflow' AND ({running} OR {closed})"
        seen: set[str] = set()
        async for run in self._client.list_workflows(query):
            # Of a call that began afresh the newest run comes first.
            if run.id not in seen:
                seen.add(run.id)
                await self._take_up(run.id, run.status is WorkflowExecutionStatus.RUNNING)
        await self._find_those_under_way()
        for leg in [leg for some in self._legs.values() for leg in some]:
            await self._keep(leg)
        return self.found

    async def _read_legs(self) -> None:
        """Those that no attempt names."""
        async with self._db.read() as session:
            self._agents = await recovery.speakers(session)
            rows = await carrier_accounts.every(session)
        self._owners = {row.carrier_account_id: row.account_id for row in rows}
        self._at_own = {(row.account_id, one) for row in rows for one in row.caller_ids}
        self._with_default = {row.account_id for row in rows if row.is_default}
        legs: dict[str, Leg] = {}
        for caller_id in self._agents:
            made = await self._carrier.made(from_=caller_id, since=self._since)
            legs.update((leg.sid, leg) for leg in made)
        async with self._db.read() as session:
            known = await attempts.known_sids(session, legs)
        left = (leg for sid, leg in legs.items() if sid not in known)
        for leg in sorted(left, key=lambda leg: leg.created_at or utcnow()):
            self._legs.setdefault((leg.to, leg.from_), []).append(leg)

    async def _take_up(self, workflow_id: str, is_running: bool) -> None:
        call_id = workflow_id.removeprefix(CALL_ID_PREFIX)
        async with self._db.read() as session:
            call = await calls.load(session, call_id)
            known = await recovery.last_step(session, call_id)
        if call is None:
            await self._note_lost(workflow_id, call_id, is_running)
        elif not call.status.is_final:
            await self._replay(call_id, await recorded_decisions(self._client, workflow_id, known))

    async def _note_lost(self, workflow_id: str, call_id: str, is_running: bool) -> None:
        """Whom it was to call nobody knows any more: it must not go on."""
        self.found.lost_calls.append(call_id)
        if not is_running:
            return
        try:
            await self._client.get_workflow_handle(workflow_id).terminate(reason=_LOST)
            self.found.terminated += 1
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _replay(self, call_id: str, history: Sequence[RecordedDecision]) -> None:
        """What the workflow has decided since is decided here, too, one after the other."""
        async with self._db.write() as session:
            for one in history:
                call = await calls.lock(session, call_id)
                assert call is not None
                await self._settle_open(session, call, one.at)
                await decisions.record(session, call_id, one.step, one.decision, one.at)
                await calls.apply_decision(session, call, one.decision, one.at)
                if one.decision.outcome is Outcome.OPTED_OUT:
                    await opt_out.opt_out(
                        session, call.account_id, call.endpoint, "restore", one.at, call_id=call_id
                    )
                if one.decision.kind is DecisionKind.DIAL:
                    await self._dialed(session, call, one.decision, one.at)
                self.found.decisions += 1
                self.found.ended += one.decision.kind is DecisionKind.END

    async def _settle_open(self, session: AsyncSession, call: Call, now: datetime) -> None:
        """The workflow has decided again: then what it dialed was over."""
        for attempt in await attempts.of_call(session, call.call_id):
            if attempt.settled_at is None:
                await self._look_for_leg(session, attempt)
                await attempts.settle(session, attempt, now)

    async def _dialed(
        self, session: AsyncSession, call: Call, decision: Decision, at: datetime
    ) -> None:
        if call.numbers_spec is not None:
            await self._move_to_leg(session, call, at)
        attempt = await recovery.dialed(session, call, decision, at)
        if not await self._look_for_leg(session, attempt):
            self.found.unresolved += 1

    async def _move_to_leg(self, session: AsyncSession, call: Call, at: datetime) -> None:
        """Which of a person's several numbers was dialed no decision says; the next leg does."""
        numbers = endpoints_of(call.__dict__)
        legs = [
            leg
            for (to, from_), some in self._legs.items()
            if to in numbers
            and any(one.agent_id == call.agent_id for one in self._agents.get(from_, ()))
            for leg in some
            if leg.created_at is None or leg.created_at >= at - _SKEW
        ]
        if legs:
            leg = min(legs, key=lambda one: one.created_at or at)
            await recovery.move_to(session, call, leg.to, leg.from_)

    async def _look_for_leg(self, session: AsyncSession, attempt: Attempt) -> bool:
        """Whether it has one: the first that nobody else claims, between the same two numbers."""
        if attempt.carrier_sid is not None:
            return True
        legs = self._legs.get((attempt.to_endpoint, attempt.from_endpoint), [])
        earliest = attempt.dialed_at - _SKEW
        for leg in legs:
            if leg.created_at is None or leg.created_at >= earliest:
                legs.remove(leg)
                await self._bind(session, attempt, leg)
                return True
        return False

    async def _find_those_under_way(self) -> None:
        """Dials that were decided before the backup and sent after it: they have a leg.

        Of an intent nobody would know that, and so it would be sent once more.
        """
        async with self._db.read() as session:
            under_way = await recovery.without_leg(session)
        for one in under_way:
            async with self._db.write() as session:
                await self._look_for_leg(session, await attempts.reload(session, one))

    async def _bind(self, session: AsyncSession, attempt: Attempt, leg: Leg) -> None:
        at = leg.created_at or utcnow()
        await recovery.open_fate(session, attempt, at)
        await attempts.bind(session, attempt, leg.sid, at)
        row = await attempts.reload(session, attempt)
        row.carrier_account_id = leg.carrier_account_id
        await session.flush()
        update = CarrierUpdate(leg.status.value, leg.answered_by, leg.duration)
        await attempts.apply_carrier_event(session, row, update, at)
        self.found.legs += 1

    def _speaker(self, leg: Leg) -> Agent | None:
        """Who called by it: one of the account whose leg it is, though others have the number."""
        agents = self._agents.get(leg.from_, ())
        if leg.carrier_account_id is not None:
            owner = self._owners.get(leg.carrier_account_id)
            return next((one for one in agents if one.account_id == owner), None)
        # The installation's own: whoever has an account for the number, or one for all others,
        # dials by that.
        return next((one for one in agents if not self._dials_by_own(one, leg.from_)), None)

    def _dials_by_own(self, agent: Agent, caller_id: str) -> bool:
        at_own = (agent.account_id, caller_id) in self._at_own
        return at_own or agent.account_id in self._with_default

    async def _keep(self, leg: Leg) -> None:
        """A leg of no call that is known: the person was dialed, and that is written down."""
        agent = self._speaker(leg)
        if agent is None or await self._is_to_target(agent, leg):
            self.found.unplaced_legs.append(leg.sid)
            return
        at = leg.created_at or utcnow()
        dial = Decision(
            DecisionKind.DIAL,
            Reason.FOUND_AFTER_RESTORE,
            "Found at the carrier after a restore",
            attempt_number=1,
        )
        async with self._db.write() as session:
            if await attempts.known_sids(session, [leg.sid]):
                # A worker that runs was about to write it down.
                return
            call = await recovery.call_of_leg(session, agent, leg.to, leg.from_, at)
            await calls.apply_decision(session, call, dial, at)
            attempt = await recovery.dialed(session, call, dial, at)
            await self._bind(session, attempt, leg)
            result = await attempts.settle(session, attempt, utcnow())
            await calls.apply_decision(session, call, _end_of(result), utcnow())
        self.found.found_calls += 1

    async def _is_to_target(self, agent: Agent, leg: Leg) -> bool:
        """Whether it was most likely a warm transfer's, and no call to a person."""
        async with self._db.read() as session:
            return await targets.has(session, agent.account_id, leg.to)


def _end_of(result: AttemptResult) -> Decision:
    return Decision(
        DecisionKind.END,
        Reason.FOUND_AFTER_RESTORE,
        "Found at the carrier after a restore; what was said is not known",
        outcome=_OUTCOMES.get(result, Outcome.FAILED),
    )
