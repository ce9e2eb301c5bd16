"""Contacts that were put off or refused are looked at anew when what spoke against changes."""

from typing import Any

import pytest

from activities import staged_contacts
from api.replan import replan
from policy.model.call import CampaignStatus, DecisionKind, Outcome, WaitingFor
from storage.campaigns import campaigns
from storage.facts.gather import FactGatherer
from tests.api.campaigns.test_campaigns import act, called, get, made, person
from tests.api.compliance.test_overlays import OVERLAYS
from tests.api.worker import ask_for_consent, delete, upload
from tests.api.world import MONDAY, Json, World

CONSENTS = "/api/v1/consents"
FIRST, SECOND = person(1)["endpoint"], person(2)["endpoint"]
GIVEN = {"tier": "express", "method": "web form"}


class KilledError(Exception):
    """Stands for the end of a process."""


async def feed(world: World, campaign: Json) -> dict[str, str | None]:
    """What the worker does with the staged contacts; the code of each contact by its number."""
    async with world.db.write() as session:
        row = await campaigns.load(session, campaign["campaignId"])
        assert row is not None
        await staged_contacts.stage(session, row, world.clock.now, FactGatherer(), page=100)
    listed = (await get(world, campaign, "/contacts"))["contacts"]
    return {one["endpoint"]: (one["error"] or {}).get("code") or one["state"] for one in listed}


async def running(world: World, **changes: Any) -> Json:
    campaign = await made(world, **changes)
    await act(world, campaign, "start")
    return campaign


async def test_a_consent_that_comes_later_lets_its_contact_be_called(world: World):
    await ask_for_consent(world)
    campaign = await running(world)
    assert await feed(world, campaign) == {FIRST: "no_consent", SECOND: "no_consent"}
    await world.post(CONSENTS, {"endpoint": FIRST, **GIVEN})
    assert world.gateway.campaigns_nudged == [campaign["campaignId"]]
    assert await feed(world, campaign) == {FIRST: "called", SECOND: "no_consent"}


async def test_contacts_are_looked_at_before_calls_that_look_again_by_themselves(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """A process that ends while thousands of calls are told leaves no row refused for good."""
    await ask_for_consent(world)
    campaign = await running(world)
    await feed(world, campaign)

    async def killed(*_of: object) -> None:
        raise KilledError

    monkeypatch.setattr(replan, "moved_page", killed)
    with pytest.raises(KilledError):
        await world.post(CONSENTS, {"endpoint": FIRST, **GIVEN})
    assert await feed(world, campaign) == {FIRST: "called", SECOND: "no_consent"}


async def test_imported_consents_let_their_contacts_be_called(world: World):
    await ask_for_consent(world)
    campaign = await running(world)
    await feed(world, campaign)
    await upload(world, "POST", "consents/import", ["Phone", FIRST, SECOND], **GIVEN)
    assert await feed(world, campaign) == {FIRST: "called", SECOND: "called"}


async def test_a_do_not_call_entry_that_is_taken_back_does_the_same(world: World):
    entry = await world.post("/api/v1/suppressions", {"endpoint": FIRST})
    campaign = await running(world)
    assert (await feed(world, campaign))[FIRST] == "do_not_call"
    await delete(world, f"suppressions/{entry['suppressionId']}")
    assert (await feed(world, campaign))[FIRST] == "called"


async def test_contacts_that_a_blackout_put_off_are_called_when_it_is_lifted(world: World):
    storm = {"kind": "blackout", "jurisdiction": "US-NY", "startsAt": "2026-11-23T00:00:00Z"}
    overlay = await world.post(OVERLAYS, storm)
    campaign = await running(world)
    assert await feed(world, campaign) == {FIRST: "staged", SECOND: "staged"}
    await delete(world, f"compliance/overlays/{overlay['overlayId']}")
    assert await feed(world, campaign) == {FIRST: "called", SECOND: "called"}


async def test_a_number_that_was_added_once_more_since_is_called_once(world: World):
    await ask_for_consent(world)
    campaign = await running(world, contacts=[person(1)])
    await feed(world, campaign)
    await act(world, campaign, "contacts", {"contacts": [person(1)]}, 202)
    await feed(world, campaign)
    await world.post(CONSENTS, {"endpoint": FIRST, **GIVEN})
    await feed(world, campaign)
    listed = (await get(world, campaign, "/contacts"))["contacts"]
    assert sorted(one["state"] for one in listed) == ["called", "invalid"]


async def test_what_was_never_a_number_stays_invalid(world: World):
    campaign = await running(world, contacts=[person(1), {"endpoint": "nobody"}])
    await world.post(CONSENTS, {"endpoint": FIRST, **GIVEN})
    assert (await feed(world, campaign))["nobody"] == "invalid_number"


async def test_a_redial_of_the_suppressed_has_the_contacts_that_might_not_be_called(world: World):
    await ask_for_consent(world)
    campaign = await running(world, contacts=[person(1), person(2), {"endpoint": "nobody"}])
    await world.post(CONSENTS, {"endpoint": SECOND, **GIVEN})
    await feed(world, campaign)
    async with world.db.write() as session:
        row = await campaigns.load(session, campaign["campaignId"])
        assert row is not None
        await campaigns.set_status(session, row, CampaignStatus.COMPLETED, world.clock.now)
    outcomes = [Outcome.SUPPRESSED, Outcome.BUSY]
    copy = await act(world, campaign, "redial", {"outcomes": outcomes}, 201)
    [contact] = (await get(world, copy, "/contacts"))["contacts"]
    assert (contact["endpoint"], contact["state"]) == (FIRST, "staged")


@pytest.mark.parametrize(
    ("change", "reason", "until"),
    [
        (
            {"window": {"start": "12:00", "end": "13:00"}},
            "call_window",
            "2026-11-23T17:00:00Z",
        ),
        ({"notBefore": "2026-11-25T10:00:00"}, "not_before", "2026-11-25T15:00:00Z"),
        (
            {
                "window": {"start": "12:00", "end": "13:00"},
                "callDeadline": "2026-11-23T11:00:00",
            },
            "deadline_unreachable",
            None,
        ),
    ],
)
async def test_a_dry_run_of_a_campaigns_schedule_says_which_calls_move_and_to_when(
    world: World, change: Json, reason: str, until: str | None
):
    campaign = await made(world, contacts=[person(1)])
    await act(world, campaign, "start")
    [call] = await called(world, campaign)
    path = f"/api/v1/campaigns/{campaign['campaignId']}"
    # A call of which nothing is decided yet moves only to its end.
    sleeps = {"waiting_for": WaitingFor.WINDOW, "until": MONDAY}
    await world.decide(call.call_id, DecisionKind.WAIT, **sleeps)
    answer = await world.http.patch(f"{path}?dryRun=true", json={"schedule": change})
    assert answer.status_code == 200, answer.text
    [move] = answer.json()["moves"]
    assert move["callId"] == call.call_id
    assert (move["becomes"]["reason"], move["becomes"]["until"]) == (reason, until)
    assert (await get(world, campaign))["schedule"] == campaign["schedule"]
    assert world.gateway.replanned == []
