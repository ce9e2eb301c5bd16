"""Metrics are read at a place of their own, which never gets in the way of calls."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry, Counter
from structlog.testing import capture_logs

from observability.exposition import DatabaseReader, Exposition, served

SAMPLES = {"trunkline_calls": {("Queued",): 3.0}}


@pytest.fixture
def registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    Counter("counted", "Something", registry=registry).inc()
    return registry


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


class Reads:
    """What the database says, and how often it was asked."""

    def __init__(self) -> None:
        self.number = 0
        self.error: Exception | None = None

    async def __call__(self) -> dict[str, Any]:
        self.number += 1
        if self.error is not None:
            raise self.error
        return SAMPLES


async def text_at(port: int | None, path: str = "/metrics") -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{port}{path}")


async def test_what_a_process_counts_and_what_the_database_knows_are_one_answer(
    registry: CollectorRegistry,
):
    async with served("127.0.0.1:0", Exposition(registry, DatabaseReader(Reads()))) as port:
        answer = await text_at(port)
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        lines = answer.text.splitlines()
        assert 'trunkline_calls{status="Queued"} 3.0' in lines
        assert "trunkline_database_read 1.0" in lines
        assert "counted_total 1.0" in lines
        assert (await text_at(port, "/")).status_code == 404


async def test_the_database_is_not_asked_again_at_once(registry: CollectorRegistry):
    reads, clock = Reads(), [0.0]
    reader = DatabaseReader(reads, lambda: clock[0])
    await asyncio.gather(*(reader.refresh() for _ in range(5)))
    assert reads.number == 1
    clock[0] = 4.9
    await reader.refresh()
    assert reads.number == 1
    clock[0] = 5.1
    await reader.refresh()
    assert reads.number == 2


async def test_what_takes_long_to_read_is_shown_for_longer():
    clock, number = [0.0], 0

    async def slow() -> dict[str, Any]:
        nonlocal number
        number, clock[0] = number + 1, clock[0] + 2
        return SAMPLES

    reader = DatabaseReader(slow, lambda: clock[0])
    await reader.refresh()
    clock[0] = 41.9
    await reader.refresh()
    assert number == 1
    clock[0] = 42.1
    await reader.refresh()
    assert number == 2


async def test_a_database_that_is_away_is_told_and_what_was_read_before_is_not(
    registry: CollectorRegistry,
):
    reads, clock = Reads(), [0.0]
    exposition = Exposition(registry, DatabaseReader(reads, lambda: clock[0]))
    async with served("127.0.0.1:0", exposition) as port:
        await text_at(port)
        reads.error, clock[0] = OSError("no route to +12025550123"), 100.0
        with capture_logs() as logs:
            text = (await text_at(port)).text
    assert "trunkline_database_read 0.0" in text
    assert "trunkline_calls{" not in text
    assert "counted_total 1.0" in text
    assert "5550123" not in str(logs)


async def test_a_port_that_is_taken_keeps_nobody_from_working(taken: int):
    with capture_logs() as logs:
        async with served(f"127.0.0.1:{taken}", Exposition()) as port:
            assert port is None
    assert [one["event"] for one in logs] == ["metrics.not_served"]


async def test_without_an_address_nothing_is_served():
    async with served("", Exposition()) as port:
        assert port is None


async def test_what_is_shown_beside_may_be_away(registry: CollectorRegistry, taken: int):
    inner = CollectorRegistry()
    Counter("of_another", "Something", registry=inner).inc()
    async with served("127.0.0.1:0", Exposition(inner)) as beside:
        exposition = Exposition(registry, beside=f"http://127.0.0.1:{beside}/metrics")
        async with served("127.0.0.1:0", exposition) as port:
            text = (await text_at(port)).text
            assert "of_another_total 1.0" in text
            assert "counted_total 1.0" in text
    away = Exposition(registry, beside="http://127.0.0.1:9/metrics")
    async with served("127.0.0.1:0", away) as port:
        assert "counted_total 1.0" in (await text_at(port)).text
