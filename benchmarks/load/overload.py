"""Twice as many calls as the stack can make, for a while: what becomes of them, and how soon."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from benchmarks.figures.bounds import at_most_of, exactly, noted
from benchmarks.figures.figures import Figure
from benchmarks.figures.pace import at_pace, percentile
from benchmarks.figures.sizes import Size
from benchmarks.load.throughput import capacity, submit
from benchmarks.stacks.progress import until_ended
from benchmarks.stacks.stack import BenchStack, answer_of, running

#: Of the measured capacity.
TIMES = 2.0
#: What the backlog may take, in times of what the capacity says.
MOST_OF_BACKLOG = 1.25
#: A deadline that can be kept: half as long again as all the calls take, and never less.
_SLACK, _LEAST_SECONDS = 1.5, 120.0
_WARM_UP = 20


async def run(size: Size) -> list[Figure]:
    async with running() as stack:
        await submit(stack, _WARM_UP, _WARM_UP)
        return await measure(stack, size)


async def measure(stack: BenchStack, size: Size) -> list[Figure]:
    """The capacity, then so many calls, each with a deadline that the capacity can keep."""
    can = await capacity(stack, size)
    pace = TIMES * can
    count = max(1, round(pace * size.overload_seconds))
    agent_id, numbers = stack.plain_agent(), stack.numbers(count)
    deadline = datetime.now(UTC) + timedelta(seconds=max(_SLACK * count / can, _LEAST_SECONDS))
    posts = await _posted(stack, agent_id, numbers, pace, deadline)
    accepted = sum(status == 202 for status, _ in posts)
    behind, since = accepted - stack.ended(agent_id), time.perf_counter()
    await until_ended(stack, agent_id, accepted)
    seconds = time.perf_counter() - since
    told = f"{pace:.1f} calls/s for {size.overload_seconds:g} s; capacity {can:.1f}"
    answered = percentile([took * 1000 for _, took in posts], 99)
    return [
        exactly("POSTs that were not accepted", count - accepted, "calls", 0, told),
        noted("a POST answered, p99", answered, "ms"),
        *_ends(stack, agent_id, numbers),
        at_most_of(
            f"until the backlog of {behind} calls was gone",
            seconds,
            "s",
            f"as capacity says: {behind / can:.1f} s",
            # A stack that has kept up has nothing behind it; one call is always under way.
            max(behind, size.in_flight) / can,
            MOST_OF_BACKLOG,
        ),
    ]


async def _posted(
    stack: BenchStack, agent_id: str, numbers: list[str], pace: float, deadline: datetime
) -> list[tuple[int, float]]:
    """The status of each answer, and the seconds it took."""
    async with stack.client() as http:

        async def post(index: int) -> tuple[int, float]:
            asked = time.perf_counter()
            answer = await answer_of(
                http, agent_id, numbers[index], callDeadline=deadline.isoformat()
            )
            return answer.status_code, time.perf_counter() - asked

        return await at_pace(len(numbers), pace, post)


def _ends(stack: BenchStack, agent_id: str, numbers: list[str]) -> list[Figure]:
    outcomes = stack.outcomes(agent_id)
    dialed = Counter(leg.to for leg in stack.created())
    astray = sum(dialed[number] != 1 for number in numbers)
    missed = outcomes.pop("deadline_missed", 0)
    other = sum(calls for name, calls in outcomes.items() if name != "completed")
    told = ", ".join(f"{name} {calls}" for name, calls in sorted(outcomes.items()))
    return [
        exactly("deadlines missed that could be kept", missed, "calls", 0),
        exactly("calls that ended otherwise than answered", other, "calls", 0, told),
        exactly("people not dialed exactly once", astray, "people", 0),
    ]
