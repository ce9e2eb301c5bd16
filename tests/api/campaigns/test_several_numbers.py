"""Contacts of people with several numbers: taken once, looked ahead at, judged anew, copied."""

from policy.model.call import CampaignStatus, Outcome
from storage.campaigns import campaigns
from tests.api.campaigns.test_campaigns import act, get, made
from tests.api.campaigns.test_contact_rechecks import CONSENTS, GIVEN, feed, running
from tests.api.campaigns.test_preflight import preflight
from tests.api.worker import ask_for_consent
from tests.api.world import Json, World

#: Monday, 10 in New York and 5 in Honolulu: calls may be made from 8 on.
ADA, ADA_HOME, ADA_WORK = "+12125550161", "+18085550162", "+12125550163"
BOB = "+12125550164"


def ada(first: str = ADA, *others: str) -> Json:
    more = [{"endpoint": one} for one in others or (ADA_HOME, ADA_WORK)]
    return {"endpoint": first, "otherNumbers": more}


def numbers(contact: Json) -> list[str]:
    return [one["endpoint"] for one in contact["numbers"]]


async def test_a_person_with_several_numbers_is_taken_once_by_whichever_of_them(world: World):
    mobile = {"endpoint": ADA, "otherNumbers": [{"endpoint": ADA_HOME, "type": "home"}]}
    again = [ada(BOB, ADA_HOME), {"endpoint": ADA_HOME}, ada("+12125550165", BOB)]
    wrong = [ada(BOB, "+1212"), ada(BOB, BOB), {"endpoint": BOB, "otherNumbers": BOB}]
    late = [{"endpoint": "nobody", "otherNumbers": [{"endpoint": ADA_WORK}]}]
    campaign = await made(world, contacts=[mobile, *again, *wrong, *late])
    listed = (await get(world, campaign, "/contacts"))["contacts"]
    assert numbers(listed[0]) == [ADA, ADA_HOME]
    assert listed[0]["numbers"][1]["type"] == "home"
    errors = [(one["error"] or {}) for one in listed]
    assert [(one.get("code"), one.get("field")) for one in errors] == [
        (None, None),
        ("duplicate", "otherNumbers"),
        ("duplicate", "endpoint"),
        (None, None),
        ("invalid_number", "otherNumbers.0.endpoint"),
        ("repeated", "otherNumbers.0.endpoint"),
        ("invalid_field", "otherNumbers"),
        ("invalid_number", "endpoint"),
    ]
    more = await act(world, campaign, "contacts", {"contacts": [{"endpoint": BOB}]}, 202)
    assert (more["accepted"], more["errors"][0]["code"]) == (0, "duplicate")
    mend = {"corrections": [{"contactId": listed[-1]["contactId"], "endpoint": "+12125550166"}]}
    assert len((await act(world, campaign, "contacts/corrections", mend))["mended"]) == 1
    for said in ("nobody", "+12125550169"):
        lost = {"contactId": listed[4]["contactId"], "endpoint": said}
        found = await act(world, campaign, "contacts/corrections", {"corrections": [lost]})
        assert [one["error"]["field"] for one in found["rejected"]] == ["otherNumbers.0.endpoint"]
    listed = (await get(world, campaign, "/contacts"))["contacts"]
    assert numbers(listed[7]) == ["+12125550166", ADA_WORK]
    copy = await act(world, campaign, "duplicate", {"name": "again"}, 201)
    copied = (await get(world, copy, "/contacts"))["contacts"]
    assert numbers(copied[0]) == [ADA, ADA_HOME]
    more = await act(world, copy, "contacts", {"contacts": [{"endpoint": ADA_HOME}]}, 202)
    assert more["accepted"] == 0


async def test_a_look_ahead_finds_whoever_may_be_called_at_any_of_their_numbers(world: World):
    await world.post("/api/v1/suppressions", {"endpoint": ADA})
    people = [ada(), ada(BOB, "+18085550167"), ada("+18085550168", "+18085550169")]
    campaign = await made(world, contacts=people)
    found = await preflight(world, campaign)
    assert [(row["verdict"], len(row["timezones"])) for row in found["rows"]] == [
        ("ready", 2),
        ("ready", 2),
        ("later", 1),
    ]
    ahead = await act(world, campaign, "forecast")
    assert (ahead["refused"], ahead["contacts"]) == ({}, 3)
    assert any("several numbers" in note for note in ahead["notes"])
    for endpoint in (ADA_HOME, ADA_WORK):
        await world.post("/api/v1/suppressions", {"endpoint": endpoint})
    refused = (await preflight(world, campaign))["rows"][0]
    assert (refused["verdict"], refused["reason"]) == ("refused", "suppressed")
    assert [*(await act(world, campaign, "forecast"))["refused"]] == ["do_not_call"]


async def test_what_changes_for_a_further_number_has_its_contact_looked_at_anew(world: World):
    await ask_for_consent(world)
    campaign = await running(world, contacts=[ada()])
    assert await feed(world, campaign) == {ADA: "no_consent"}
    await act(world, campaign, "contacts", {"contacts": [ada("+12125550166", ADA_WORK)]}, 202)
    assert await feed(world, campaign) == {ADA: "no_consent", "+12125550166": "no_consent"}
    await world.post(CONSENTS, {"endpoint": ADA_WORK, **GIVEN})
    # It is a number of both rows; nobody is called for both.
    assert await feed(world, campaign) == {ADA: "called", "+12125550166": "no_consent"}
    async with world.db.write() as session:
        row = await campaigns.load(session, campaign["campaignId"])
        assert row is not None
        await campaigns.set_status(session, row, CampaignStatus.COMPLETED, world.clock.now)
    copy = await act(world, campaign, "redial", {"outcomes": [Outcome.SUPPRESSED]}, 422)
    assert copy["code"] == "no_match"
