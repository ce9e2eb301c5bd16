"""The gateway's promises while something it needs is away."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.conftest import QUICK
from tests.e2e.stack import Stack
from tests.wait import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("chaos")]


@contextmanager
def stopped(stack: Stack, part: str) -> Iterator[None]:
    """Stopped, not killed: the supervisor would bring a killed one back at once."""
    pid = stack.pids()[part]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_call_accepted_while_temporal_is_away_is_placed_when_it_is_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    stack = Stack(tmp_path_factory.mktemp("gateway"), QUICK).start()
    try:
        agent = stack.agent()
        with stopped(stack, "temporal"):
            call_id = stack.submit(agent, "+17735550110")
            assert stack.call(call_id)["status"] == "Created"
        assert stack.wait_for_end(call_id)["outcome"] == "confirmed"
        assert len(stack.legs("+17735550110")) == 1
    finally:
        stack.stop()


def test_nobody_is_called_while_the_api_could_not_say_what_they_hear(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    stack = Stack(tmp_path_factory.mktemp("silent"), QUICK).start()
    try:
        agent = stack.agent()
        # Late enough for the worker to notice first.
        soon = (datetime.now(UTC) + timedelta(seconds=15)).isoformat()
        call_id = stack.submit(agent, "+17735550112", schedule={"notBefore": soon})
        with stopped(stack, "api"):
            stack.settle(19)
            assert stack.legs("+17735550112") == []
        view = stack.wait_for_end(call_id)
        assert (view["outcome"], view["attemptCount"]) == ("confirmed", 1)
        assert view["attempts"][0]["result"] == "not_sent"
        assert len(stack.legs("+17735550112")) == 1
    finally:
        stack.stop()


def test_a_restart_on_the_same_directory_goes_on_where_it_was(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data_dir = tmp_path_factory.mktemp("restart")
    stack = Stack(data_dir, QUICK).start()
    agent = stack.agent(retry={"maxAttempts": 2, "busy": "PT15S"})
    stack.script("+17735550111", "busy", {"answer": {"after": 0.5, "by": "human", "digits": "1"}})
    call_id = stack.submit(agent, "+17735550111")
    wait_until(lambda: stack.call(call_id)["waitingFor"] == "retry", "the retry waits")
    assert stack.stop() == 0
    stack = Stack(data_dir, QUICK).start()
    try:
        view = stack.wait_for_end(call_id)
        assert (view["outcome"], view["attemptCount"]) == ("confirmed", 2)
    finally:
        stack.stop()
