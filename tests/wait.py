"""Waiting for what another task or process does, and tells nobody of: asking until it is so."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import httpx2

T = TypeVar("T")

#: Seconds to wait for what must come. No promise is measured by it: a busy machine needs long.
PATIENCE = 90.0
PAUSE = 0.02


async def until(ask: Callable[[], Awaitable[T | None]], what: str) -> T:
    """The first truthy answer; fails with `what` if none comes within `PATIENCE`."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := await ask():
            return found
        await asyncio.sleep(PAUSE)
    raise _never(what, PATIENCE)


def wait_until(probe: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
    """`until` for tests that are no coroutines; a server that is not there yet is asked again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(httpx2.HTTPError):
            if found := probe():
                return found
        time.sleep(0.1)
    raise _never(what, seconds)


def _never(what: str, seconds: float) -> AssertionError:
    return AssertionError(f"not within {seconds:.0f} s: {what}")
