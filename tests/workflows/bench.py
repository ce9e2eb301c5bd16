"""What the workflow tests stand on: a database, a carrier in memory, workers, and one call."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from sqlalchemy.exc import DBAPIError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.clock import utcnow
from api.callbacks import attempt_updates
from api.callbacks.attempt_updates import AttemptUpdate
from api.callbacks.workflow_notifier import WorkflowNotifier
from api.temporal_client import TemporalAway, TemporalGateway
from contracts.calls import CallEnd, Progress
from contracts.names import call_workflow_id
from contracts.workflow_start import start_call
from policy.model.call import AttemptState, Outcome
from policy.model.purposes import Purpose
from settings import Settings
from storage.attempts import attempts
from storage.calls import calls, decisions
from storage.database.engine import Database, DatabaseBusy
from storage.dispatch import leases
from storage.events import event_log
from storage.tables import Account, Agent, Attempt, Call, DecisionRow, Event, Lease
from telephony.events import CarrierEvent
from telephony.memory.carrier import MemoryCarrier
from telephony.port import LegStatus
from telephony.public_address import PublicAddress
from tests.databases import SqliteTemplates
from tests.permits import CONSENT_WAIVER, IDENTITY
from tests.wait import until
from worker import activities_of, call_worker, dial_worker
from workflows.call import CallWorkflow

CALLER_ID = "+12125550100"
ENDPOINT = "+12125550199"
WAIVER: dict[str, Any] = {
    "rule": "calling_hours",
    "reason": "no real phones",
    "by": "tests",
    "simulatedOnly": True,
}
#: The account's waiver holds only where no real phone can ring.
ENFORCING = Settings(unknown_quiet_seconds=1)
WAIVING = Settings(unknown_quiet_seconds=1, simulated_phones=True, twilio_api_url="http://sim")


Hear = Callable[[str, CarrierEvent], Awaitable[None]]
Write = Callable[[AsyncSession, str, CarrierEvent, datetime], Awaitable[AttemptUpdate]]


@dataclass(frozen=True)
class Story:
    """Everything the database knows about a call."""

    call: Call
    attempts: list[Attempt]
    decisions: list[DecisionRow]
    events: list[Event]


class Bench:
    def __init__(
        self, db: Database, client: Client, carrier: MemoryCarrier, *, waived: bool
    ) -> None:
        self.db = db
        self.client = client
        self.carrier = carrier
        self.activities = activities_of(db, carrier, client, WAIVING if waived else ENFORCING)
        self._notifier = WorkflowNotifier(TemporalGateway(client))
        waivers = [WAIVER, CONSENT_WAIVER]
        self.account = Account(name="bench", created_time=utcnow(), waivers=waivers)

    async def agent(self, **columns: Any) -> Agent:
        now = utcnow()
        values = {
            "timezone": "America/New_York",
            "caller_ids": [CALLER_ID],
            "identity_spec": IDENTITY,
            "purpose": Purpose.REMINDER,
            "voicemail_spec": {"action": "leave_message", "message": "Call us"},
            **columns,
        }
        agent = Agent(
            account_id=self.account.account_id,
            name="bench",
            created_time=now,
            updated_time=now,
            **values,
        )
        async with self.db.write() as session:
            session.add(agent)
        return agent

    async def accept(self, agent: Agent, **columns: Any) -> Call:
        """Commit a call, as the gateway does, without starting its workflow."""
        values = {
            "endpoint": ENDPOINT,
            "recipient_spec": {"timezone": "America/New_York"},
            "voicemail_spec": agent.voicemail_spec,
            "max_duration": 600,
            **columns,
        }
        call = Call(
            account_id=agent.account_id,
            agent_id=agent.agent_id,
            caller_id=CALLER_ID,
            timezone=agent.timezone,
            created_time=utcnow(),
            **values,
        )
        async with self.db.write() as session:
            await calls.insert_many(session, [call], utcnow())
        return call

    async def start(self, call: Call) -> WorkflowHandle[Any, CallEnd]:
        await start_call(
            self.client, call.call_id, call.agent_id, None, call.call_deadline, call.priority
        )
        return self.handle(call.call_id)

    def handle(self, call_id: str) -> WorkflowHandle[Any, CallEnd]:
        return self.client.get_workflow_handle(call_workflow_id(call_id), result_type=CallEnd)

    async def run_accepted(self, call: Call) -> tuple[CallEnd, Story]:
        end = await (await self.start(call)).result()
        return end, await self.story(end.call_id)

    async def until(
        self, handle: WorkflowHandle[Any, CallEnd], holds: Callable[[Progress], bool]
    ) -> None:
        """Until the call's own account of its progress says so."""

        async def so() -> bool:
            return holds(await handle.query(CallWorkflow.progress))

        await until(so, "that progress of the call")

    async def until_leg(self, call: Call, state: AttemptState = AttemptState.ANSWERED) -> None:
        """Until the ledger says that of the call's last attempt."""

        async def so() -> bool:
            ledger = (await self.story(call.call_id)).attempts
            return bool(ledger) and ledger[-1].state is state

        await until(so, f"a leg that is {state}")

    async def watch_later(self, passed: timedelta) -> None:
        """A round of the watch, as if so much time had passed."""
        with patch("activities.dials.carrier_watch.utcnow", lambda: utcnow() + passed):
            await self.activities.carrier_watch.turn()

    async def free_and_grant(self) -> None:
        """Lift every agent's cap and let the dispatcher take its turn."""
        async with self.db.write() as session:
            for agent in (await session.exec(select(Agent))).all():
                agent.max_concurrent = None
                session.add(agent)
        assert await self.activities.dispatcher.turn() == 1

    async def live_leases(self) -> list[Lease]:
        async with self.db.read() as session:
            return await leases.live(session, utcnow())

    async def story(self, call_id: str) -> Story:
        async with self.db.read() as session:
            call = await calls.load(session, call_id)
            assert call is not None
            return Story(
                call,
                await attempts.of_call(session, call_id),
                await decisions.of_call(session, call_id),
                await event_log.of_call(session, call_id),
            )

    def dial_worker(self, settings: Settings = WAIVING) -> Worker:
        return dial_worker(self.client, self.activities, settings)

    async def other_dial_worker(
        self, worker_id: str, carrier: MemoryCarrier, address: PublicAddress | None = None
    ) -> Worker:
        """Another process's, with a carrier and a name of its own; it makes one dial at a time."""
        client = await Client.connect(self.client.service_client.config.target_host)
        settings = WAIVING.model_copy(update={"max_concurrent_activities": 1})
        own = activities_of(self.db, carrier, client, settings, address, worker_id)
        return dial_worker(client, own, settings, worker_id)

    # -- what the gateway does with the carrier's callbacks

    async def hear_status(self, token: str, event: CarrierEvent) -> None:
        await self._hear(attempt_updates.progress, token, event)
        if event.status is LegStatus.IN_PROGRESS:
            await self._serve(token)

    async def _serve(self, token: str) -> None:
        """Whoever answered was given something to hear."""
        async with self.db.write() as session:
            held = await attempts.hold_by_token(session, token)
            assert held is not None
            held[1].served_at = held[1].served_at or utcnow()

    async def hear_amd(self, token: str, event: CarrierEvent) -> None:
        await self._hear(attempt_updates.verdict, token, event)

    async def _hear(self, write: Write, token: str, event: CarrierEvent) -> None:
        async with self.db.write() as session:
            update = await write(session, token, event, utcnow())
        await self._notifier.tell(update.call_id, update.news)

    async def hear_outcome(self, token: str, outcome: str) -> None:
        async with self.db.write() as session:
            held = await attempts.hold_by_token(session, token)
            assert held is not None
            await calls.report(
                session,
                held[0],
                outcome=Outcome(outcome),
                summary=None,
                transcript=None,
                structured=None,
                now=utcnow(),
            )


def repeated(hear: Hear) -> Hear:
    """As a carrier does: a callback that meets a busy database or Temporal comes again."""

    async def heard(token: str, event: CarrierEvent) -> None:
        for _ in range(5):
            try:
                return await hear(token, event)
            except (DatabaseBusy, DBAPIError, TemporalAway):
                await asyncio.sleep(0.5)
        await hear(token, event)

    return heard


def strict_sandbox() -> SandboxedWorkflowRunner:
    """With the workflows' own modules inside, where workers have no sandbox: decision 0024."""
    passed_through = SandboxRestrictions.default.with_passthrough_modules("contracts", "policy")
    return SandboxedWorkflowRunner(restrictions=passed_through)


@asynccontextmanager
async def open_bench(
    env: WorkflowEnvironment,
    templates: SqliteTemplates,
    *,
    waived: bool = False,
    dials: bool = True,
    dialing: Settings = WAIVING,
) -> AsyncIterator[Bench]:
    async with templates.opened("bench") as db:
        carrier = MemoryCarrier()
        bench = Bench(db, env.client, carrier, waived=waived)
        carrier.on_status, carrier.on_amd = repeated(bench.hear_status), repeated(bench.hear_amd)
        carrier.on_outcome = bench.hear_outcome
        async with db.write() as session:
            session.add(bench.account)
        async with (
            call_worker(env.client, bench.activities, Settings(), strict_sandbox()),
            bench.dial_worker(dialing) if dials else nullcontext(),
        ):
            yield bench


def local(instant: datetime | None, zone: Any) -> datetime:
    assert instant is not None
    return instant.astimezone(zone)


@asynccontextmanager
async def dispatching(bench: Bench) -> AsyncIterator[None]:
    """The dispatcher's turns, as its loop takes them."""

    async def turns() -> None:
        while True:
            # In production the activity is retried.
            with suppress(DatabaseBusy, DBAPIError):
                await bench.activities.dispatcher.turn()
            await asyncio.sleep(0.05)

    task = asyncio.create_task(turns())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
