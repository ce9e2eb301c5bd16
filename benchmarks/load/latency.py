"""From the POST of an immediate call, or the moment from which it may be made, to the carrier."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median

from benchmarks.figures.bounds import at_most
from benchmarks.figures.figures import Figure
from benchmarks.figures.pace import at_pace, percentile
from benchmarks.figures.sizes import Size
from benchmarks.load.throughput import capacity, submit
from benchmarks.stacks import bare
from benchmarks.stacks.progress import until_ended
from benchmarks.stacks.stack import BenchStack, post_call, running

MOST_MEDIAN, MOST_P99 = 150.0, 600.0
#: Of the capacity that was measured just before.
SHARE = 0.6
_WARM_UP = 20
#: From the last POST to the first opening: all calls are decided about and asleep by then.
LEAD_SECONDS = 8.0

Waits = list[float]


async def run(size: Size) -> list[Figure]:
    async with running() as stack:
        await submit(stack, _WARM_UP, _WARM_UP)
        pace = round(SHARE * await capacity(stack, size), 1)
        return await measure(stack, replace(size, arrivals_per_second=pace))


async def measure(stack: BenchStack, size: Size) -> list[Figure]:
    """Rounds of bare, immediate, bare, opening; the median of the rounds' percentiles."""
    bares: list[dict[str, float]] = []
    immediate: list[Waits] = []
    opening: list[Waits] = []
    for _ in range(size.rounds):
        bares.append(await bare.latency(stack, size))
        immediate.append(await immediate_calls(stack, size.arrivals, size.arrivals_per_second))
        bares.append(await bare.latency(stack, size))
        opening.append(await opening_calls(stack, size.arrivals, size.arrivals_per_second))
    pace = f"{size.arrivals_per_second:g} calls/s"
    return [
        *_figures(f"POST to create request, {pace}", immediate, bares),
        *_figures(f"notBefore to create request, {pace}", opening, bares),
    ]


def _figures(name: str, rounds: list[Waits], bares: list[dict[str, float]]) -> list[Figure]:
    middle = median(percentile(waits, 50) for waits in rounds)
    late = median(percentile(waits, 99) for waits in rounds)
    beside = "bare workflow, start to activity: {:.0f} ms"
    return [
        at_most(f"{name}: {label}", value, "ms", most, beside.format(other))
        for label, value, most, other in (
            ("median", middle, MOST_MEDIAN, median(one["median"] for one in bares)),
            ("p99", late, MOST_P99, median(one["p99"] for one in bares)),
        )
    ]


async def immediate_calls(stack: BenchStack, count: int, per_second: float) -> Waits:
    """Milliseconds from POST to the carrier, call by call."""
    agent_id, numbers = stack.plain_agent(), stack.numbers(count)
    posted: dict[str, float] = {}
    async with stack.client() as http:

        async def post(index: int) -> None:
            posted[numbers[index]] = time.time()
            await post_call(http, agent_id, numbers[index])

        await at_pace(count, per_second, post)
    return await _waits(stack, agent_id, posted)


async def opening_calls(stack: BenchStack, count: int, per_second: float) -> Waits:
    """Milliseconds from each call's own `notBefore` to the carrier."""
    agent_id, numbers = stack.plain_agent(), stack.numbers(count)
    first = datetime.now(UTC) + timedelta(seconds=LEAD_SECONDS + count / per_second)
    since: dict[str, float] = {}
    async with stack.client() as http:

        async def post(index: int) -> None:
            opens = first + timedelta(seconds=index / per_second)
            schedule = {"notBefore": opens.isoformat()}
            await post_call(http, agent_id, numbers[index], schedule=schedule)
            since[numbers[index]] = max(opens.timestamp(), time.time())

        await at_pace(count, per_second, post)
    return await _waits(stack, agent_id, since)


async def _waits(stack: BenchStack, agent_id: str, since: dict[str, float]) -> Waits:
    await until_ended(stack, agent_id, len(since))
    return [(leg.created_at - since[leg.to]) * 1000 for leg in stack.created() if leg.to in since]
