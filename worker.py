"""Composition root of the worker: settings -> adapters -> activities -> workers."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import PollerBehaviorAutoscaling, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.campaigns import Campaigns
from activities.counting import Counting
from activities.deciding import Deciding
from activities.delivering import Delivering
from activities.dialing import Dialing
from activities.dispatching import Dispatching
from activities.orphans import Orphans
from activities.starting import Starting
from activities.sweeping import Sweeping
from activities.telling import Teller
from activities.voicemail import Voicemail
from activities.watching import Watching
from assembly import gatherer_of
from contracts import names
from observability import configure_logging
from process import readable_rules, settle_in
from settings import Settings, load_settings
from storage import erasing
from storage.engine import Database
from storage.facts import Gatherer
from telephony.port import Carrier
from telephony.public_address import PublicAddress
from telephony.twilio import TwilioCarrier
from workflows.call import CallWorkflow
from workflows.campaign import CampaignWorkflow
from workflows.loops import Loop, LoopWorkflow, SweepWorkflow

log = structlog.get_logger(__name__)

#: A create request under way is finished and recorded before the worker goes.
GRACE = timedelta(seconds=40)
#: The sandbox would load these anew for each workflow, at some 5 ms and 60 KiB. What it would find
#: in them, tests find: see decision 0024.
PASSED_THROUGH = ("contracts", "policy", "workflows")
LOOPS = {
    names.DISPATCHER_ID: "dispatch",
    names.STARTER_ID: "start",
    names.WATCH_ID: "watch",
    names.DELIVERY_ID: "deliver",
    names.COUNTER_ID: "count",
}
WORKFLOWS = (CallWorkflow, CampaignWorkflow, LoopWorkflow, SweepWorkflow)
RECONNECT_SECONDS = 1.0
#: Workflow tasks wait this long for the worker that has the workflow in memory, then go to any
#: other. It bounds what a killed worker's calls wait; the SDK's own 10 s is most of that tail.
STICKY = timedelta(seconds=3)


@dataclass(frozen=True)
class Hands:
    """Every activity object of a worker, with its adapters inside."""

    deciding: Deciding
    dialing: Dialing
    voicemail: Voicemail
    dispatching: Dispatching
    watching: Watching
    starting: Starting
    delivering: Delivering
    counting: Counting
    sweeping: Sweeping
    campaigns: Campaigns

    def on_call_queue(self) -> list[Callable[..., Any]]:
        return [
            self.deciding.decide,
            self.deciding.settle,
            self.deciding.reschedule,
            self.deciding.note_cancel,
            self.dialing.take_up,
            self.dialing.find_leg,
            self.dialing.check_leg,
            self.dialing.hang_up,
            self.voicemail.handle_voicemail,
            self.dispatching.dispatch,
            self.watching.watch,
            self.starting.start,
            self.delivering.deliver,
            self.counting.count,
            self.sweeping.sweep,
            self.campaigns.feed_campaign,
            self.campaigns.cancel_campaign,
        ]


def hands(
    db: Database,
    carrier: Carrier,
    client: Client,
    settings: Settings,
    address: PublicAddress | None = None,
) -> Hands:
    gatherer = gatherer_of(settings)
    teller, orphans = Teller(client), Orphans(db, carrier, client, gatherer)
    starting = Starting(db, client)
    return Hands(
        deciding=Deciding(db, gatherer, teller),
        dialing=Dialing(
            db,
            carrier,
            gatherer,
            public_url=settings.public_url,
            quiet=timedelta(seconds=settings.unknown_quiet_seconds),
            address=address,
        ),
        voicemail=Voicemail(db, carrier),
        dispatching=Dispatching(db, teller, orphans, interval=settings.dispatch_interval_seconds),
        watching=Watching(db, carrier, teller, interval=settings.watch_interval_seconds),
        starting=starting,
        delivering=Delivering(
            db,
            interval=settings.delivery_interval_seconds,
            private=settings.private_webhooks,
        ),
        counting=Counting(db),
        sweeping=Sweeping(db, client, orphans, starting, keep=settings.retention),
        campaigns=Campaigns(db, teller, gatherer),
    )


def call_worker(
    client: Client, hands: Hands, settings: Settings, runner: WorkflowRunner | None = None
) -> Worker:
    """Workflows and everything but the dials."""
    return Worker(
        client,
        task_queue=names.CALL_QUEUE,
        workflows=WORKFLOWS,
        activities=hands.on_call_queue(),
        workflow_runner=runner or sandbox(),
        sticky_queue_schedule_to_start_timeout=STICKY,
        max_cached_workflows=settings.max_cached_workflows,
        max_concurrent_workflow_tasks=settings.max_concurrent_workflow_tasks,
        max_concurrent_activities=settings.max_concurrent_activities,
        max_concurrent_local_activities=settings.max_concurrent_activities,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=GRACE,
    )


def dial_worker(client: Client, hands: Hands, settings: Settings) -> Worker:
    """The dials, on a queue of their own, which the server holds to the carrier's pace.

    Eager execution would go round it.
    """
    return Worker(
        client,
        task_queue=names.DIAL_QUEUE,
        activities=[hands.dialing.dial],
        max_task_queue_activities_per_second=settings.dials_per_second,
        max_concurrent_activities=settings.max_concurrent_activities,
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        disable_eager_activity_execution=True,
        graceful_shutdown_timeout=GRACE,
    )


def sandbox(passed_through: Sequence[str] = PASSED_THROUGH) -> SandboxedWorkflowRunner:
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*passed_through)
    )


async def start_loops(client: Client, settings: Settings) -> None:
    """The singletons; whoever comes first starts them, the others find them running."""
    for workflow_id, activity in LOOPS.items():
        await client.start_workflow(
            LoopWorkflow.run,
            Loop(activity),
            id=workflow_id,
            task_queue=names.CALL_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    await _schedule_sweep(client, timedelta(seconds=settings.sweep_interval_seconds))


async def _schedule_sweep(client: Client, every: timedelta) -> None:
    action = ScheduleActionStartWorkflow(
        SweepWorkflow.run, id=names.SWEEP_ID, task_queue=names.CALL_QUEUE
    )
    schedule = Schedule(action, spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every)]))
    try:
        await client.create_schedule(names.SWEEP_ID, schedule)
    except ScheduleAlreadyRunningError:
        # An earlier worker's; its interval may be another than ours.
        await client.get_schedule_handle(names.SWEEP_ID).update(lambda _: ScheduleUpdate(schedule))


async def connect(settings: Settings) -> Client:
    """Connect, however long Temporal takes to come up."""
    while True:
        try:
            return await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                api_key=settings.temporal_api_key.get_secret_value() or None,
                tls=settings.temporal_tls,
            )
        except RuntimeError:
            log.warning("worker.temporal_away", temporal=settings.temporal_address)
            await asyncio.sleep(RECONNECT_SECONDS)


async def run(settings: Settings) -> None:
    db = Database(settings.database_url)
    carrier = TwilioCarrier(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        api_url=settings.twilio_api_url or None,
    )
    client = await connect(settings)
    address = _address(settings) if settings.check_public_url else None
    own = hands(db, carrier, client, settings, address)
    await require_privacy_key(db, gatherer_of(settings))
    stop = _stop_signal()
    async with (
        nullcontext() if address is None else address.watched(),
        call_worker(client, own, settings),
        dial_worker(client, own, settings),
    ):
        await start_loops(client, settings)
        log.info("worker.started", temporal=settings.temporal_address)
        await stop.wait()
    await carrier.close()
    await db.close()


def _address(settings: Settings) -> PublicAddress:
    return PublicAddress(settings.public_url, by_proxy=not settings.twilio_api_url)


async def require_privacy_key(db: Database, gatherer: Gatherer) -> None:
    """Erased people are found by their keyed hashes only: under another key they would be dialed.

    Raises SystemExit; waits for a database that is away.
    """
    while True:
        try:
            async with db.read() as session:
                lost = await erasing.foreign_key_in_use(session, gatherer.hasher)
            break
        except (SQLAlchemyError, OSError) as error:
            log.warning("worker.database_away", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)
    if lost:
        log.error("worker.privacy_key", detail="people were erased under another PRIVACY_KEY")
        raise SystemExit("TRUNKLINE_PRIVACY_KEY is not the one that people were erased under.")


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def main() -> None:
    settle_in()
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    with readable_rules():
        gatherer_of(settings)
    asyncio.run(run(settings))


if __name__ == "__main__":
    main()
