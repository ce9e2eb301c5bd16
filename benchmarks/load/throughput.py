"""Calls a second of the full path, beside bare workflows on the same server in the same run."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median

from benchmarks.databases.databases import postgres
from benchmarks.figures.bounds import at_least_of, at_most_of, noted
from benchmarks.figures.figures import Figure
from benchmarks.figures.sizes import Size
from benchmarks.stacks import bare
from benchmarks.stacks.processes import cpu_seconds
from benchmarks.stacks.progress import POLL_SECONDS, Progress, until_ended
from benchmarks.stacks.stack import BenchStack, post_call, running

#: Calls a second, of the bare workflows'.
LEAST = 0.55
#: Processor time of a call, in times the bare workflow's.
MOST = 1.8
#: A campaign's contacts have to become calls first.
MOST_OF_CAMPAIGN = 2.0
_WARM_UP = 20


Round = bare.Rate
Path = Callable[[BenchStack, Size], Awaitable[int]]


async def run(size: Size) -> list[Figure]:
    async with running() as stack:
        await submit(stack, _WARM_UP, _WARM_UP)
        return await measure(stack, size)


async def run_on_postgres(size: Size) -> list[Figure]:
    """The same with PostgreSQL as the stack's database, which waits for no disk."""
    with postgres() as url:
        async with running(settings={"TRUNKLINE_DATABASE_URL": url}) as stack:
            await submit(stack, _WARM_UP, _WARM_UP)
            return await measure(stack, size)


async def capacity(stack: BenchStack, size: Size) -> float:
    """Calls a second that the stack makes of those that are submitted one by one."""
    began = time.perf_counter()
    return await by_api(stack, size) / (time.perf_counter() - began)


async def measure(stack: BenchStack, size: Size) -> list[Figure]:
    """Rounds of bare, API, bare, campaign, bare, bulk; the median of each."""
    bares: list[bare.Rate] = []
    found: dict[str, list[Round]] = {name: [] for name in PATHS}
    for _ in range(size.rounds):
        for name, path in PATHS.items():
            bares.append(await bare.rate(stack, size))
            found[name].append(await _measured(path, stack, size))
    return [
        *(figure for name, rounds in found.items() for figure in _figures(name, rounds, bares)),
        noted("a bare workflow: processor time", _cost(bares), "ms", bare.told(bares)),
    ]


def _figures(name: str, rounds: list[Round], bares: list[bare.Rate]) -> list[Figure]:
    rate = median(one.per_second for one in rounds)
    other = median(one.per_second for one in bares)
    most = MOST_OF_CAMPAIGN if name == CAMPAIGN else MOST
    cost = f"{name}: processor time of a call"
    return [
        at_least_of(f"{name}: calls a second", rate, "1/s", "bare workflow", other, LEAST),
        at_most_of(cost, _cost(rounds), "ms", bare.told(rounds), _cost(bares), most),
    ]


def _cost(rates: list[bare.Rate]) -> float:
    """Milliseconds over all processes, the median of each."""
    return 1000 * sum(median(one.cpu[part] for one in rates) for part in rates[0].cpu)


async def _measured(path: Path, stack: BenchStack, size: Size) -> Round:
    before, began = cpu_seconds(stack.pids()), time.perf_counter()
    calls = await path(stack, size)
    seconds = time.perf_counter() - began
    after = cpu_seconds(stack.pids())
    return Round(calls / seconds, {part: (after[part] - before[part]) / calls for part in after})


# -- the three ways in


async def by_api(stack: BenchStack, size: Size) -> int:
    await submit(stack, size.api_calls, size.in_flight)
    return size.api_calls


async def submit(stack: BenchStack, count: int, in_flight: int) -> None:
    """POST calls one by one so that `in_flight` of them are open."""
    agent_id, numbers = stack.plain_agent(), stack.numbers(count)
    progress = Progress(stack, agent_id)
    sent = 0
    async with stack.client() as http:
        while (ended := progress.ended()) < count:
            batch = numbers[sent : ended + in_flight]
            await asyncio.gather(*(post_call(http, agent_id, number) for number in batch))
            sent += len(batch)
            await asyncio.sleep(POLL_SECONDS)


async def by_campaign(stack: BenchStack, size: Size) -> int:
    agent_id = stack.plain_agent()
    numbers = stack.numbers(size.campaign_calls)
    campaign_id = stack.campaign(agent_id, numbers, maxConcurrent=size.in_flight)
    stack.tell(campaign_id, "start")
    await until_ended(stack, agent_id, size.campaign_calls)
    return size.campaign_calls


async def by_bulk(stack: BenchStack, size: Size) -> int:
    agent_id = stack.plain_agent(maxConcurrent=size.in_flight)
    calls = [{"endpoint": number} for number in stack.numbers(size.bulk_calls)]
    stack.post("/api/v1/calls/bulk", {"agentId": agent_id, "calls": calls}, 202)
    await until_ended(stack, agent_id, size.bulk_calls)
    return size.bulk_calls


CAMPAIGN = "a campaign"
PATHS: dict[str, Path] = {
    "calls submitted one by one": by_api,
    CAMPAIGN: by_campaign,
    "a bulk request": by_bulk,
}
