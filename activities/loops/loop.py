"""A loop: turn after turn, whatever happens in one, until its worker is to leave it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from observability.metrics import LOOP_TURN, LOOP_TURNS

log = structlog.get_logger(__name__)

#: A turn that takes longer hangs: it is given up and taken again.
TURN_SECONDS = 600.0
#: After a turn that failed; twice as long after each further one.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
#: How long what a loop has begun may take to end when its worker leaves it.
REST_SECONDS = 5.0


async def _nothing(_seconds: float) -> None:
    """Most loops leave nothing behind."""


@dataclass(frozen=True)
class Loop:
    """`turn` says how many seconds to rest after it.

    `end` gets the seconds that what the turns have begun may take to end: none if another worker
    may be running the loop already.
    """

    name: str
    turn: Callable[[], Awaitable[float]]
    end: Callable[[float], Awaitable[None]] = _nothing

    async def run(self, leave: asyncio.Event) -> None:
        """Until told to leave, or cancelled."""
        rest = 0.0
        try:
            await self._turns(leave)
            rest = REST_SECONDS
        finally:
            await self.end(rest)

    async def _turns(self, leave: asyncio.Event) -> None:
        failures = 0
        while not leave.is_set():
            try:
                async with asyncio.timeout(TURN_SECONDS):
                    seconds = await self.turn()
                failures = 0
                LOOP_TURNS.labels(self.name, "ok").inc()
                LOOP_TURN.labels(self.name).set_to_current_time()
            except Exception as error:  # whatever it is, the next turn may go well
                LOOP_TURNS.labels(self.name, "failed").inc()
                log.warning("loop.turn", loop=self.name, error=type(error).__name__)
                seconds = min(FIRST_PAUSE * 2**failures, LONGEST_PAUSE)
                failures = min(failures + 1, 10)
            await _pause(leave, seconds)


async def _pause(leave: asyncio.Event, seconds: float) -> None:
    """Also of no seconds: whatever else there is to do comes in between."""
    with suppress(TimeoutError):
        await asyncio.wait_for(leave.wait(), seconds)
