"""The gateway's promises while something it needs is away."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.stack import Stack
from tests.wait import wait_until

pytestmark = pytest.mark.e2e


@contextmanager
def stopped(stack: Stack, part: str) -> Iterator[None]:
    """Stopped, not killed: the supervisor would bring a killed one back at once."""
    pid = stack.pids()[part]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_call_accepted_while_temporal_is_away_is_placed_when_it_is_back(stack: Stack) -> None:
    agent = stack.agent()
    with stopped(stack, "temporal"):
        call_id = stack.submit(agent, "+17735550110")
        assert stack.call(call_id)["status"] == "Created"
    assert stack.wait_for_end(call_id)["outcome"] == "confirmed"
    assert len(stack.legs("+17735550110")) == 1


def test_nobody_is_called_while_the_api_could_not_say_what_they_hear(stack: Stack) -> None:
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


def test_a_restart_on_the_same_directory_goes_on_where_it_was(stack: Stack) -> None:
    agent = stack.agent(retry={"maxAttempts": 2, "busy": "PT15S"})
    stack.script("+17735550111", "busy", {"answer": {"after": 0.5, "by": "human", "digits": "1"}})
    call_id = stack.submit(agent, "+17735550111")
    wait_until(lambda: stack.call(call_id)["waitingFor"] == "retry", "the retry waits")
    assert stack.stop() == 0
    assert not (stack.data_dir / "pids.json").exists()
    stack.start()
    view = stack.wait_for_end(call_id)
    assert (view["outcome"], view["attemptCount"]) == ("confirmed", 2)
