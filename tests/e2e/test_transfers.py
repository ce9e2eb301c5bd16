"""Callees put through on the running stack, while the API is killed under them."""

from typing import Any

from tests.e2e.stack import Json, Stack
from tests.wait import wait_until

DESK = "+16175550140"
MOBILE = "+16175550141"
CALLEE = "+16175550130"


def _pathway(stack: Stack) -> str:
    nodes = {
        "ask": {
            "kind": "gather",
            "text": "Press 1 for a person.",
            "numDigits": 1,
            "branches": [{"digits": "1", "next": "desk"}],
            "otherwise": "bye",
        },
        "desk": {"kind": "transfer", "target": "desk", "next": "bye", "otherwise": "mobile"},
        "mobile": {"kind": "transfer", "target": "mobile", "next": "bye", "otherwise": "message"},
        "message": {"kind": "take_message", "text": "Leave a message.", "next": "bye"},
        "bye": {"kind": "hang_up", "text": "Goodbye."},
    }
    body = {"name": "desk", "kind": "script", "definition": {"start": "ask", "nodes": nodes}}
    return str(stack.post("/api/v1/pathways", body)["pathwayId"])


def _agent(stack: Stack) -> str:
    desk = {"name": "desk", "endpoint": DESK, "whisper": "A call from the clinic."}
    stack.post("/api/v1/transfer-targets", desk)
    mobile = {"name": "mobile", "endpoint": MOBILE, "needsKey": True, "ringSeconds": 10}
    stack.post("/api/v1/transfer-targets", mobile)
    return stack.agent(pathwayId=_pathway(stack), voicemail=None)


def _script(stack: Stack, number: str, *entries: Any) -> None:
    answer = stack.carrier.put(f"/_sim/numbers/{number}", json={"script": list(entries)})
    assert answer.status_code == 200, answer.text


def _call(stack: Stack, agent: str, to: str) -> str:
    body = {"agentId": agent, "endpoint": to, "context": {}}
    return str(stack.post("/api/v1/calls", body, 202)["callId"])


def _transfers(stack: Stack, call_id: str) -> list[Json]:
    found: list[Json] = stack.api.get(f"/api/v1/transfers?callId={call_id}").json()["transfers"]
    return found


def _legs(stack: Stack, to: str) -> list[Json]:
    found: list[Json] = stack.carrier.get("/_sim/calls", params={"to": to}).json()["calls"]
    return found


def test_a_busy_desk_leads_to_the_next_target_and_each_is_dialed_once_though_the_api_dies(
    stack: Stack,
) -> None:
    agent = _agent(stack)
    before = {number: len(_legs(stack, number)) for number in (DESK, MOBILE)}
    _script(stack, DESK, "busy")
    _script(stack, MOBILE, {"answer": {"after": 2, "digits": "1", "talk": 60}})
    _script(stack, CALLEE, {"answer": {"after": 1, "digits": "1"}})
    call_id = _call(stack, agent, CALLEE)

    def connected() -> bool:
        return [one["state"] for one in _transfers(stack, call_id)] == ["missed", "connected"]

    wait_until(connected, "the second target has taken the call")
    stack.kill("api")
    wait_until(stack.all_ready, "the API is back")
    stack.wait_for_ends([call_id])
    # What the carrier tells a dead API is asked of it by the sweep.
    wait_until(lambda: _transfers(stack, call_id)[1]["state"] == "completed", "it is closed")
    first, second = _transfers(stack, call_id)
    assert (first["target"], first["reason"]) == ("desk", "busy")
    assert second["durationSeconds"] > 0
    # Of others on this stack, too.
    assert [len(_legs(stack, number)) - before[number] for number in (DESK, MOBILE)] == [1, 1]
    parents = {one["parent"] for one in _legs(stack, MOBILE)}
    assert parents & {one["sid"] for one in _legs(stack, CALLEE)}
    assert stack.api.get(f"/api/v1/calls/{call_id}").json()["result"]["transfer"] == {
        "target": "mobile",
        "state": "reached",
        "reason": None,
    }


def test_where_nobody_is_reached_the_callee_leaves_a_message(stack: Stack) -> None:
    agent = stack.agent(pathwayId=_pathway(stack), voicemail=None)
    # A mailbox answers for the mobile, and presses nothing.
    _script(stack, DESK, "no-answer")
    _script(stack, MOBILE, {"answer": {"after": 1, "by": "machine"}})
    _script(stack, "+16175550131", {"answer": {"after": 1, "digits": "1"}})
    call_id = _call(stack, agent, "+16175550131")
    stack.wait_for_ends([call_id])
    assert [one["reason"] for one in _transfers(stack, call_id)] == ["no_answer", "not_accepted"]
    call = stack.api.get(f"/api/v1/calls/{call_id}").json()
    recorded = wait_until(
        lambda: stack.api.get(f"/api/v1/calls/{call_id}").json()["attempts"][0]["recordingUrl"],
        "the message is recorded",
    )
    assert recorded.endswith("/recordings/1")
    assert call["outcome"] == "completed"


def test_a_warm_target_is_dialed_once_and_meets_the_callee_though_worker_and_api_die(
    stack: Stack,
) -> None:
    desk, callee, other = "+16175550142", "+16175550132", "+16175550133"
    warm = {"name": "warm", "endpoint": desk, "warm": True, "ringSeconds": 60}
    stack.post("/api/v1/transfer-targets", {**warm, "introduction": "Here is the desk."})
    nodes = {
        "warm": {"kind": "transfer", "target": "warm", "next": "bye", "otherwise": "message"},
        "message": {"kind": "take_message", "text": "Leave a message.", "next": "bye"},
        "bye": {"kind": "hang_up", "text": "Goodbye."},
    }
    script = {"start": "warm", "nodes": nodes}
    made = stack.post("/api/v1/pathways", {"name": "w", "kind": "script", "definition": script})
    agent = stack.agent(pathwayId=made["pathwayId"], voicemail=None)
    # Somebody answers while no worker is there, and the two talk until the API is surely back.
    _script(stack, desk, {"answer": {"after": 30, "digits": "1", "talk": 120}})
    _script(stack, callee, {"answer": {"after": 1}})
    call_id = _call(stack, agent, callee)
    wait_until(lambda: _legs(stack, desk), "the target's phone rings")
    stack.kill("worker")
    state = lambda: _transfers(stack, call_id)[0]["state"]  # noqa: E731
    wait_until(lambda: state() == "connected", "they talk")
    stack.kill("api")
    wait_until(stack.all_ready, "the API is back")
    stack.wait_for_ends([call_id])
    wait_until(lambda: state() == "completed", "it is over")
    (own,), (leg,) = _legs(stack, callee), _legs(stack, desk)
    assert {leg["direction"], own["direction"]} == {"outbound-api"}
    for one in (own, leg):
        assert "Here is the desk." in " ".join(one["twiml"])
        assert [at["noun"] for at in one["connections"]] == ["Conference"]
    assert "Goodbye." in own["twiml"][-1]
    # A callee who hangs up while it rings takes the target's leg along.
    _script(stack, desk, {"answer": {"after": 55}})
    _script(stack, other, {"answer": {"after": 1, "talk": 20}})
    call_id = _call(stack, agent, other)
    stack.wait_for_ends([call_id])
    wait_until(lambda: state() == "missed", "nobody was reached")
    assert _transfers(stack, call_id)[0]["reason"] == "hung_up"
    wait_until(lambda: _legs(stack, desk)[-1]["endedAt"], "the phone rings no more")
    assert [one["status"] for one in _legs(stack, desk)] == ["completed", "canceled"]
