"""Webhooks of a running campaign whose receiver fails in every way, while the worker is killed."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from tests.e2e.stack import Json, Stack
from tests.wait import wait_until
from tests.webhooks.server import ReceiverProcess

pytestmark = pytest.mark.e2e

CONTACTS = 60


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[ReceiverProcess]:
    folder = tmp_path / "receiver"
    folder.mkdir()
    made = ReceiverProcess(folder)
    made.answer("204")
    yield made.start()
    made.kill()


def campaign(stack: Stack) -> str:
    body = {"name": "tests", "agentId": stack.agent(), "maxConcurrent": 10}
    campaign_id = str(stack.post("/api/v1/campaigns", body)["campaignId"])
    human = {"answer": {"after": 1, "by": "human", "digits": "1"}}
    for n in range(CONTACTS):
        stack.script(f"+1970555{100 + n:04}", human)
    contacts = [{"endpoint": f"+1970555{100 + n:04}"} for n in range(CONTACTS)]
    stack.post(f"/api/v1/campaigns/{campaign_id}/contacts", {"contacts": contacts}, 202)
    stack.post(f"/api/v1/campaigns/{campaign_id}/start", {}, 200)
    return campaign_id


def events(stack: Stack, campaign_id: str) -> list[Json]:
    """All that happened, as the API lists it."""
    found: list[Json] = []
    after, more = "0-0", True
    while more:
        query = {"after": after, "take": "1000", "campaignId": campaign_id}
        page = stack.api.get("/api/v1/events", params=query).json()
        found += page["events"]
        after, more = page["next"], page["hasMore"]
    return found


def told_of(receiver: ReceiverProcess, campaign_id: str) -> list[Json]:
    """The campaign's events as the receiver acknowledged them, in the order it did."""
    told = [json.loads(body) for _, body in receiver.got()]
    return [event for event in told if event["campaignId"] == campaign_id]


def nothing_waits(stack: Stack, path: str) -> bool:
    counted = stack.api.get(path).json()["deliveries"]
    return bool(counted["pending"] == 0 and counted["failed"] == 0)


def test_a_receiver_that_fails_in_every_way_misses_nothing(
    stack: Stack, receiver: ReceiverProcess
) -> None:
    made = stack.post("/api/v1/webhooks", {"url": receiver.url})
    path = f"/api/v1/webhooks/{made['webhookId']}"
    campaign_id = campaign(stack)
    receiver.until(20)
    receiver.answer("500")
    stack.settle(2)
    receiver.answer("silent")
    stack.settle(2)
    receiver.kill()
    stack.kill("worker")
    stack.settle(2)
    receiver.answer("204")
    receiver.start()

    def completed() -> bool:
        view: Json = stack.api.get(f"/api/v1/campaigns/{campaign_id}").json()
        return bool(view["status"] == "Completed")

    wait_until(completed, "the end of the campaign", 180)

    def all_have_arrived() -> bool:
        happened = {event["id"] for event in events(stack, campaign_id)}
        return {event["id"] for event in told_of(receiver, campaign_id)} == happened

    # Whatever failed three times waits for two minutes and more.
    wait_until(all_have_arrived, "every event told", 240)
    wait_until(lambda: nothing_waits(stack, path), "the ledger says so, too")
    got = told_of(receiver, campaign_id)
    in_order_and_without_a_gap(got)
    for headers, body in receiver.got():
        assert Webhook(made["secret"]).verify(body, headers)["id"] == headers["webhook-id"]
    # What other tests do on this stack is not for a receiver that is gone.
    stack.api.delete(path).raise_for_status()


def in_order_and_without_a_gap(got: list[Json]) -> None:
    """By call, whatever came twice looked at once."""
    sequences: dict[str, list[int]] = defaultdict(list)
    for told in got:
        numbers = sequences[told["callId"] or told["campaignId"]]
        if told["sequence"] not in numbers:
            numbers.append(told["sequence"])
    assert len(sequences) == CONTACTS + 1
    for stream, numbers in sequences.items():
        first = numbers[0]
        assert numbers == list(range(first, first + len(numbers))), stream
        assert first == 1 or stream == got[0]["campaignId"]
