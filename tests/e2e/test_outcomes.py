"""Each outcome, reached on the running stack through real HTTP callbacks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.stack import TALKS_FOR_LONG, Stack

pytestmark = pytest.mark.e2e

HUMAN = {"answer": {"after": 0.5, "by": "human", "digits": "1"}}

#: endpoint, what the callee does at each attempt, outcome, attempts
OUTCOMES: list[tuple[str, list[Any], str, int]] = [
    ("+12125550120", [HUMAN], "confirmed", 1),
    ("+12125550121", [{"answer": {"after": 0.5, "by": "human", "digits": "2"}}], "declined", 1),
    ("+12125550122", [{"answer": {"after": 0.5, "by": "human", "digits": "9"}}], "opted_out", 1),
    ("+12125550123", [{"answer": {"after": 0.5, "by": "human", "speech": "yes"}}], "confirmed", 1),
    ("+12125550124", [{"answer": {"after": 0.5, "by": "human", "talk": 6}}], "completed", 1),
    ("+12125550118", [{"answer": {"after": 0.5, "by": "human", "talk": 0.5}}], "hung_up_early", 1),
    ("+12125550125", [{"answer": {"after": 0.5, "by": "machine"}}], "voicemail", 1),
    ("+12125550126", ["busy"], "busy", 3),
    ("+12125550127", ["no-answer"], "no_answer", 3),
    ("+12125550128", ["failed"], "failed", 3),
    ("+12125550129", ["invalid"], "invalid", 1),
    ("+12125550130", ["busy", "no-answer", HUMAN], "confirmed", 3),
]


def test_every_outcome_a_callee_can_dictate_is_reached(stack: Stack) -> None:
    agent = stack.agent()
    submitted = []
    for endpoint, script, outcome, attempts in OUTCOMES:
        stack.script(endpoint, *script)
        call_id = stack.submit(agent, endpoint, ringTimeout=15)
        submitted.append((call_id, endpoint, outcome, attempts))
    for call_id, endpoint, outcome, attempts in submitted:
        view = stack.wait_for_end(call_id)
        assert (view["outcome"], view["attemptCount"]) == (outcome, attempts), view
        if outcome != "invalid":
            assert len(stack.legs(endpoint)) == attempts


def test_a_say_and_hang_up_is_left_after_the_beep(stack: Stack) -> None:
    stack.script("+12125550131", {"answer": {"after": 0.5, "by": "machine"}})
    call_id = stack.submit(stack.agent(), "+12125550131")
    assert stack.wait_for_end(call_id)["outcome"] == "voicemail"
    [leg] = stack.legs("+12125550131")
    assert any("Please call us back." in document for document in leg["twiml"])


def test_hang_up_on_voicemail_leaves_no_message(stack: Stack) -> None:
    stack.script("+12125550132", {"answer": {"after": 0.5, "by": "machine"}})
    agent = stack.agent(voicemail={"action": "hang_up"})
    view = stack.wait_for_end(stack.submit(agent, "+12125550132"))
    assert view["outcome"] == "voicemail"
    [leg] = stack.legs("+12125550132")
    assert not any("call us back" in document for document in leg["twiml"])


def test_retry_later_on_voicemail_tries_again(stack: Stack) -> None:
    stack.script("+12125550133", {"answer": {"after": 0.5, "by": "machine"}}, HUMAN)
    agent = stack.agent(
        voicemail={"action": "retry_later"}, retry={"maxAttempts": 3, "voicemail": "PT1S"}
    )
    view = stack.wait_for_end(stack.submit(agent, "+12125550133"))
    assert (view["outcome"], view["attemptCount"]) == ("confirmed", 2)


def test_a_missed_deadline_ends_the_call_undialed(stack: Stack) -> None:
    """The slot is taken by a long call, so the deadline passes in the queue."""
    agent = stack.agent(maxConcurrent=1)
    stack.script("+12125550134", TALKS_FOR_LONG)
    busy = stack.submit(agent, "+12125550134", pathwayId=stack.talk())
    stack.wait_for_answer(busy)
    deadline = datetime.now(UTC) + timedelta(seconds=3)
    late = stack.submit(agent, "+12125550135", callDeadline=deadline.isoformat())
    view = stack.wait_for_end(late)
    assert (view["status"], view["outcome"]) == ("Canceled", "deadline_missed")
    assert stack.legs("+12125550135") == []
    stack.post(f"/api/v1/calls/{busy}/hangup", {}, 202)
    stack.wait_for_end(busy)


def test_a_waiting_call_is_canceled_and_never_dialed(stack: Stack) -> None:
    later = datetime.now(UTC) + timedelta(hours=5)
    call_id = stack.submit(stack.agent(), "+12125550136", schedule={"notBefore": later.isoformat()})
    answer = stack.api.delete(f"/api/v1/calls/{call_id}")
    assert answer.status_code == 200, answer.text
    assert stack.wait_for_end(call_id)["outcome"] == "canceled"
    assert stack.legs("+12125550136") == []


@pytest.mark.parametrize(
    ("endpoint", "mode"),
    [("+12125550137", "500_after"), ("+12125550138", "drop_response")],
)
def test_a_create_whose_answer_is_lost_is_found_and_not_repeated(
    stack: Stack, endpoint: str, mode: str
) -> None:
    stack.script(endpoint, HUMAN)
    agent = stack.agent()
    stack.faults(create=[{"mode": mode, "rate": 1.0, "seed": 1}])
    try:
        call_id = stack.submit(agent, endpoint)
        view = stack.wait_for_end(call_id)
    finally:
        stack.faults()
    assert view["outcome"] == "confirmed"
    assert len(stack.legs(endpoint)) == 1


def test_a_create_that_vanished_is_parked_as_unknown(stack: Stack) -> None:
    agent = stack.agent()
    stack.faults(create=[{"mode": "500_before", "rate": 1.0, "seed": 1}])
    try:
        view = stack.wait_for_end(stack.submit(agent, "+12125550139"))
    finally:
        stack.faults()
    assert (view["status"], view["outcome"]) == ("Failed", "unknown")
    assert view["attemptCount"] == 1
    assert stack.legs("+12125550139") == []


def test_the_outcome_an_ai_agent_reports_is_kept(stack: Stack) -> None:
    stack.script("+12125550140", TALKS_FOR_LONG)
    call_id = stack.submit(stack.agent(), "+12125550140", pathwayId=stack.talk())
    stack.wait_for_answer(call_id)
    report = {"outcome": "declined", "summary": "Not this week."}
    stack.post(f"/api/v1/calls/{call_id}/outcome", report, 200)
    stack.post(f"/api/v1/calls/{call_id}/hangup", {}, 202)
    assert stack.wait_for_end(call_id)["outcome"] == "declined"


def test_an_extension_is_pressed_once_somebody_answers(stack: Stack) -> None:
    stack.api.patch("/api/v1/account", json={"extensions": "dial"}).raise_for_status()
    stack.script("+12125550142", HUMAN)
    call_id = stack.submit(stack.agent(), "(212) 555-0142 ext. 45*", defaultCountry="US")
    view = stack.wait_for_end(call_id)
    assert (view["outcome"], view["extension"]) == ("confirmed", "45*")
    [leg] = stack.legs("+12125550142")
    assert (leg["to"], leg["pressed"]) == ("+12125550142", "ww45*")
    assert "MachineDetection" not in leg["params"]
    assert "45*" not in stack.temporal("workflow", "show", "-w", view["workflowId"], "-o", "json")
