"""The web process: the API, the carrier's callbacks and the dashboard as one application.

`python -m server` and `trunkline api` run it.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from types import FrameType

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.http.connection import BoundedConnection
from api.http.deps import utc_now
from api.temporal_client import WorkflowGateway
from bootstrap import fact_gatherer, readable_rules, sealer, settle_in
from dashboard import router
from dashboard.renderer import render_audit
from observability import configure_logging
from settings import Settings, load_settings
from storage.database.engine import Database

#: As uvicorn ends that could not start.
STARTUP_FAILURE = 3


def create_server(
    settings: Settings | None = None,
    *,
    db: Database | None = None,
    temporal: WorkflowGateway | None = None,
    now: Callable[[], datetime] = utc_now,
) -> FastAPI:
    """The API with the dashboard on top; see `api.app.create_app` for what may be handed in."""
    chosen = settings or load_settings()
    app = create_app(chosen, db=db, temporal=temporal, now=now, audit_page=render_audit)
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
    app = create_server(chosen)
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
    server = Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(STARTUP_FAILURE)


class Server(uvicorn.Server):
    """Tells streams that the process is to end, which waits for them and cuts them off at last."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        services = getattr(self.config.app.state, "services", None)  # type: ignore[union-attr]
        if services is not None:
            services.closing.set()
        super().handle_exit(sig, frame)


if __name__ == "__main__":
    serve()
