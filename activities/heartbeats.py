"""Heartbeats of activities that wait for something else, and what they wait by."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio import activity

BEAT_SECONDS = 2.0


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


async def pause(seconds: float) -> bool:
    """Sleep, but wake when the worker shuts down; True while there is no shutdown."""
    with suppress(TimeoutError):
        await asyncio.wait_for(activity.wait_for_worker_shutdown(), seconds)
        return False
    return True
