"""What an operator sees and does with Temporal's own tools."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.stack import TALKS_FOR_LONG, Stack
from tests.wait import wait_until

pytestmark = pytest.mark.e2e

MAX_EVENTS = 15


def waiting_call(stack: Stack, endpoint: str) -> str:
    later = (datetime.now(UTC) + timedelta(hours=5)).isoformat()
    call_id = stack.submit(stack.agent(), endpoint, schedule={"notBefore": later})
    wait_until(lambda: stack.call(call_id)["status"] == "Queued", "the call waits")
    return call_id


def live_call(stack: Stack, endpoint: str, **agent: Any) -> str:
    stack.script(endpoint, TALKS_FOR_LONG)
    call_id = stack.submit(stack.agent(**agent), endpoint, pathwayId=stack.talk())
    stack.wait_for_answer(call_id)
    return call_id


def history(stack: Stack, call_id: str) -> list[dict[str, Any]]:
    text = stack.temporal("workflow", "show", "-w", f"call-{call_id}", "--output", "json")
    events: list[dict[str, Any]] = json.loads(text)["events"]
    return events


def test_the_command_line_lists_calls_by_status(stack: Stack) -> None:
    call_id = waiting_call(stack, "+13125550120")

    def listed() -> bool:
        text = stack.temporal("workflow", "list", "--query", "TrunklineStatus='Queued'")
        return f"call-{call_id}" in text

    wait_until(listed, "the call in the list")


def test_the_web_ui_says_in_one_sentence_what_a_call_waits_for(stack: Stack) -> None:
    call_id = waiting_call(stack, "+13125550121")
    text = stack.temporal(
        *("workflow", "metadata", "-w", f"call-{call_id}", "--output", "json"),
    )
    details = json.loads(text)["queryResult"][0]["currentDetails"]
    assert details.count(".") <= 1
    assert "until" in details or "before" in details.lower()


def test_the_signal_cancel_cancels_a_waiting_call(stack: Stack) -> None:
    call_id = waiting_call(stack, "+13125550122")
    stack.signal(call_id, "cancel")
    assert stack.wait_for_end(call_id)["outcome"] == "canceled"
    assert stack.legs("+13125550122") == []


def test_the_signal_cancel_stops_a_phone_that_rings(stack: Stack) -> None:
    call_id = stack.ringing_call("+13125550129")
    stack.signal(call_id, "cancel")
    assert stack.wait_for_end(call_id)["outcome"] == "canceled"
    [leg] = stack.legs("+13125550129")
    assert leg["status"] == "canceled"


def test_a_native_cancel_of_a_live_call_hangs_up(stack: Stack) -> None:
    call_id = live_call(stack, "+13125550123")
    stack.temporal("workflow", "cancel", "-w", f"call-{call_id}")
    stack.wait_for_end(call_id)
    wait_until(lambda: stack.legs("+13125550123")[0]["status"] == "completed", "hung up")


def test_a_terminated_workflow_leaks_no_lease(stack: Stack) -> None:
    agent = {"maxConcurrent": 1}
    stack.script("+13125550124", TALKS_FOR_LONG)
    agent_id = stack.agent(**agent)
    first = stack.submit(agent_id, "+13125550124", pathwayId=stack.talk())
    stack.wait_for_answer(first)
    second = stack.submit(agent_id, "+13125550125")
    wait_until(lambda: stack.call(second)["waitingFor"] == "slot", "the second call queues")
    stack.temporal("workflow", "terminate", "-w", f"call-{first}")
    assert stack.wait_for_end(first)["outcome"] == "canceled"
    assert stack.wait_for_end(second)["outcome"] == "confirmed"


def test_an_answered_call_takes_at_most_20_events_and_none_holds_personal_data(
    stack: Stack,
) -> None:
    call_id = stack.submit(
        stack.agent(), "+13125550126", context={"name": "Zebulon"}, additionalData={"crm": "X77"}
    )
    assert stack.wait_for_end(call_id)["outcome"] == "confirmed"
    events = history(stack, call_id)
    names = [event["eventType"] for event in events]
    assert len(events) <= MAX_EVENTS, names


def test_no_history_of_any_call_holds_a_number_a_name_or_context(stack: Stack) -> None:
    """Reads every workflow's history as the CLI prints it, payloads decoded."""
    stack.script("+13125550127", "busy", {"answer": {"after": 0.5, "by": "machine"}})
    call_id = stack.submit(
        stack.agent(), "+13125550127", context={"name": "Zebulon"}, additionalData={"crm": "X77"}
    )
    stack.wait_for_end(call_id)
    text = stack.temporal("workflow", "show", "-w", f"call-{call_id}", "--output", "json")
    decoded = _decode_payloads(json.loads(text))
    for secret in ("5550127", "Zebulon", "X77", "2125550100"):
        assert secret not in text
        assert secret not in decoded


def _decode_payloads(value: Any) -> str:
    """All text of a history, base64 payloads opened."""
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for key, child in node.items():
                if key == "data" and isinstance(child, str):
                    found.append(base64.b64decode(child).decode(errors="replace"))
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)
        else:
            found.append(str(node))

    walk(value)
    return "\n".join(found)
