"""Runs bare workflows on a stack's own Temporal server, with a worker in a process of its own.

    python -m benchmarks.stacks.bare rate ADDRESS COUNT IN_FLIGHT
    python -m benchmarks.stacks.bare latency ADDRESS COUNT PER_SECOND

print what they found as one line of JSON.
"""

import asyncio
import json
import os
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from benchmarks.figures.pace import at_pace, percentile
from benchmarks.figures.sizes import Size
from benchmarks.stacks.bare_workflow import DONE, TOUCH, BareWorkflow
from benchmarks.stacks.processes import cpu_seconds
from tests.e2e.stack import Stack

QUEUE = "bare"
_WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast something went, and the processor seconds of one of them, by part."""

    per_second: float
    cpu: dict[str, float]


async def rate(stack: Stack, size: Size) -> Rate:
    """Bare workflows on the stack's server, `size.in_flight` of them open at once."""
    count = size.api_calls
    before = cpu_seconds(stack.pids())["temporal"]
    found = await _child("rate", stack.ready["temporal"], str(count), str(size.in_flight))
    server = cpu_seconds(stack.pids())["temporal"] - before
    spent = {"temporal": server / (count + _WARM_UP), "worker": found["cpu"] / count}
    return Rate(found["perSecond"], spent)


async def latency(stack: Stack, size: Size) -> dict[str, float]:
    """Milliseconds from the start request to the activity: `median` and `p99`."""
    return await _child(
        "latency", stack.ready["temporal"], str(size.arrivals), str(size.arrivals_per_second)
    )


def told(rates: Sequence[Rate]) -> str:
    """Processor milliseconds by part, the median of each."""
    costs = {part: median(one.cpu[part] for one in rates) * 1000 for part in rates[0].cpu}
    return ", ".join(f"{part} {cost:.0f}" for part, cost in costs.items())


async def _child(*words: str) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.stacks.bare",
        *words,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    out, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"benchmarks.stacks.bare {words[0]} ended with {process.returncode}")
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


# -- in the child


class Bare:
    """The activity, and whoever waits for it to begin."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._begun: dict[str, asyncio.Future[float]] = {}

    @activity.defn(name=TOUCH)
    async def touch(self, key: str) -> None:
        self._begun[key].set_result(time.time())

    async def one(self) -> float:
        """Start, signal and await one workflow; seconds until its activity began."""
        key = uuid.uuid4().hex
        self._begun[key] = asyncio.get_running_loop().create_future()
        asked = time.time()
        handle = await self._client.start_workflow(
            BareWorkflow.run, key, id=f"bare-{key}", task_queue=QUEUE
        )
        begun = await self._begun[key]
        del self._begun[key]
        await handle.signal(DONE)
        await handle.result()
        return begun - asked

    async def rate(self, count: int, in_flight: int) -> dict[str, float]:
        left = iter(range(count))
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(self._drain(left) for _ in range(in_flight)))
        seconds = time.perf_counter() - began
        return {"perSecond": count / seconds, "cpu": time.process_time() - cpu}

    async def _drain(self, left: Iterator[int]) -> None:
        for _ in left:
            await self.one()

    async def latency(self, count: int, per_second: float) -> dict[str, float]:
        waits = await at_pace(count, per_second, lambda _: self.one())
        return {"median": percentile(waits, 50) * 1000, "p99": percentile(waits, 99) * 1000}


async def _measure(what: str, address: str, count: int, pace: float) -> dict[str, float]:
    client = await Client.connect(address)
    bare = Bare(client)
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[BareWorkflow],
        activities=[bare.touch],
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
    ):
        await bare.rate(_WARM_UP, _WARM_UP)
        if what == "latency":
            return await bare.latency(count, pace)
        return await bare.rate(count, int(pace))


if __name__ == "__main__":
    found = asyncio.run(_measure(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    # The SDK's threads sometimes abort an interpreter that is being taken down.
    os._exit(0)
