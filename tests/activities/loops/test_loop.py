"""A loop goes on whatever happens in a turn."""

import asyncio

import pytest

from activities.loops import loop as loops
from activities.loops.loop import Loop
from tests.wait import PATIENCE


async def test_a_turn_that_fails_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loops, "FIRST_PAUSE", 0.001)
    leave = asyncio.Event()
    turns: list[int] = []

    async def turn() -> float:
        turns.append(len(turns))
        if len(turns) == 4:
            leave.set()
            return 3600
        raise RuntimeError("no")

    await asyncio.wait_for(Loop("failing", turn).run(leave), PATIENCE)
    assert turns == [0, 1, 2, 3]


async def test_a_turn_that_hangs_is_given_up_and_taken_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loops, "TURN_SECONDS", 0.01)
    monkeypatch.setattr(loops, "FIRST_PAUSE", 0.0)
    leave = asyncio.Event()
    turns: list[int] = []

    async def turn() -> float:
        turns.append(len(turns))
        if len(turns) == 2:
            leave.set()
        else:
            await asyncio.Event().wait()
        return 0

    await asyncio.wait_for(Loop("hanging", turn).run(leave), PATIENCE)
    assert turns == [0, 1]


async def test_a_loop_without_rest_lets_others_have_their_turn():
    leave = asyncio.Event()

    async def turn() -> float:
        return 0

    running = asyncio.create_task(Loop("busy", turn).run(leave))
    await asyncio.sleep(0)
    leave.set()
    await asyncio.wait_for(running, PATIENCE)


async def test_a_loop_that_rests_ends_at_once_when_told_to():
    leave, begun = asyncio.Event(), asyncio.Event()

    async def turn() -> float:
        begun.set()
        return 3600

    running = asyncio.create_task(Loop("resting", turn).run(leave))
    await asyncio.wait_for(begun.wait(), PATIENCE)
    leave.set()
    await asyncio.wait_for(running, PATIENCE)
