"""Waiting for the calls of an agent to end."""

import asyncio
import time

from benchmarks.stacks.stack import BenchStack

POLL_SECONDS = 0.1
_GIVE_UP_SECONDS = 120.0


async def until_ended(stack: BenchStack, agent_id: str, count: int) -> None:
    progress = Progress(stack, agent_id)
    while progress.ended() < count:  # noqa: ASYNC110 - another process ends them
        await asyncio.sleep(POLL_SECONDS)


class Progress:
    """The number of calls ended; fails when it stands still for too long."""

    def __init__(self, stack: BenchStack, agent_id: str) -> None:
        self._stack = stack
        self._agent_id = agent_id
        self._ended = -1
        self._since = time.monotonic()

    def ended(self) -> int:
        ended = self._stack.ended(self._agent_id)
        if ended != self._ended:
            self._ended, self._since = ended, time.monotonic()
        if time.monotonic() - self._since > _GIVE_UP_SECONDS:
            raise RuntimeError(f"no call has ended for {_GIVE_UP_SECONDS:.0f} s after {ended}")
        return ended
