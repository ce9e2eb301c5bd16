"""Heartbeats of activities that wait for something else, and the loop of those without an end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from temporalio import activity

BEAT_SECONDS = 2.0
#: After this long a loop returns and is started afresh, so that nothing grows for ever.
RUN_SECONDS = 3600.0


@asynccontextmanager
async def heartbeats(every: float = BEAT_SECONDS) -> AsyncIterator[None]:
    """Heartbeat in the background, so that a dead worker is noticed within the time-out."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(every)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def repeat(
    turn: Callable[[], Awaitable[float]], at_end: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Turn after turn until the worker stops; each says how many seconds to rest after it."""
    clock = asyncio.get_running_loop().time
    end = clock() + RUN_SECONDS
    async with heartbeats():
        try:
            while clock() < end:
                rest = await turn()
                if rest and not await pause(rest):
                    return
        finally:
            if at_end is not None:
                await at_end()


async def pause(seconds: float) -> bool:
    """Sleep, but wake when the worker shuts down; True while there is no shutdown."""
    with suppress(TimeoutError):
        await asyncio.wait_for(activity.wait_for_worker_shutdown(), seconds)
        return False
    return True
