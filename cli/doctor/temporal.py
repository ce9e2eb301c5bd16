"""Whether Temporal answers, knows our search attributes, and has workers that poll."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError

from api.temporal_client import TemporalGateway
from cli.doctor.diagnosis import Finding, bad, skipped, warn, well
from contracts.connection import connect
from contracts.names import SEARCH_ATTRIBUTES
from settings import Settings

_TIMEOUT = timedelta(seconds=5)


async def examine(settings: Settings) -> list[Finding]:
    """Temporal, its search attributes, the workers."""
    where = f"{settings.temporal_address}, namespace {settings.temporal_namespace}"
    async with _client(settings) as client:
        ready = await TemporalGateway(client).readiness()
        if not ready.temporal:
            remedy = "Start it, or correct TRUNKLINE_TEMPORAL_ADDRESS and its key."
            away = bad("Temporal", f"Nothing that can be used answers at {where}.", remedy)
            hangs = "It hangs on Temporal."
            return [away, skipped("search attributes", hangs), skipped("workers", hangs)]
        return [
            well("Temporal", f"It answers at {where}."),
            await _attributes(client),
            _workers(ready.worker),
        ]


@asynccontextmanager
async def _client(settings: Settings) -> AsyncIterator[Client]:
    yield await connect(
        settings,
        connect_timeout=_TIMEOUT,
        lazy=True,
    )


async def _attributes(client: Client) -> Finding:
    name = "search attributes"
    try:
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace), timeout=_TIMEOUT
        )
    except (RPCError, RuntimeError):
        remedy = "Look in its console; docs/operations.md lists them."
        return warn(name, "Temporal does not say which there are.", remedy)
    missing = sorted(set(SEARCH_ATTRIBUTES) - set(listed.custom_attributes))
    if missing:
        return bad(name, f"Missing: {', '.join(missing)}.", "Run `trunkline attributes`.")
    return well(name, f"All {len(SEARCH_ATTRIBUTES)} are there.")


def _workers(polling: bool) -> Finding:
    if polling:
        return well("workers", "At least one polls.")
    return bad(
        "workers", "None polls: calls wait, and nobody is dialed.", "Run `trunkline worker`."
    )
