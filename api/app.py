"""Composition root of the API: settings → database and Temporal → routes."""

import asyncio
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import structlog
from fastapi import APIRouter, Depends, FastAPI
from temporalio.client import Client
from temporalio.service import RetryConfig

from api import openapi, problems
from api.bodies import storable
from api.browser.headers import PageHeaders
from api.browser.router import router as pages
from api.browser.signing import signer_of
from api.calls_gateway import CallGateway, TemporalCalls
from api.carrier_news import Newsroom
from api.deps import Services, utc_now
from api.middleware import Guard
from api.routes import (
    account,
    agents,
    analytics,
    audit,
    bulk,
    calls,
    campaigns,
    compliance,
    consents,
    contacts,
    events,
    health,
    inbound,
    pathways,
    privacy,
    recordings,
    sequences,
    suppressions,
    twilio,
    webhooks,
)
from api.stage import Stage
from assembly import gatherer_of
from settings import Settings, load_settings
from storage import accounts
from storage.engine import Database
from storage.tables import JsonObject
from telephony.twilio_recordings import TwilioRecordings

log = structlog.get_logger("trunkline.api")

#: Simulated phones may ring at night, unasked and often. What is said and who may not be called
#: at all is as with real ones.
SIMULATED_WAIVERS = ("calling_hours", "consent", "registry", "attempt_cap")
BOOTSTRAP_RETRY = 1.0
_PROJECT = Path(__file__).parent.parent / "pyproject.toml"
CONNECT_TIMEOUT = timedelta(seconds=2)


def create_app(
    settings: Settings | None = None,
    *,
    db: Database | None = None,
    temporal: CallGateway | None = None,
    now: Callable[[], datetime] = utc_now,
) -> FastAPI:
    """The API. What is not handed in is made from the settings, and closed at the end."""
    chosen = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = db or Database(chosen.database_url)
        gateway = temporal or TemporalCalls(await connect_lazily(chosen))
        app.state.services = assemble(chosen, database, gateway, now)
        bootstrap = asyncio.create_task(make_first_account(app.state.services))
        try:
            # Usually done at once; a database that is away must not keep the API from starting.
            await asyncio.wait({bootstrap}, timeout=BOOTSTRAP_RETRY)
            yield
        finally:
            bootstrap.cancel()
            with suppress(asyncio.CancelledError):
                await bootstrap
            await app.state.services.recordings.close()
            if db is None:
                await database.close()

    app = FastAPI(
        title="Trunkline",
        version=_version(),
        description="Durable outbound calling on Temporal.",
        lifespan=lifespan,
        # Spans would carry paths and queries, which hold tokens and phone numbers.
        telemetry={"tracing": False, "logs": False, "operation_spans": False},
    )
    _add_routes(app)
    return app


async def connect_lazily(settings: Settings) -> Client:
    """A client that connects at its first use and again after Temporal was away."""
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        api_key=settings.temporal_api_key.get_secret_value() or None,
        tls=settings.temporal_tls,
        connect_timeout=CONNECT_TIMEOUT,
        # The SDK's ten seconds are longer than a client of ours should wait.
        retry_config=RetryConfig(max_retries=2, max_elapsed_time_millis=1500),
        lazy=True,
    )


def assemble(
    settings: Settings, db: Database, gateway: CallGateway, now: Callable[[], datetime]
) -> Services:
    """What the routes work with."""
    carrier_recordings = TwilioRecordings(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        api_url=settings.twilio_api_url or None,
    )
    return Services(
        settings=settings,
        db=db,
        calls=gateway,
        news=Newsroom(gateway),
        stage=Stage(settings.public_url, settings.amd_hold_seconds),
        gatherer=gatherer_of(settings),
        recordings=carrier_recordings,
        now=now,
        signer=signer_of(settings),
    )


def _add_routes(app: FastAPI) -> None:
    # First, because routes are tried in order and most requests are the carrier's.
    app.include_router(twilio.router)
    v1 = APIRouter(prefix="/api/v1", dependencies=[Depends(storable)])
    for part in (
        sequences,
        recordings,
        calls,
        agents,
        pathways,
        campaigns,
        webhooks,
        events,
        analytics,
        account,
    ):
        v1.include_router(part.router)
    app.include_router(v1)
    # Looks at its body row by row.
    app.include_router(bulk.router, prefix="/api/v1")
    # Uploads are read as a stream, not as JSON.
    for part in (contacts, suppressions, consents, compliance, privacy, audit):
        app.include_router(part.router, prefix="/api/v1")
    app.include_router(inbound.router)
    app.include_router(health.router)
    app.include_router(pages)
    app.add_middleware(Guard)
    app.add_middleware(PageHeaders)
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
                await accounts.bootstrap(session, key, now=at, waivers=waivers)
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


def _version() -> str:
    """Of the source tree this runs from, else of the installed package."""
    if _PROJECT.is_file():
        return str(tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"])
    return version("trunkline")
