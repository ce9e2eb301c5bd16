"""A campaign that is paused, resumed, and whose worker and server are killed in the middle."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from benchmarks import bare
from benchmarks.bounds import at_most, exactly, noted
from benchmarks.figures import Figure
from benchmarks.sizes import Size
from benchmarks.stack import BenchStack, running

MOST_SECONDS = 1.0
#: How long the pauses are: whatever is to be dialed all the same is dialed by then.
PAUSE_SECONDS = 6.0
_GIVE_UP_SECONDS = 240.0
_RETRY = {"maxAttempts": 3, "noAnswer": "PT2S", "busy": "PT2S", "networkError": "PT2S"}
#: Slow enough for many calls to be in flight whenever something happens to them.
_SPEED = 4.0
#: An unknown create is looked for this long; the real Twilio is given a minute.
QUICK = {"TRUNKLINE_UNKNOWN_QUIET_SECONDS": "4", "TRUNKLINE_WATCH_INTERVAL_SECONDS": "1"}
#: At which share of the campaign's dials each part is killed.
_KILLS = {"worker": 0.6, "temporal": 0.8}


async def run(size: Size) -> list[Figure]:
    async with running(_SPEED, QUICK) as stack:
        return await measure(stack, size)


async def measure(stack: BenchStack, size: Size) -> list[Figure]:
    agent_id, numbers = stack.plain_agent(retry=_RETRY), stack.numbers(size.paused)
    campaign_id = stack.campaign(agent_id, numbers, maxConcurrent=size.in_flight)
    before = await bare.rate(stack, size)
    stack.tell(campaign_id, "start")
    late, first = await _pauses(stack, campaign_id, size)
    killed = {part: await _kill(stack, part, size.paused) for part in _KILLS}
    await _until(lambda: stack.look(campaign_id)["status"] == "Completed", "its completion")
    after = await bare.rate(stack, size)
    beside = f"bare before and after: {before.per_second:.1f}, {after.per_second:.1f} 1/s"
    return [
        at_most("last dial after the pause was answered", late, "s", MOST_SECONDS, beside),
        noted("first dial after the resume was answered", first, "s"),
        *(_silence(stack, part, at) for part, at in killed.items()),
        *_totals(stack, campaign_id, numbers),
    ]


async def _pauses(stack: BenchStack, campaign_id: str, size: Size) -> tuple[float, float]:
    """Seconds from the answer to the last dial, and from the resume to the first: the worst."""
    late, first = [0.0], [0.0]
    for part in range(1, size.rounds + 1):
        await _until_dialed(stack, size.paused * part // (2 * (size.rounds + 1)))
        stack.tell(campaign_id, "pause")
        paused = time.time()
        await asyncio.sleep(PAUSE_SECONDS)
        dialed = [leg.created_at for leg in stack.created()]
        late.append(dialed[-1] - paused)
        stack.tell(campaign_id, "resume")
        resumed = time.time()
        await _until_dialed(stack, len(dialed) + 1)
        first.append(stack.created()[len(dialed)].created_at - resumed)
    return max(late), max(first)


async def _kill(stack: BenchStack, part: str, contacts: int) -> float:
    """Kill -9 one part in the middle of things; returns when that was."""
    await _until_dialed(stack, int(contacts * _KILLS[part]))
    killed = time.time()
    await asyncio.to_thread(stack.kill, part)
    return killed


async def _until_dialed(stack: BenchStack, count: int) -> None:
    await _until(lambda: len(stack.created()) >= count, f"{count} dials")


async def _until(probe: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + _GIVE_UP_SECONDS
    while not probe():
        if time.monotonic() > give_up:
            raise RuntimeError(f"not within {_GIVE_UP_SECONDS:.0f} s: {what}")
        await asyncio.sleep(0.1)


def _silence(stack: BenchStack, part: str, killed: float) -> Figure:
    """The longest time between two dials from the kill on."""
    dials = sorted(leg.created_at for leg in stack.created())
    silences = [late - early for early, late in pairwise(dials) if late > killed]
    return noted(f"longest silence after kill -9 of {part}", max(silences, default=0.0), "s")


def _totals(stack: BenchStack, campaign_id: str, numbers: list[str]) -> list[Figure]:
    progress = stack.look(campaign_id)["progress"]
    outcomes = {name: count for name, count in progress["outcomes"].items() if count}
    legs = stack.created()
    urls, dialed = Counter(leg.url for leg in legs), Counter(leg.to for leg in legs)
    told = ", ".join(f"{name} {count}" for name, count in outcomes.items())
    return [
        exactly("calls ended", sum(outcomes.values()), "calls", len(numbers), told),
        exactly("attempts with more than one leg", sum(n > 1 for n in urls.values()), "legs", 0),
        exactly("people dialed twice", sum(n > 1 for n in dialed.values()), "people", 0),
        # Who may have been dialed as the worker died is not dialed again, and said to be unknown.
        exactly(
            "people never dialed, and not said to be unknown",
            max(0, sum(to not in dialed for to in numbers) - outcomes.get("unknown", 0)),
            "people",
            0,
        ),
    ]
