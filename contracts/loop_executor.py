"""Runs workflows in the event loop of their worker, one turn at a time.

The SDK hands each turn of a workflow to a thread and takes the answer back, so that it can tell one
that never ends. A turn of ours takes a fraction of a millisecond; the two threads that take the
interpreter from each other take as long again. What it takes is what the SDK does itself for a
debugger (`temporalio.worker._workflow`, `_activate_inline_for_debug`).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from temporalio.worker import Worker

P = ParamSpec("P")
T = TypeVar("T")


class LoopExecutor(ThreadPoolExecutor):
    """Has no thread: what is submitted is done in the loop that submits it, when its turn comes."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        # Not at once: on Python 3.14 a task cannot be entered from within another one.
        asyncio.get_running_loop().call_soon(lambda: _run(future, lambda: fn(*args, **kwargs)))
        return future


def unclocked(worker: Worker) -> Worker:
    """The worker, which does not hold against a turn in the loop how long it took.

    When the loop can look at the clock the turn is over. From Python 3.12 on `asyncio.wait_for`
    gives up even so, and the SDK would fail a turn that took two seconds and all that waited behind
    it, as ones that never end. In another attribute than this the SDK would keep it unseen: see
    tests/contracts/test_loop_executor.py.
    """
    own = worker._workflow_worker
    assert own is not None
    own._deadlock_timeout_seconds = None
    return worker


def _run(future: "Future[T]", work: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    loop = asyncio.get_running_loop()
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)
    finally:
        # A workflow is a loop itself, and says at the end of its turn that none is running.
        asyncio._set_running_loop(loop)
