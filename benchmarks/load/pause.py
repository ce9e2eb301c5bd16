"""A campaign that is paused, resumed, and whose worker and server are killed in the middle."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.figures.bounds import at_most, exactly, noted
from benchmarks.figures.figures import Figure
from benchmarks.figures.sizes import Size
from benchmarks.stacks import bare
from benchmarks.stacks.stack import BenchStack, CreateRequest, running

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
    dials = _Dials(stack, frozenset(numbers))
    late, first = await _pauses(dials, campaign_id, size)
    killed = {part: await _kill(dials, part, size.paused) for part in _KILLS}
    await _until(lambda: stack.look(campaign_id)["status"] == "Completed", "its completion")
    after = await bare.rate(stack, size)
    beside = f"bare before and after: {before.per_second:.1f}, {after.per_second:.1f} 1/s"
    return [
        at_most("last dial after the pause was answered", late, "s", MOST_SECONDS, beside),
        noted("first dial after the resume was answered", first, "s"),
        *(_silence(dials, part, at) for part, at in killed.items()),
        *_totals(dials, campaign_id),
    ]


@dataclass(frozen=True, slots=True)
class _Dials:
    """The campaign's dials, whatever else was dialed on its stack."""

    stack: BenchStack
    numbers: frozenset[str]

    def so_far(self) -> list[CreateRequest]:
        return [leg for leg in self.stack.created() if leg.to in self.numbers]

    async def until(self, count: int) -> None:
        await _until(lambda: len(self.so_far()) >= count, f"{count} dials")


async def _pauses(dials: _Dials, campaign_id: str, size: Size) -> tuple[float, float]:
    """Seconds from the answer to the last dial, and from the resume to the first: the worst."""
    late, first = [0.0], [0.0]
    for part in range(1, size.rounds + 1):
        await dials.until(size.paused * part // (2 * (size.rounds + 1)))
        dials.stack.tell(campaign_id, "pause")
        paused = time.time()
        await asyncio.sleep(PAUSE_SECONDS)
        dialed = [leg.created_at for leg in dials.so_far()]
        late.append(dialed[-1] - paused)
        dials.stack.tell(campaign_id, "resume")
        resumed = time.time()
        await dials.until(len(dialed) + 1)
        first.append(dials.so_far()[len(dialed)].created_at - resumed)
    return max(late), max(first)


async def _kill(dials: _Dials, part: str, contacts: int) -> float:
    """Kill -9 one part in the middle of things; returns when that was."""
    await dials.until(int(contacts * _KILLS[part]))
    killed = time.time()
    await asyncio.to_thread(dials.stack.kill, part)
    return killed


async def _until(probe: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + _GIVE_UP_SECONDS
    while not probe():
        if time.monotonic() > give_up:
            raise RuntimeError(f"not within {_GIVE_UP_SECONDS:.0f} s: {what}")
        await asyncio.sleep(0.1)


def _silence(dials: _Dials, part: str, killed: float) -> Figure:
    """The longest time between two dials from the kill on."""
    moments = sorted(leg.created_at for leg in dials.so_far())
    silences = [late - early for early, late in pairwise(moments) if late > killed]
    return noted(f"longest silence after kill -9 of {part}", max(silences, default=0.0), "s")


def _totals(dials: _Dials, campaign_id: str) -> list[Figure]:
    numbers = dials.numbers
    progress = dials.stack.look(campaign_id)["progress"]
    outcomes = {name: count for name, count in progress["outcomes"].items() if count}
    legs = dials.so_far()
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
