"""The parts of `make bench`, by name, in the order in which they run."""

from collections.abc import Callable, Coroutine
from typing import Any

from benchmarks.databases import analytics, bulk, compliance, forecasts, rows
from benchmarks.figures.figures import Figure
from benchmarks.figures.sizes import Size
from benchmarks.load import big, latency, pause, staged_contacts, throughput, webhooks

Part = Callable[[Size], Coroutine[Any, Any, list[Figure]]]


async def _analytics(size: Size) -> list[Figure]:
    return await analytics.run(size.counted)


async def _bulk(size: Size) -> list[Figure]:
    return await bulk.run(rounds=size.bulk_rounds)


async def _rows(size: Size) -> list[Figure]:
    return await rows.run(size.rows)


SUITE: dict[str, Part] = {
    "throughput": throughput.run,
    "webhooks": webhooks.run,
    "bulk": _bulk,
    "compliance": compliance.run,
    "forecasts": forecasts.run,
    "latency": latency.run,
    "big": big.run,
    "staging": staged_contacts.run,
    "rows": _rows,
    "analytics": _analytics,
    "pause": pause.run,
}
