"""The web process: the API, the carrier's callbacks and the dashboard as one application.

`python -m server` and `trunkline api` run it.
"""

import gc

if __name__ == "__main__":
    # Nothing that is imported becomes garbage: to look for it takes a quarter of the start.
    gc.disable()

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from socket import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI
from temporalio.client import Interceptor

from api.app import create_app
from api.http.connection import BoundedConnection
from api.http.deps import Services, utc_now
from api.temporal_client import WorkflowGateway
from bootstrap import (
    fact_gatherer,
    measure_pool,
    name_process,
    readable_rules,
    sealer,
    settle_in,
    trace_interceptors,
)
from contracts import names
from dashboard import router
from dashboard.renderer import render_audit
from observability.exposition import DatabaseReader, Exposition, served
from observability.logs import configure_logging
from observability.metrics import Samples
from policy.rules.review import unreviewed
from settings import Settings, load_settings
from storage import gauges
from storage.database.engine import Database

#: As uvicorn ends that could not start.
STARTUP_FAILURE = 3


def create_server(
    settings: Settings | None = None,
    *,
    db: Database | None = None,
    temporal: WorkflowGateway | None = None,
    now: Callable[[], datetime] = utc_now,
    interceptors: Sequence[Interceptor] = (),
) -> FastAPI:
    """The API with the dashboard on top; see `api.app.create_app` for what may be handed in."""
    chosen = settings or load_settings()
    app = create_app(
        chosen,
        db=db,
        temporal=temporal,
        now=now,
        audit_page=render_audit,
        interceptors=interceptors,
    )
    router.install(app, chosen)
    return app


def connections(most: int) -> type[BoundedConnection]:
    """Connections of which at most so many are open, and an eighth more for the carrier."""
    bounds = {"most": most, "for_carrier": max(most // 8, 1)}
    return type("Connection", (BoundedConnection,), bounds)


def serve(settings: Settings | None = None) -> None:
    """Run the web process until SIGTERM or SIGINT."""
    settle_in()
    chosen = settings or load_settings()
    configure_logging(chosen.log_level, chosen.log_format)
    with readable_rules():
        fact_gatherer(chosen)
        sealer(chosen)
    name_process("api")
    app = create_server(chosen, interceptors=trace_interceptors(chosen, "api"))
    config = uvicorn.Config(
        app,
        host=chosen.api_host,
        port=chosen.api_port,
        # Bounded in bytes and time; there is no web socket to upgrade to.
        http=connections(chosen.api_max_connections),
        ws="none",
        # uvicorn's own lines hold paths and queries, which hold tokens and numbers.
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=5,
    )
    server = Server(config, chosen.metrics_address)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(STARTUP_FAILURE)


def database_metrics(services: Services) -> Callable[[], Awaitable[Samples]]:
    """Reads what only the database knows."""

    async def read() -> Samples:
        async with services.db.browse() as session:
            found = await gauges.read(session, services.now(), names.LOOPS)
        old = unreviewed(services.gatherer.book.rules, services.now().date())
        return {**found, "trunkline_rules_unreviewed": {(): len(old)}}

    return read


class Server(uvicorn.Server):
    """Tells streams that the process is to end, which waits for them and cuts them off at last.

    Beside the API it shows metrics, at an address of their own.
    """

    def __init__(self, config: uvicorn.Config, metrics_address: str) -> None:
        super().__init__(config)
        self._metrics_address = metrics_address
        self._beside = AsyncExitStack()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            services = self.config.app.state.services  # type: ignore[union-attr]
            measure_pool(services.db)
            shown = Exposition(database=DatabaseReader(database_metrics(services)))
            await self._beside.enter_async_context(served(self._metrics_address, shown))

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        await self._beside.aclose()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        services = getattr(self.config.app.state, "services", None)  # type: ignore[union-attr]
        if services is not None:
            services.closing.set()
        super().handle_exit(sig, frame)


if __name__ == "__main__":
    serve()
