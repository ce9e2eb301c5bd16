"""Composition root of the API: settings → database and Temporal → routes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import cached_property

import structlog
from fastapi import APIRouter, Depends, FastAPI
from starlette.types import Receive, Scope, Send
from temporalio.client import Client, Interceptor
from temporalio.service import RetryConfig

from activities.caller_ids import number_sources
from activities.caller_ids.number_import import NumberImport
from api.accounts import (
    agent_routes,
    audit_log_routes,
    key_routes,
    pathway_routes,
    rehearsal_routes,
)
from api.accounts import routes as account_routes
from api.analytics import routes as analytics_routes
from api.audit import routes as audit_routes
from api.audit.routes import AuditPage
from api.callbacks import inbound_routes, transfer_routes
from api.callbacks import routes as callback_routes
from api.callbacks.deps import CallbackServices
from api.callbacks.direct import DirectCallbacks
from api.caller_ids import routes as caller_id_routes
from api.calls import bulk_routes
from api.calls import routes as call_routes
from api.campaigns import contact_routes
from api.campaigns import routes as campaign_routes
from api.carriers import routes as carrier_routes
from api.clearances import routes as clearance_routes
from api.compliance import consent_routes, review_routes, suppression_routes
from api.compliance import routes as compliance_routes
from api.events import routes as event_routes
from api.follow_ups import routes as follow_up_routes
from api.forecast import routes as forecast_routes
from api.http import health, openapi, problems
from api.http.body_limits import MAX_BODY, MAX_CALLBACK
from api.http.deps import Services, utc_now
from api.http.json_body import storable
from api.http.middleware import Guard
from api.law import routes as law_routes
from api.people import routes as people_routes
from api.people import sign_on_routes
from api.privacy import routes as privacy_routes
from api.promises import routes as promise_routes
from api.recordings import routes as recording_routes
from api.recordings.sources import RecordingSources
from api.reminders import routes as reminder_routes
from api.splits import routes as split_routes
from api.temporal_client import TemporalGateway, WorkflowGateway
from api.transfers import routes as transfer_api_routes
from api.webhooks import routes as webhook_routes
from bootstrap import connection_options, fact_gatherer, sealer
from contracts.connection import connect
from policy.accounts.key_scopes import is_live
from release import version
from settings import Settings, load_settings
from storage.accounts import accounts
from storage.carriers.credentials import CredentialBook
from storage.database.engine import Database
from storage.tables import JsonObject
from telephony.twilio.recordings import TwilioRecordings
from webhooks.sender import Sender

log = structlog.get_logger("trunkline.api")

#: Simulated phones may ring at night, unasked and often. What is said and who may not be called
#: at all is as with real ones.
SIMULATED_WAIVERS = (
    *("calling_hours", "consent", "consent_age", "registry", "attempt_cap"),
    *("caller_id_range", "prerequisite"),
)
BOOTSTRAP_RETRY = 1.0
CONNECT_TIMEOUT = timedelta(seconds=2)


class Application(FastAPI):
    """FastAPI, and before it what the carrier tells of legs."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._direct(scope, receive, send)

    @cached_property
    def _direct(self) -> DirectCallbacks:
        return DirectCallbacks(self, super().__call__)


def create_app(
    settings: Settings | None = None,
    *,
    db: Database | None = None,
    temporal: WorkflowGateway | None = None,
    now: Callable[[], datetime] = utc_now,
    audit_page: AuditPage | None = None,
    interceptors: Sequence[Interceptor] = (),
) -> FastAPI:
    """The API. What is not handed in is made from the settings, and closed at the end.

    `audit_page` makes an audit's page for people; without one an audit is JSON only.
    """
    chosen = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = db or Database(chosen.database, connection_options(chosen))
        gateway = temporal or TemporalGateway(await connect_lazily(chosen, interceptors))
        app.state.services = assemble(chosen, database, gateway, now)
        app.state.callbacks = CallbackServices.of(chosen, gateway)
        bootstrap = asyncio.create_task(make_first_account(app.state.services))
        uses = asyncio.create_task(app.state.services.key_uses.keep_writing(database))
        try:
            # Usually done at once; a database that is away must not keep the API from starting.
            await asyncio.wait({bootstrap}, timeout=BOOTSTRAP_RETRY)
            yield
        finally:
            for task in (bootstrap, uses):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            with suppress(Exception):  # when a key was used last is worth no failed stop
                await app.state.services.key_uses.write(database)
            await app.state.services.recordings.close()
            await app.state.services.recordings_at.close()
            await app.state.services.outgoing.close()
            if db is None:
                await database.close()

    app = Application(
        title="Trunkline",
        version=version(),
        description="Durable outbound calling on Temporal.",
        lifespan=lifespan,
        # FastAPI's own pages load scripts from other hosts; `dashboard.reference` has ours.
        docs_url=None,
        redoc_url=None,
        # Spans would carry paths and queries, which hold tokens and phone numbers.
        telemetry={"tracing": False, "logs": False, "operation_spans": False},
    )
    app.state.audit_page = audit_page
    _add_routes(app)
    return app


async def connect_lazily(settings: Settings, interceptors: Sequence[Interceptor] = ()) -> Client:
    """A client that connects at its first use and again after Temporal was away."""
    return await connect(
        settings,
        connect_timeout=CONNECT_TIMEOUT,
        # The SDK's ten seconds are longer than a client of ours should wait.
        retries=RetryConfig(max_retries=2, max_elapsed_time_millis=1500),
        lazy=True,
        interceptors=interceptors,
    )


def assemble(
    settings: Settings, db: Database, gateway: WorkflowGateway, now: Callable[[], datetime]
) -> Services:
    """What the routes work with."""
    carrier_recordings = TwilioRecordings(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        api_url=settings.twilio_api_url or None,
    )
    seals = sealer(settings)
    credentials = CredentialBook(db, seals)
    own_account = settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()
    sources = number_sources.over_twilio(credentials, own_account, settings.twilio_api_url or None)
    gatherer = fact_gatherer(settings)
    return Services(
        settings=settings,
        db=db,
        calls=gateway,
        gatherer=gatherer,
        recordings=carrier_recordings,
        credentials=credentials,
        recordings_at=RecordingSources(credentials, settings.twilio_api_url or None),
        number_sources=sources,
        numbers=NumberImport(db, sources, settings.caller_id_check, gatherer, now),
        sealer=seals,
        now=now,
        outgoing=Sender(private=settings.private_sign_on),
    )


def _add_routes(app: FastAPI) -> None:
    # First, because routes are tried in order and most requests are the carrier's.
    app.include_router(callback_routes.router, max_body_size=MAX_CALLBACK)
    app.include_router(transfer_routes.router, max_body_size=MAX_CALLBACK)
    v1 = APIRouter(prefix="/api/v1", dependencies=[Depends(storable)])
    for part in (
        reminder_routes,
        recording_routes,
        transfer_api_routes,
        call_routes,
        clearance_routes,
        promise_routes,
        agent_routes,
        pathway_routes,
        rehearsal_routes,
        campaign_routes,
        forecast_routes,
        split_routes,
        follow_up_routes,
        carrier_routes,
        caller_id_routes,
        webhook_routes,
        event_routes,
        analytics_routes,
        account_routes,
        key_routes,
        people_routes,
        sign_on_routes,
        audit_log_routes,
    ):
        v1.include_router(part.router)
    app.include_router(v1, max_body_size=MAX_BODY)
    # Looks at its body row by row.
    app.include_router(bulk_routes.router, prefix="/api/v1", max_body_size=MAX_BODY)
    # Uploads are read as a stream, not as JSON.
    for part in (
        contact_routes,
        # Before the list, whose entries are named by what comes next in the path.
        review_routes,
        suppression_routes,
        consent_routes,
        law_routes,
        compliance_routes,
        privacy_routes,
        audit_routes,
    ):
        app.include_router(part.router, prefix="/api/v1", max_body_size=MAX_BODY)
    app.include_router(inbound_routes.router, max_body_size=MAX_CALLBACK)
    app.include_router(health.router, max_body_size=MAX_BODY)
    app.add_middleware(Guard)
    problems.install(app)
    openapi.install(app)


async def make_first_account(services: Services) -> None:
    """Make the first account and its key, as soon as the database lets us."""
    key = services.settings.bootstrap_api_key.get_secret_value()
    if not key:
        return
    at = services.now()
    waives = services.settings.phones_are_simulated
    waivers = [_simulated_waiver(rule, at) for rule in SIMULATED_WAIVERS if waives]
    while True:
        try:
            async with services.db.write() as session:
                _, row = await accounts.bootstrap(
                    session,
                    key,
                    now=at,
                    waivers=waivers,
                    lasts=services.settings.bootstrap_lasts,
                )
            if not is_live(row.revoked_time, row.expires_time, at):
                # Whoever ended it did so on purpose: only another key opens the door again.
                log.error("bootstrap_key_over", prefix=row.prefix)
            return
        except Exception as exc:  # away, or not migrated yet: either ends by itself
            log.warning("bootstrap_waits", error=type(exc).__name__)
            await asyncio.sleep(BOOTSTRAP_RETRY)


def _simulated_waiver(rule: str, at: datetime) -> JsonObject:
    return {
        "rule": rule,
        "reason": "carrier simulator: no real phones",
        "by": "trunkline dev",
        "at": at.isoformat(),
        "simulatedOnly": True,
    }
