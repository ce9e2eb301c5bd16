"""The parts of `make bench`, by name, in the order in which they run."""

from collections.abc import Callable, Coroutine
from typing import Any

from benchmarks.databases import analytics, bulk, campaigns, compliance, forecasts, pages, rows
from benchmarks.databases.page_rows import Amounts
from benchmarks.figures.figures import Figure
from benchmarks.figures.sizes import Size
from benchmarks.load import (
    big,
    latency,
    overload,
    pause,
    staged_contacts,
    throughput,
    webhooks,
)

Part = Callable[[Size], Coroutine[Any, Any, list[Figure]]]


async def _analytics(size: Size) -> list[Figure]:
    return await analytics.run(size.counted)


async def _bulk(size: Size) -> list[Figure]:
    return await bulk.run(rounds=size.bulk_rounds)


async def _campaigns(size: Size) -> list[Figure]:
    return await campaigns.run(size.grown)


async def _pages(size: Size) -> list[Figure]:
    return await pages.run(Amounts().shared(size.paged))


async def _rows(size: Size) -> list[Figure]:
    return await rows.run(size.rows)


SUITE: dict[str, Part] = {
    "throughput": throughput.run,
    "throughput-postgresql": throughput.run_on_postgres,
    "webhooks": webhooks.run,
    "bulk": _bulk,
    "compliance": compliance.run,
    "forecasts": forecasts.run,
    "latency": latency.run,
    "overload": overload.run,
    "big": big.run,
    "staging": staged_contacts.run,
    "campaigns": _campaigns,
    "rows": _rows,
    "pages": _pages,
    "analytics": _analytics,
    "pause": pause.run,
}
