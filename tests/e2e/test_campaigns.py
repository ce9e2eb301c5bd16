"""A campaign over REST on the running stack: uploaded, started, paused, killed, completed."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import QUICK
from tests.e2e.stack import Json, Stack, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("campaigns"), pytest.mark.timeout(300)]

CONTACTS = 60


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("campaigns"), QUICK, speed=10).start()
    yield running
    assert running.stop() == 0


def campaign(stack: Stack, area_code: str, **changes: Any) -> str:
    """A draft with `CONTACTS` uploaded as CSV; every fifth callee is busy at first."""
    body = {"name": "tests", "agentId": stack.agent(), "maxConcurrent": 10, **changes}
    campaign_id = str(stack.post("/api/v1/campaigns", body)["campaignId"])
    lines = ["Name,Phone"]
    for n in range(CONTACTS):
        number = f"+1{area_code}5550{100 + n}"
        human: dict[str, Any] = {"answer": {"after": 1, "by": "human", "digits": "1"}}
        stack.script(number, *(["busy", human] if n % 5 == 0 else [human]))
        lines.append(f"Contact {n},{number}")
    answer = stack.api.post(
        f"/api/v1/campaigns/{campaign_id}/contacts/upload",
        content="\n".join(lines).encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code in (200, 201, 202), answer.text
    return campaign_id


def act(stack: Stack, campaign_id: str, action: str) -> None:
    answer = stack.api.post(f"/api/v1/campaigns/{campaign_id}/{action}", json={})
    assert answer.status_code in (200, 202), answer.text


def view(stack: Stack, campaign_id: str) -> Json:
    answer = stack.api.get(f"/api/v1/campaigns/{campaign_id}")
    answer.raise_for_status()
    found: Json = answer.json()
    return found


def wait_for_status(stack: Stack, campaign_id: str, status: str, seconds: float) -> Json:
    def reached() -> Json | None:
        seen = view(stack, campaign_id)
        return seen if seen["status"] == status else None

    return wait_until(reached, seconds, f"campaign {status}")


def legs(stack: Stack, area_code: str) -> list[Json]:
    return [leg for leg in stack.legs() if leg["to"].startswith(f"+1{area_code}")]


def nobody_was_dialed_twice(stack: Stack, area_code: str) -> None:
    per_number = Counter(leg["to"] for leg in legs(stack, area_code))
    assert len(per_number) == CONTACTS
    for n in range(CONTACTS):
        assert per_number[f"+1{area_code}5550{100 + n}"] == (2 if n % 5 == 0 else 1)


def test_an_uploaded_campaign_calls_everyone_and_completes(stack: Stack) -> None:
    campaign_id = campaign(stack, "303")
    act(stack, campaign_id, "start")
    wait_for_status(stack, campaign_id, "Completed", 90)
    nobody_was_dialed_twice(stack, "303")


def test_a_pause_stops_new_dials_within_a_second_and_a_resume_goes_on(stack: Stack) -> None:
    campaign_id = campaign(stack, "404")
    act(stack, campaign_id, "start")
    wait_until(lambda: len(legs(stack, "404")) >= 8, 30, "the campaign dials")
    act(stack, campaign_id, "pause")
    # What passed the gate before the pause may still be on its way to the carrier.
    stack.settle(1.0)
    dialed = len(legs(stack, "404"))
    stack.settle(3.0)
    assert len(legs(stack, "404")) == dialed
    act(stack, campaign_id, "resume")
    wait_for_status(stack, campaign_id, "Completed", 90)
    nobody_was_dialed_twice(stack, "404")


def test_killed_processes_lose_no_contact_and_double_none(stack: Stack) -> None:
    campaign_id = campaign(stack, "505")
    act(stack, campaign_id, "start")
    wait_until(lambda: len(legs(stack, "505")) >= 8, 30, "the campaign dials")
    stack.kill("worker")
    wait_until(stack.all_ready, 60, "everything ready again")
    stack.kill("temporal")
    wait_until(stack.all_ready, 60, "everything ready again")
    wait_for_status(stack, campaign_id, "Completed", 150)
    nobody_was_dialed_twice(stack, "505")


def test_a_canceled_campaign_dials_nobody_any_more(stack: Stack) -> None:
    campaign_id = campaign(stack, "606", maxConcurrent=2)
    act(stack, campaign_id, "start")
    wait_until(lambda: len(legs(stack, "606")) >= 2, 30, "the campaign dials")
    act(stack, campaign_id, "cancel")
    wait_for_status(stack, campaign_id, "Canceled", 30)
    stack.settle(1.0)
    dialed = len(legs(stack, "606"))
    stack.settle(3.0)
    assert len(legs(stack, "606")) == dialed < CONTACTS
