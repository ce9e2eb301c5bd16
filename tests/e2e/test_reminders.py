"""Reminders on the running stack: a confirmation cancels the ones that are left."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.stack import Stack
from tests.wait import wait_until

pytestmark = pytest.mark.e2e

CONFIRMS = {"answer": {"after": 0.5, "by": "human", "digits": "1"}}
CALLS = "/api/v1/calls"


def reminded(stack: Stack, number: str, *remind: str, seconds: float) -> dict[str, Any]:
    """A sequence whose first reminder is due in some seconds, the others far later."""
    agent_id = stack.agent()
    at = datetime.now(UTC) + timedelta(hours=2, seconds=seconds)
    body = {
        "agentId": agent_id,
        "endpoint": number,
        "context": {"name": "Ada"},
        "retry": {"maxAttempts": 1},
        "appointmentAt": at.isoformat(),
        "remind": list(remind),
    }
    return sequence(stack, stack.post(CALLS, body, 202)["sequenceId"])


def sequence(stack: Stack, sequence_id: str) -> dict[str, Any]:
    answer = stack.api.get(f"{CALLS}/sequences/{sequence_id}")
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def test_the_first_is_confirmed_and_the_second_never_dialed(stack: Stack) -> None:
    number = "+12125550146"
    stack.script(number, CONFIRMS)
    made = reminded(stack, number, "PT2H", "PT30M", seconds=3)
    stack.wait_for_end(made["calls"][0]["callId"])
    ended = sequence(stack, made["sequenceId"])
    assert [one["outcome"] for one in ended["calls"]] == ["confirmed", "canceled"]
    assert ended["calls"][1]["reason"] == "sequence_done"
    assert (ended["outcome"], len(stack.legs(number))) == ("confirmed", 1)


def test_the_second_is_dialed_at_its_time_when_the_first_met_nobody(stack: Stack) -> None:
    number = "+12125550147"
    stack.script(number, "busy", CONFIRMS)
    made = reminded(stack, number, "PT2H", "PT1H59M48S", seconds=3)
    first, second = [one["callId"] for one in made["calls"]]
    assert stack.wait_for_end(first)["outcome"] == "busy"
    ended = stack.wait_for_end(second)
    assert ended["outcome"] == "confirmed"
    due = datetime.fromisoformat(ended["schedule"]["notBefore"])
    dialed = datetime.fromisoformat(ended["attempts"][0]["dialedAt"])
    assert timedelta() <= dialed - due < timedelta(seconds=5)


def test_a_sequence_that_is_canceled_leaves_nothing_behind(stack: Stack) -> None:
    number = "+12125550148"
    made = reminded(stack, number, "PT2H", "PT1H", seconds=200)
    first = made["calls"][0]["callId"]
    wait_until(lambda: stack.call(first)["status"] == "Queued", "the first waits")
    answer = stack.api.delete(f"{CALLS}/sequences/{made['sequenceId']}")
    assert answer.status_code == 200
    assert {one["outcome"] for one in answer.json()["calls"]} == {"canceled"}
    wait_until(
        lambda: "COMPLETED" in stack.temporal("workflow", "describe", "-w", f"call-{first}"),
        "its workflow has ended",
    )
    assert stack.legs(number) == []
