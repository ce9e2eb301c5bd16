"""Doing things at a pace, and what the times they took amount to."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def at_pace(count: int, per_second: float, act: Callable[[int], Awaitable[T]]) -> list[T]:
    """Begin `act(0)`, `act(1)`, … at even intervals, whether or not earlier ones have ended."""
    began = asyncio.get_running_loop().time()

    async def one(number: int) -> T:
        at = began + number / per_second
        await asyncio.sleep(max(0.0, at - asyncio.get_running_loop().time()))
        return await act(number)

    return list(await asyncio.gather(*(one(number) for number in range(count))))


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]
