"""Waiting for what another task or process does, and tells nobody of: asking until it is so."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

#: Seconds to wait for what must come. No promise is measured by it: a busy machine needs long.
PATIENCE = 90.0
PAUSE = 0.02


async def until(ask: Callable[[], Awaitable[T | None]], what: str) -> T:
    """The first truthy answer; fails with `what` if none comes within `PATIENCE`."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < end:
        if found := await ask():
            return found
        await asyncio.sleep(PAUSE)
    raise AssertionError(f"not within {PATIENCE:.0f} s: {what}")
