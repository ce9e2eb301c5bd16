"""The carrier, or a proxy before it, refuses the account: no attempt and no contact is lost."""

from collections import Counter
from typing import Any

import pytest

from tests.e2e.stack import Json, Stack
from tests.wait import wait_until

pytestmark = pytest.mark.e2e
#: Below what a campaign's circuit breaker looks at.
CONTACTS = 12


def campaign(stack: Stack, area_code: str) -> str:
    body = {"name": "refused", "agentId": stack.agent(), "maxConcurrent": 6}
    campaign_id = str(stack.post("/api/v1/campaigns", body)["campaignId"])
    answer = stack.api.post(
        f"/api/v1/campaigns/{campaign_id}/contacts/upload",
        content="\n".join(["Phone", *numbers(area_code)]).encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code in (200, 201, 202), answer.text
    stack.api.post(f"/api/v1/campaigns/{campaign_id}/start", json={}).raise_for_status()
    return campaign_id


def numbers(area_code: str) -> list[str]:
    return [f"+1{area_code}5550{100 + n}" for n in range(CONTACTS)]


def pause(stack: Stack) -> Json | None:
    found: Json | None = stack.api.get("/api/v1/account").json()["dialingPause"]
    return found


def account_events(stack: Stack) -> list[Json]:
    types = "type=account.dialing_paused&type=account.dialing_resumed"
    found: list[Json] = stack.api.get(f"/api/v1/events?{types}&take=100").json()["events"]
    return found


def calls_of(stack: Stack, campaign_id: str) -> list[Json]:
    query = {"campaignId": campaign_id, "take": "100"}
    listed = stack.api.get("/api/v1/calls", params=query).json()["calls"]
    return [stack.call(one["callId"]) for one in listed]


@pytest.mark.parametrize(
    ("refuse", "area_code", "code"), [("401", "612", 20003), ("html_407", "651", None)]
)
def test_a_campaign_outlives_refused_credentials_and_a_proxy(
    stack: Stack, refuse: str, area_code: str, code: int | None
) -> None:
    before = len(account_events(stack))
    stack.faults(refuse=refuse)
    campaign_id = campaign(stack, area_code)
    paused: Any = wait_until(lambda: pause(stack), "dialing is paused")
    assert refuse.removeprefix("html_") in paused["cause"]

    def all_wait() -> bool:
        views = calls_of(stack, campaign_id)
        return bool(views) and all(one["reason"] == "dialing_paused" for one in views)

    wait_until(all_wait, "everybody waits for the pause")
    assert "dialing is paused" in calls_of(stack, campaign_id)[0]["detail"]
    [event] = account_events(stack)[before:]
    assert (event["type"], event["data"]["code"]) == ("account.dialing_paused", code)
    stack.faults()
    assert stack.post("/api/v1/account/dialing/probe", {}, 200)["dialingPause"] is not None

    def completed() -> bool:
        seen = stack.api.get(f"/api/v1/campaigns/{campaign_id}").json()
        return bool(seen["status"] == "Completed")

    wait_until(completed, "the campaign completed", 120)
    assert pause(stack) is None
    types = [one["type"] for one in account_events(stack)[before:]]
    assert types == ["account.dialing_paused", "account.dialing_resumed"]
    views = calls_of(stack, campaign_id)
    assert Counter(one["status"] for one in views) == {"Completed": CONTACTS}
    assert {one["attemptCount"] for one in views} == {1}
    results = Counter(a["result"] for one in views for a in one["attempts"])
    assert results["answered"] == CONTACTS
    assert set(results) <= {"answered", "account_refused", "not_sent"}
    # Maximum concurrency: no more than were in flight when the pause began.
    assert 1 <= results["account_refused"] <= 6
    dialed = Counter(one["to"] for one in stack.legs() if one["to"] in numbers(area_code))
    assert dialed == dict.fromkeys(numbers(area_code), 1)
