"""Workflows take their turns in the loop of their worker."""

import asyncio
import inspect
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.worker import Worker
from temporalio.worker._workflow import _WorkflowWorker

from contracts.loop_executor import LoopExecutor, unclocked


async def test_work_is_done_in_the_loops_own_thread_and_outside_of_any_task():
    def work() -> tuple[int, object]:
        return threading.get_ident(), asyncio.current_task()

    found = await asyncio.get_running_loop().run_in_executor(LoopExecutor(), work)
    assert found == (threading.get_ident(), None)


async def test_a_loop_that_ends_inside_leaves_the_outer_one_running():
    """As a workflow does, which is a loop of its own."""
    loop = asyncio.get_running_loop()

    def work() -> str:
        asyncio._set_running_loop(None)
        return "done"

    assert await loop.run_in_executor(LoopExecutor(), work) == "done"
    assert asyncio.get_running_loop() is loop
    await asyncio.sleep(0)


async def test_an_error_reaches_who_waits():
    def work() -> None:
        raise LookupError("nothing here")

    with pytest.raises(LookupError, match="nothing here"):
        await asyncio.get_running_loop().run_in_executor(LoopExecutor(), work)


async def test_what_was_given_up_before_its_turn_is_not_done():
    done: list[str] = []
    future = LoopExecutor().submit(done.append, "work")
    assert future.cancel()
    await asyncio.sleep(0)
    assert done == []


async def test_work_is_done_in_the_order_in_which_it_was_submitted():
    done: list[int] = []
    executor, loop = LoopExecutor(), asyncio.get_running_loop()
    await asyncio.gather(*(loop.run_in_executor(executor, done.append, n) for n in range(5)))
    assert done == [0, 1, 2, 3, 4]


async def test_a_turn_that_took_long_is_done_all_the_same():
    """The SDK waits two seconds for a turn; a worker that waits as long as it takes has its answer.

    Only from Python 3.12 on would it make a difference.
    """
    sdk = SimpleNamespace(_deadlock_timeout_seconds=0.001)
    worker: Any = SimpleNamespace(_workflow_worker=sdk)
    assert unclocked(worker) is worker
    executor, loop = LoopExecutor(), asyncio.get_running_loop()

    async def turn(work: Any, *given: Any) -> Any:
        activated = loop.run_in_executor(executor, work, *given)
        return await asyncio.wait_for(activated, sdk._deadlock_timeout_seconds)

    await asyncio.gather(turn(time.sleep, 0.01), turn(threading.get_ident))


def test_the_sdk_waits_by_what_is_taken_from_it():
    assert "self._workflow_worker = _WorkflowWorker(" in inspect.getsource(Worker)
    for waits in (_WorkflowWorker._handle_activation, _WorkflowWorker._handle_cache_eviction):
        assert ", self._deadlock_timeout_seconds\n" in inspect.getsource(waits)
