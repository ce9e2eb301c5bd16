"""Composition root of the worker: settings -> adapters -> activities -> workers."""

import gc

if __name__ == "__main__":
    # Nothing that is imported becomes garbage: to look for it takes a quarter of the start.
    gc.disable()

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
import uvloop
from temporalio.client import Client, Interceptor
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.runtime import Runtime
from temporalio.worker import (
    PollerBehaviorAutoscaling,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkerDeploymentConfig,
    WorkflowRunner,
)

from activities.analytics_rollup import AnalyticsRollup
from activities.caller_ids import number_sources
from activities.caller_ids.number_care import CallerIdCare
from activities.caller_ids.number_import import NumberImport
from activities.campaign_feed import CampaignFeed
from activities.clearances.look_ahead import LookAhead
from activities.clearances.lookup_loop import LookupLoop
from activities.clearances.lookup_payers import LookupPayers, TwilioPayers
from activities.decide import DecideActivities
from activities.dials.carrier_switch import over_twilio
from activities.dials.carrier_watch import CarrierWatch
from activities.dials.dial import DialActivities
from activities.dials.last_word import LastWordAsker
from activities.dials.leg import LegActivities
from activities.dials.target_dial import TargetDialActivities
from activities.dials.transfer_attendance import TransferAttendance
from activities.dials.transfer_closer import TransferCloser
from activities.dials.voicemail import VoicemailActivities
from activities.dials.worker_presence import WorkerPresence
from activities.dispatcher import Dispatcher
from activities.follow_ups.text_sender import TextSender
from activities.log_ids import log_ids
from activities.loops.loop import Loop
from activities.loops.tenures import LoopTenures
from activities.orphaned_calls import OrphanedCalls
from activities.queue_entry import QueueEntry
from activities.sweep import Sweep
from activities.webhook_delivery import WebhookDelivery
from activities.workflow_starter import WorkflowStarter
from bootstrap import (
    RECONNECT_SECONDS,
    connection_options,
    fact_gatherer,
    measure_pool,
    name_process,
    readable_rules,
    require_privacy_key,
    sealer,
    settle_in,
    trace_interceptors,
)
from contracts import connection, names
from contracts.loop_executor import LoopExecutor, unclocked
from contracts.workflow_signals import WorkflowSignals
from observability.exposition import Exposition, served
from observability.logs import configure_logging
from observability.worker_health import WorkerHealth
from settings import Settings, load_settings
from storage.carriers.credentials import CredentialBook
from storage.database.engine import Database
from storage.facts.gather import FactGatherer
from telephony.port import Carrier
from telephony.public_address import PublicAddress
from workflows.call import CallWorkflow
from workflows.campaign import CampaignWorkflow

log = structlog.get_logger(__name__)

#: A create request under way is finished and recorded before the worker goes.
GRACE = timedelta(seconds=40)
WORKFLOWS = (CallWorkflow, CampaignWorkflow)
#: Workflow tasks wait this long for the worker that has the workflow in memory, then go to any
#: other. It bounds what a killed worker's calls wait; the SDK's own 10 s is most of that tail.
STICKY = timedelta(seconds=3)


@dataclass(frozen=True)
class Activities:
    """Every activity object of a worker, and every loop's, with its adapters inside."""

    decide: DecideActivities
    dial: DialActivities
    leg: LegActivities
    voicemail: VoicemailActivities
    target_dial: TargetDialActivities
    attendance: TransferAttendance
    dispatcher: Dispatcher
    carrier_watch: CarrierWatch
    starter: WorkflowStarter
    webhook_delivery: WebhookDelivery
    rollup: AnalyticsRollup
    sweep: Sweep
    campaign_feed: CampaignFeed
    caller_ids: CallerIdCare
    lookups: LookupLoop

    def on_dial_queue(self) -> list[Callable[..., Any]]:
        return [self.dial.dial, self.dial.dial_to_end, self.target_dial.dial_target]

    def on_call_queue(self) -> list[Callable[..., Any]]:
        return [
            self.decide.decide,
            self.decide.settle,
            self.decide.reschedule,
            self.decide.note_cancel,
            self.dial.take_up,
            self.leg.find_leg,
            self.leg.check_leg,
            self.leg.hang_up,
            self.leg.cancel_leg,
            self.leg.cancel_dial,
            self.voicemail.handle_voicemail,
            self.attendance.attend_transfer,
            self.campaign_feed.feed_campaign,
            self.campaign_feed.cancel_campaign,
            self.campaign_feed.pause_campaign,
            self.campaign_feed.resume_campaign,
        ]


def activities_of(
    db: Database,
    carrier: Carrier,
    client: Client,
    settings: Settings,
    address: PublicAddress | None = None,
    worker_id: str | None = None,
    book: CredentialBook | None = None,
    payers: LookupPayers | None = None,
) -> Activities:
    gatherer = fact_gatherer(settings)
    signals, orphans = WorkflowSignals(client), OrphanedCalls(db, carrier, client, gatherer)
    starter = WorkflowStarter(db, client, QueueEntry(db, gatherer))
    quiet = timedelta(seconds=settings.unknown_quiet_seconds)
    public_url, fallback_url = settings.public_url, settings.fallback_url or None
    return Activities(
        decide=DecideActivities(db, gatherer, signals),
        dial=DialActivities(
            db,
            carrier,
            gatherer,
            public_url=public_url,
            address=address,
            fallback_url=fallback_url,
            worker_id=worker_id,
            book=book,
            last_word=LastWordAsker(db, private=settings.private_webhooks),
        ),
        leg=LegActivities(db, carrier, quiet=quiet),
        voicemail=VoicemailActivities(db, carrier),
        target_dial=TargetDialActivities(
            db, carrier, public_url=public_url, fallback_url=fallback_url
        ),
        attendance=TransferAttendance(db, carrier, public_url=public_url, quiet=quiet),
        dispatcher=Dispatcher(
            db, signals, orphans, starter, interval=settings.dispatch_interval_seconds
        ),
        carrier_watch=CarrierWatch(db, carrier, signals, interval=settings.watch_interval_seconds),
        starter=starter,
        webhook_delivery=WebhookDelivery(
            db,
            interval=settings.delivery_interval_seconds,
            private=settings.private_webhooks,
        ),
        rollup=AnalyticsRollup(db),
        sweep=Sweep(
            db,
            client,
            orphans,
            starter,
            interval=settings.sweep_interval_seconds,
            keep=settings.retention,
            keep_audit_log=settings.audit_log_kept,
            texts=TextSender(db, carrier, gatherer, settings.public_url, book),
            transfers=TransferCloser(db, carrier),
        ),
        campaign_feed=CampaignFeed(db, signals, gatherer),
        caller_ids=_caller_id_care(db, settings, book, gatherer),
        lookups=LookupLoop(
            db, payers or _payers(db, book, settings), signals, LookAhead(db, gatherer)
        ),
    )


def _caller_id_care(
    db: Database, settings: Settings, book: CredentialBook | None, gatherer: FactGatherer
) -> CallerIdCare:
    book = book or CredentialBook(db, sealer(settings))
    sources = number_sources.over_twilio(
        book, _own_account(settings), settings.twilio_api_url or None
    )
    check = settings.caller_id_check
    return CallerIdCare(db, NumberImport(db, sources, check, gatherer), check)


def _payers(db: Database, book: CredentialBook | None, settings: Settings) -> TwilioPayers:
    return TwilioPayers(db, book, _own_account(settings), settings.twilio_api_url or None)


def _own_account(settings: Settings) -> tuple[str, str]:
    """The installation's own, at the carrier."""
    return settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()


def deployment(settings: Settings) -> WorkerDeploymentConfig | None:
    """Which version this is; None: workers are not versioned.

    A call sleeps for days, and no version is kept for so long: its next task is done by whichever
    version is current then. Every version replays what those before it have begun.
    """
    if not settings.build_id:
        return None
    return WorkerDeploymentConfig(
        WorkerDeploymentVersion(settings.deployment_name, settings.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


def call_worker(
    client: Client,
    activities: Activities,
    settings: Settings,
    runner: WorkflowRunner | None = None,
) -> Worker:
    """Workflows and everything but the dials. Tests run them in the sandbox: decision 0024."""
    worker = Worker(
        client,
        task_queue=names.CALL_QUEUE,
        workflows=WORKFLOWS,
        activities=activities.on_call_queue(),
        workflow_task_executor=LoopExecutor(),
        workflow_runner=runner or UnsandboxedWorkflowRunner(),
        deployment_config=deployment(settings),
        sticky_queue_schedule_to_start_timeout=STICKY,
        max_cached_workflows=settings.max_cached_workflows,
        max_concurrent_workflow_tasks=settings.max_concurrent_workflow_tasks,
        max_concurrent_activities=settings.max_concurrent_activities,
        max_concurrent_local_activities=settings.max_concurrent_activities,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=GRACE,
    )
    return unclocked(worker)


def dial_worker(
    client: Client, activities: Activities, settings: Settings, worker_id: str | None = None
) -> Worker:
    """The dials, on a queue of their own, which the server holds to the carrier's pace.

    Eager execution would go round it.
    """
    return Worker(
        client,
        task_queue=names.DIAL_QUEUE,
        activities=activities.on_dial_queue(),
        identity=worker_id,
        deployment_config=deployment(settings),
        max_task_queue_activities_per_second=settings.dials_per_second,
        max_concurrent_activities=settings.max_concurrent_activities,
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        disable_eager_activity_execution=True,
        graceful_shutdown_timeout=GRACE,
    )


def loops_of(own: Activities) -> tuple[Loop, ...]:
    """Every loop, by the name that its lease has."""
    delivery = own.webhook_delivery
    return (
        Loop(names.DISPATCHER, own.dispatcher.round),
        Loop(names.WATCH, own.carrier_watch.round),
        Loop(names.STARTER, own.starter.round),
        Loop(names.DELIVERY, delivery.round, delivery.end),
        Loop(names.COUNTER, own.rollup.round),
        Loop(names.SWEEP, own.sweep.round),
        Loop(names.CALLER_IDS, own.caller_ids.round),
        Loop(names.LOOKUPS, own.lookups.round, own.lookups.end),
    )


async def connect(
    settings: Settings,
    interceptors: Sequence[Interceptor] = (),
    runtime: Runtime | None = None,
) -> Client:
    """Connect, however long Temporal takes to come up."""
    while True:
        try:
            return await connection.connect(settings, interceptors=interceptors, runtime=runtime)
        except RuntimeError as error:
            away = connection.complaint(error)
            log.warning("worker.temporal_away", temporal=settings.temporal_address, why=away)
            await asyncio.sleep(RECONNECT_SECONDS)


async def run(settings: Settings) -> None:
    """Metrics first: they tell of a worker that waits for its database or for Temporal, too."""
    runtime, sdk = connection.measured_runtime() if settings.metrics_address else (None, None)
    health = WorkerHealth()
    async with served(settings.metrics_address, Exposition(beside=sdk), health):
        await work(settings, health, runtime)


async def work(settings: Settings, health: WorkerHealth, runtime: Runtime | None) -> None:
    """Until SIGTERM or SIGINT."""
    db = Database(settings.database, connection_options(settings))
    book = CredentialBook(db, sealer(settings))
    carrier = over_twilio(db, book, _own_account(settings), settings.twilio_api_url or None)
    measure_pool(db)
    client = await connect(settings, trace_interceptors(settings, "worker"), runtime)
    address = _address(settings) if settings.check_public_url else None
    worker_id = f"{os.getpid()}@{socket.gethostname()}/{secrets.token_hex(4)}"
    own = activities_of(db, carrier, client, settings, address, worker_id, book)
    await require_privacy_key(db, fact_gatherer(settings))
    await own.sweep.prepare()
    tenures = LoopTenures(db, worker_id, loops_of(own))
    stop = _stop_signal()
    presence = WorkerPresence(db, client, worker_id, tenures)
    async with (
        nullcontext() if address is None else address.watched(),
        presence.kept(),
        call_worker(client, own, settings),
        dial_worker(client, own, settings, worker_id),
    ):
        if not settings.fallback_url:
            # Whoever answers while the API is away hears the carrier's error.
            log.warning("worker.no_fallback_document", setting="TRUNKLINE_FALLBACK_URL")
        log.info("worker.started", temporal=settings.temporal_address)
        health.begin(database=presence.is_seen, temporal=client.service_client.check_health)
        await stop.wait()
        # Beside the dials, which take longer to be finished.
        tenures.leave()
    await carrier.close()
    await db.close()


def _address(settings: Settings) -> PublicAddress:
    return PublicAddress(settings.public_url, by_proxy=not settings.twilio_api_url)


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def main() -> None:
    settle_in()
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format, log_ids)
    name_process("worker")
    with readable_rules():
        fact_gatherer(settings)
        sealer(settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(settings))


if __name__ == "__main__":
    main()
