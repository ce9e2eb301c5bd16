"""The full path with three webhooks that are told of everything, beside the same without any."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

from benchmarks.figures.bounds import at_least_of, exactly, noted
from benchmarks.figures.figures import Figure
from benchmarks.figures.sizes import Size
from benchmarks.load.throughput import by_api, submit
from benchmarks.stacks.progress import POLL_SECONDS
from benchmarks.stacks.stack import BenchStack, running

HOOKS = 3
LEAST = 0.9
_WARM_UP = 20
_GIVE_UP_SECONDS = 120.0


async def run(size: Size) -> list[Figure]:
    """Rounds of without and with, one after the other; the median of each."""
    async with running() as stack, _receiver() as url:
        await submit(stack, _WARM_UP, _WARM_UP)
        rounds = [await _round(stack, size, url) for _ in range(size.rounds)]
    without, with_, lags, given_up = zip(*rounds, strict=True)
    name = f"calls submitted one by one, {HOOKS} webhooks"
    return [
        at_least_of(name, median(with_), "1/s", "without webhooks", median(without), LEAST),
        noted("until the last delivery, after the last call", median(lags), "s"),
        exactly("deliveries given up", sum(given_up), "", 0),
    ]


async def _round(stack: BenchStack, size: Size, url: str) -> tuple[float, float, float, int]:
    without = await _rate(stack, size)
    paths = [
        f"/api/v1/webhooks/{stack.post('/api/v1/webhooks', {'url': url})['webhookId']}"
        for _ in range(HOOKS)
    ]
    with_ = await _rate(stack, size)
    lag, given_up = await _drained(stack, paths)
    for path in paths:
        stack.api.delete(path).raise_for_status()
    return without, with_, lag, given_up


async def _rate(stack: BenchStack, size: Size) -> float:
    began = time.perf_counter()
    return await by_api(stack, size) / (time.perf_counter() - began)


async def _drained(stack: BenchStack, paths: list[str]) -> tuple[float, int]:
    """Seconds until nothing is pending, and how many deliveries were given up."""
    began = time.perf_counter()
    while time.perf_counter() - began < _GIVE_UP_SECONDS:
        counted = [stack.api.get(path).json()["deliveries"] for path in paths]
        if not any(one["pending"] for one in counted):
            return time.perf_counter() - began, sum(one["failed"] for one in counted)
        await asyncio.sleep(POLL_SECONDS)
    raise RuntimeError(f"deliveries are pending after {_GIVE_UP_SECONDS:.0f} s")


@asynccontextmanager
async def _receiver() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.stacks.receiver",
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.kill()
        await process.wait()
