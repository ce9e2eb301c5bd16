"""Simulated time."""

import asyncio
import time

from simulator.state.clock import Clock, DialQueue
from tests.wait import PATIENCE


async def test_simulated_seconds_pass_at_the_clocks_speed():
    clock, began = Clock(100), time.monotonic()
    await clock.sleep(5)
    assert 0.045 <= time.monotonic() - began < 5
    assert clock.now() >= 5


async def test_a_change_of_speed_shortens_sleeps_already_begun():
    clock = Clock(0.001)
    sleeping = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0)
    clock.set_speed(10_000)
    await asyncio.wait_for(sleeping, PATIENCE)


def test_dials_are_spaced_by_the_pace():
    queue = DialQueue(Clock(0.001), cps=2)
    instants = [queue.reserve() for _ in range(3)]
    assert [round(instant - instants[0], 1) for instant in instants] == [0.0, 0.5, 1.0]
