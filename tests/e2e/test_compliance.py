"""Who must not be called is not, wherever their call stands, on the running stack.

The carrier takes two dials a second, so that a call that has its slot waits a while to be dialed.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.conftest import QUICK
from tests.e2e.stack import TALKS_FOR_LONG, Json, Stack
from tests.wait import wait_until

pytestmark = pytest.mark.e2e

PACED = {**QUICK, "TRUNKLINE_CARRIER_CALLS_PER_SECOND": "2"}
#: From the last look at the database to the carrier's own record of the call.
ON_ITS_WAY = timedelta(seconds=0.5)
PRESSES_9 = {"answer": {"after": 0.5, "by": "human", "digits": "9"}}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("compliance"), PACED).start()
    yield running
    assert running.stop() == 0


def suppress(stack: Stack, endpoint: str) -> list[str]:
    """The ids of the calls that it stops."""
    stopped: list[str] = stack.post("/api/v1/suppressions", {"endpoint": endpoint})["stoppedCalls"]
    return stopped


def soon(seconds: float) -> Json:
    return {"notBefore": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()}


def wait_for(stack: Stack, call_id: str, **wanted: str) -> None:
    def reached() -> bool:
        view = stack.call(call_id)
        return all(view[name] == value for name, value in wanted.items())

    wait_until(reached, f"call {call_id}: {wanted}")


def was_suppressed(stack: Stack, call_id: str) -> None:
    view = stack.wait_for_end(call_id)
    assert (view["status"], view["outcome"], view["reason"]) == (
        "Canceled",
        "suppressed",
        "do_not_call",
    )


def test_a_number_that_is_suppressed_while_its_call_sleeps_is_never_dialed(stack: Stack) -> None:
    number = "+17185550101"
    call_id = stack.submit(stack.agent(), number, schedule=soon(6))
    wait_for(stack, call_id, waitingFor="window")
    assert suppress(stack, number) == [call_id]
    was_suppressed(stack, call_id)
    stack.settle(7)  # Its time comes, and passes.
    assert stack.legs(number) == []


def test_a_number_that_is_suppressed_while_its_call_waits_for_a_slot_is_never_dialed(
    stack: Stack,
) -> None:
    agent = stack.agent(maxConcurrent=1)
    stack.script("+17185550110", TALKS_FOR_LONG)
    busy = stack.submit(agent, "+17185550110", pathwayId=stack.talk())
    stack.wait_for_answer(busy)
    number = "+17185550111"
    call_id = stack.submit(agent, number)
    wait_for(stack, call_id, waitingFor="slot")
    assert suppress(stack, number) == [call_id]
    was_suppressed(stack, call_id)
    # The slot is free for whoever comes next.
    stack.post(f"/api/v1/calls/{busy}/hangup", {}, 202)
    stack.wait_for_end(busy)
    assert stack.wait_for_end(stack.submit(agent, "+17185550112"))["outcome"] == "confirmed"
    assert stack.legs(number) == []


def test_a_number_that_is_suppressed_between_the_grant_and_the_dial_is_never_dialed(
    stack: Stack,
) -> None:
    agent = stack.agent()
    numbers = [f"+17185550{n}" for n in range(120, 138)]
    rows = [{"endpoint": number} for number in numbers]
    found = stack.post("/api/v1/calls/bulk", {"agentId": agent, "calls": rows}, 202)
    calls = {row["call"]["endpoint"]: row["call"]["callId"] for row in found["results"]}
    wait_until(lambda: len(of(stack, numbers)) >= 3, "the carrier takes the first dials")
    granted = [one for one in numbers if stack.call(calls[one])["status"] == "Pending"]
    assert len(granted) >= 4
    suppressed: dict[str, datetime] = {}
    for number in reversed(granted):
        assert suppress(stack, number) == [calls[number]] or stack.legs(number)
        suppressed[number] = datetime.now(UTC)
    views = dict(zip(calls, stack.wait_for_ends(calls.values()), strict=True))
    dialed = {leg["to"]: datetime.fromisoformat(leg["createdAt"]) for leg in of(stack, numbers)}
    both = suppressed.keys() & dialed.keys()
    assert [one for one in both if last_look(views[one]) > suppressed[one]] == []
    # What had passed the last look before may still have been on its way to the carrier.
    assert [one for one in both if dialed[one] > suppressed[one] + ON_ITS_WAY] == []
    stopped = [number for number in suppressed if number not in dialed]
    assert len(stopped) >= 3
    assert {views[number]["outcome"] for number in stopped} == {"suppressed"}
    assert {views[number]["outcome"] for number in calls if number not in suppressed} == {
        "confirmed"
    }


def last_look(view: Json) -> datetime:
    """When the call's dial passed the last look at all that could forbid it."""
    sent = [one["sendingAt"] for one in view["attempts"] if one["sendingAt"]]
    return max(map(datetime.fromisoformat, sent))


def of(stack: Stack, numbers: list[str]) -> list[Json]:
    return [leg for leg in stack.legs() if leg["to"] in numbers]


def test_who_opts_out_of_one_call_is_not_called_by_other_agents_and_campaigns(
    stack: Stack,
) -> None:
    number, talker = "+17185550140", "+17185550141"
    stack.script(number, PRESSES_9)
    stack.script(talker, TALKS_FOR_LONG)
    sleeping = stack.submit(stack.agent(), number, schedule=soon(3600))
    campaign = start_campaign(stack, talker, number)
    queued = call_to(stack, campaign, number)
    wait_for(stack, queued, waitingFor="slot")
    wait_for(stack, sleeping, waitingFor="window")

    view = stack.wait_for_end(stack.submit(stack.agent(), number))

    assert view["outcome"] == "opted_out"
    for call_id in (sleeping, queued):
        was_suppressed(stack, call_id)
    assert len(stack.legs(number)) == 1
    [entry] = stack.api.get("/api/v1/suppressions", params={"endpoint": number}).json()[
        "suppressions"
    ]
    assert (entry["source"], entry["callId"]) == ("pathway", view["callId"])
    refused = stack.api.post("/api/v1/calls", json={"agentId": stack.agent(), "endpoint": number})
    assert (refused.status_code, refused.json()["code"]) == (422, "suppressed")


def start_campaign(stack: Stack, first: str, second: str) -> str:
    """One contact is called at a time, and the first talks for long."""
    agent = stack.agent(pathwayId=stack.talk())
    body = {"name": "tests", "agentId": agent, "maxConcurrent": 1}
    campaign_id = str(
        stack.post("/api/v1/campaigns", {**body, "contacts": [{"endpoint": first}]})["campaignId"]
    )
    path = f"/api/v1/campaigns/{campaign_id}"
    stack.post(f"{path}/start", {}, 200)
    stack.wait_for_answer(call_to(stack, campaign_id, first))
    stack.post(f"{path}/contacts", {"contacts": [{"endpoint": second}]}, 202)
    return campaign_id


def call_to(stack: Stack, campaign_id: str, number: str) -> str:
    def made() -> str | None:
        query = {"campaignId": campaign_id, "endpoint": number}
        found = stack.api.get("/api/v1/calls", params=query).json()["calls"]
        return str(found[0]["callId"]) if found else None

    return wait_until(made, "the campaign's call")


# -- asked without a call


def trunkline(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


def explain(stack: Stack, endpoint: str, agent: str, at: str) -> Json:
    query: dict[str, Any] = {"endpoint": endpoint, "agentId": agent, "at": at}
    answer = stack.api.get("/api/v1/compliance/explain", params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


@pytest.mark.parametrize(
    ("endpoint", "is_suppressed", "verdict"),
    [
        ("+17185550150", False, "may be called now"),
        ("+17185550151", True, "may not be called"),
    ],
)
def test_the_verdict_is_the_same_over_http_and_on_the_command_line(
    stack: Stack, endpoint: str, is_suppressed: bool, verdict: str
) -> None:
    agent = stack.agent()
    if is_suppressed:
        suppress(stack, endpoint)
    at = datetime.now(UTC).isoformat()
    found = explain(stack, endpoint, agent, at)
    assert (found["permitted"], found["now"]) == (not is_suppressed, not is_suppressed)
    address = ("--url", stack.ready["api"], "--key", stack.ready["apiKey"])
    printed = trunkline("rules", "explain", endpoint, "--agent", agent, "--at", at, *address)
    assert printed.startswith(f"{verdict}: {found['detail']} ({found['reason']})")
    assert "US, US-NY, *; America/New_York" in printed
    for rule in found["rules"]:
        assert rule["rule"] in printed
    assert stack.legs(endpoint) == []


def test_the_packs_are_checked_and_counted_on_the_command_line() -> None:
    printed = trunkline("rules", "check")
    assert "all can be read." in printed
    assert "US-FL" in printed
    assert "1 attempt_cap, 1 calling_hours, 1 disclosure" in printed
    assert "2 primary, 1 secondary" in printed
