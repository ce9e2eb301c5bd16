"""The runs of a forecast, in a thread that lets the event loop go on, one forecast at a time."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from api.http.problems import RETRY_AFTER, Problem
from policy.forecast.campaign_plan import CampaignPlan
from policy.forecast.figures import ForecastFigures, figures
from policy.forecast.legs import Clocks
from policy.forecast.run_record import RunRecord
from policy.forecast.simulation import Simulation

#: It takes a processor: one at a time, a few wait for their turn, and none is endless.
_AT_ONCE = asyncio.Semaphore(1)
_MOST_WAITING = 8
SECONDS = 60.0


class _Waiting:
    """How many forecasts are under way or wait."""

    count = 0


@asynccontextmanager
async def turn() -> AsyncIterator[None]:
    """One forecast's own, from the reading of its contacts on, which takes memory and time.

    Raises a 503 Problem: too many wait, or it took too long.
    """
    if _Waiting.count > _MOST_WAITING:
        raise Problem(503, "forecasts_busy", "Too many forecasts are made.", headers=RETRY_AFTER)
    _Waiting.count += 1
    try:
        async with _AT_ONCE, asyncio.timeout(SECONDS):
            yield
    except TimeoutError:
        detail = f"The forecast took longer than {SECONDS:.0f} seconds."
        raise Problem(503, "forecast_too_long", detail, headers=RETRY_AFTER) from None
    finally:
        _Waiting.count -= 1


async def run_all(plan: CampaignPlan, seeds: Sequence[int]) -> ForecastFigures:
    """A run for each seed, summed up. In a `turn` of the caller's."""
    stop = threading.Event()
    try:
        return await asyncio.to_thread(_figures, plan, seeds, stop)
    finally:
        # Also where whoever asked has gone.
        stop.set()


def _figures(plan: CampaignPlan, seeds: Sequence[int], stop: threading.Event) -> ForecastFigures:
    clocks = Clocks()
    return figures([_one(plan, seed, clocks, stop) for seed in seeds], plan.begin)


def _one(plan: CampaignPlan, seed: int, clocks: Clocks, stop: threading.Event) -> RunRecord:
    simulation = Simulation(plan, seed, clocks)
    for _ in simulation.run():
        if stop.is_set():
            break
        # Lets the event loop have the interpreter now and not after its switch interval.
        time.sleep(0)
    return simulation.record
