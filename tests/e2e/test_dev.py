"""`trunkline dev` over its life, with real processes."""

import os
import select
import signal
import sys
from contextlib import ExitStack, suppress

import pytest

from tests.e2e.stack import Stack
from tests.wait import PATIENCE

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a death"),
]


def test_a_stack_that_is_killed_leaves_nothing_running_and_goes_on_where_it_was(stack: Stack):
    first, pids = stack.ready, stack.pids()
    assert pids.keys() == {"supervisor", "temporal", "carrier", "worker", "api"}
    agent_id = stack.agent()

    with ExitStack() as held:
        parts = [held.enter_context(_Process(pid)) for pid in pids.values()]
        os.kill(pids["supervisor"], signal.SIGKILL)
        for part in parts:
            part.await_end()

    stack.start()
    assert stack.ready == first
    assert stack.api.get(f"/api/v1/agents/{agent_id}").status_code == 200


class _Process:
    """A process that need not be a child of ours."""

    def __init__(self, pid: int) -> None:
        self._descriptor = os.pidfd_open(pid)

    def __enter__(self) -> "_Process":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            os.close(self._descriptor)

    def await_end(self) -> None:
        assert select.select([self._descriptor], [], [], PATIENCE)[0], (
            "a part outlived its supervisor"
        )
