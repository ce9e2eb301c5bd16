"""A campaign of ten thousand contacts, of whom two in five do not answer at first."""

import asyncio
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from temporalio.client import Client

from benchmarks.figures.bounds import at_most, exactly, noted
from benchmarks.figures.figures import Figure
from benchmarks.figures.sizes import Size
from benchmarks.stacks import bare
from benchmarks.stacks.processes import memory_mib
from benchmarks.stacks.stack import LATE, BenchStack, running
from contracts.names import campaign_workflow_id

#: Of five contacts, those who do not answer at first.
LATE_OF_FIVE = (0, 2)
RETRY = {"maxAttempts": 3, "noAnswer": "PT5S", "busy": "PT5S", "networkError": "PT5S"}
#: A stall: neither a dial nor an end for three times as long as a retry waits.
MOST_STALL = 15.0
#: Where Temporal suggests to continue as new.
MOST_EVENTS = 4096
#: What the worker may grow by from a third of the calls to their end.
MOST_GROWTH_MIB = 32.0
_LOOK_SECONDS = 2.0
_GIVE_UP_SECONDS = 120.0


async def run(size: Size) -> list[Figure]:
    async with running() as stack:
        return await measure(stack, size)


async def measure(stack: BenchStack, size: Size) -> list[Figure]:
    before = await bare.rate(stack, size)
    agent_id, numbers = stack.plain_agent(retry=RETRY), _numbers(stack, size.contacts)
    campaign_id = stack.campaign(agent_id, numbers, maxConcurrent=size.in_flight)
    stack.tell(campaign_id, "start")
    began = time.monotonic()
    watch = await _watched(stack, campaign_id, size.contacts)
    ended = size.contacts / (time.monotonic() - began)
    after = await bare.rate(stack, size)
    beside = f"bare before and after: {before.per_second:.1f}, {after.per_second:.1f}"
    return [
        noted(f"campaign of {size.contacts}: calls ended a second", ended, "1/s", beside),
        *_ends(stack, campaign_id, numbers),
        *watch.figures(),
        *await _histories(stack, campaign_id),
    ]


def _numbers(stack: BenchStack, count: int) -> list[str]:
    late = stack.numbers(sum(i % 5 in LATE_OF_FIVE for i in range(count)), LATE)
    willing = stack.numbers(count - len(late))
    return [(late if i % 5 in LATE_OF_FIVE else willing).pop() for i in range(count)]


def _ends(stack: BenchStack, campaign_id: str, numbers: list[str]) -> list[Figure]:
    """The totals of the API beside the carrier's ledger."""
    outcomes = stack.look(campaign_id)["progress"]["outcomes"]
    dialed = Counter(leg.to for leg in stack.created())
    expected = {to: 2 if to.endswith(LATE) else 1 for to in numbers}
    astray = sum(dialed[to] != times for to, times in expected.items())
    told = ", ".join(f"{name} {count}" for name, count in outcomes.items() if count)
    return [
        exactly(
            "its calls that ended answered", outcomes["completed"], "calls", len(numbers), told
        ),
        exactly("its numbers not dialed exactly as often as due", astray, "numbers", 0),
    ]


@dataclass(slots=True)
class Watch:
    """What was seen of a campaign while it ran."""

    ended: list[int] = field(default_factory=list)
    worker_mib: list[float] = field(default_factory=list)
    look_ms: list[float] = field(default_factory=list)
    longest_stall: float = 0.0
    _moves: int = -1
    _since: float = 0.0

    def note(self, progress: dict[str, Any], worker_mib: float, look_seconds: float) -> None:
        self.ended.append(sum(progress["outcomes"].values()))
        self.worker_mib.append(worker_mib)
        self.look_ms.append(look_seconds * 1000)
        if (moves := self.ended[-1] + progress["attempts"]) != self._moves:
            self._moves, self._since = moves, time.monotonic()
        self.longest_stall = max(self.longest_stall, time.monotonic() - self._since)

    def at_share(self, share: float) -> float:
        """The worker's memory when this share of the calls had ended."""
        index = next(i for i, ended in enumerate(self.ended) if ended >= share * self.ended[-1])
        return median(self.worker_mib[index : index + 5])

    def figures(self) -> list[Figure]:
        third, end = self.at_share(1 / 3), median(self.worker_mib[-5:])
        told = f"{self.worker_mib[0]:.0f} MiB at its start, {third:.0f} at a third, {end:.0f}"
        growth = end - third
        return [
            at_most(
                "its longest time without a dial or an end", self.longest_stall, "s", MOST_STALL
            ),
            at_most("the worker's growth after warm-up", growth, "MiB", MOST_GROWTH_MIB, told),
            noted("its progress asked for, median", median(self.look_ms), "ms"),
        ]


async def _watched(stack: BenchStack, campaign_id: str, contacts: int) -> Watch:
    watch = Watch()
    while True:
        asked = time.monotonic()
        view = stack.look(campaign_id)
        took = time.monotonic() - asked
        watch.note(view["progress"], memory_mib(stack.pids()["worker"]), took)
        sys.stderr.write(f"\r  {watch.ended[-1]}/{contacts} ended ")
        if view["status"] == "Completed":
            return watch
        if watch.longest_stall > _GIVE_UP_SECONDS or view["status"] != "Running":
            raise RuntimeError(f"the campaign is {view['status']}: {view['progress']}")
        await asyncio.sleep(_LOOK_SECONDS)


async def _histories(stack: BenchStack, campaign_id: str) -> list[Figure]:
    """The campaign's own workflow, over all its runs."""
    client = await Client.connect(str(stack.ready["temporal"]))
    query = f"WorkflowId = '{campaign_workflow_id(campaign_id)}'"
    lengths = [run.history_length async for run in client.list_workflows(query)]
    told = f"over {len(lengths)} runs"
    return [at_most("its longest parent history", max(lengths), "events", MOST_EVENTS, told)]
