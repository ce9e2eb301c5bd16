"""`python -m api` and `trunkline api`: the API in a process of its own."""

import uvicorn

from api.app import create_app
from assembly import gatherer_of
from observability import configure_logging
from process import readable_rules, settle_in
from settings import Settings, load_settings


def serve(settings: Settings | None = None) -> None:
    """Run the API until SIGTERM or SIGINT."""
    settle_in()
    chosen = settings or load_settings()
    configure_logging(chosen.log_level, chosen.log_format)
    with readable_rules():
        gatherer_of(chosen)
    uvicorn.run(
        create_app(chosen),
        host=chosen.api_host,
        port=chosen.api_port,
        # uvicorn's own lines hold paths and queries, which hold tokens and numbers.
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=5,
    )
