"""Rejected rows corrected or dropped over HTTP."""

from typing import Any

import pytest

from storage.tables import Contact
from tests.api.campaigns.test_campaigns import act, get, made, person
from tests.api.world import Json, World


async def draft(world: World, *wrong: str, **changes: Any) -> tuple[Json, list[int]]:
    """A draft with one good row, and the ids of its rejected ones."""
    rows = [person(1), *({"endpoint": one, "context": {"name": "Ada"}} for one in wrong)]
    campaign = await made(world, contacts=rows, **changes)
    found = await get(world, campaign, "/contacts", state="invalid")
    return campaign, [one["contactId"] for one in found["contacts"]]


async def test_a_row_is_good_once_it_is_corrected_and_keeps_all_else(world: World):
    campaign, [id] = await draft(world, "2125550124")
    said = {"corrections": [{"contactId": id, "context": {"city": "Troy"}}], "defaultCountry": "US"}
    assert await act(world, campaign, "contacts/corrections", said) == {
        "mended": [id],
        "dropped": [],
        "left": [],
        "rejected": [],
    }
    _, now = (await get(world, campaign, "/contacts"))["contacts"]
    assert (now["state"], now["endpoint"], now["error"]) == ("staged", "+12125550124", None)
    assert now["context"] == {"name": "Ada", "city": "Troy"}


async def test_one_that_is_still_wrong_says_why_and_keeps_what_was_said(world: World):
    campaign, [id, other] = await draft(world, "none", "neither")
    corrections = [
        {"contactId": id, "endpoint": "+12125550001"},
        {"contactId": other, "endpoint": "+12125550125", "timezone": "Mars"},
    ]
    told = await act(world, campaign, "contacts/corrections", {"corrections": corrections})
    assert told["mended"] == []
    codes = {one["contactId"]: one["error"]["code"] for one in told["rejected"]}
    assert codes == {id: "duplicate", other: "unknown_timezone"}
    kept = (await get(world, campaign, "/contacts", state="invalid"))["contacts"]
    assert kept == told["rejected"]
    assert [one["endpoint"] for one in kept] == ["+12125550001", "+12125550125"]


async def test_rows_are_dropped_and_only_rejected_ones_of_this_campaign(world: World):
    campaign, [id, other] = await draft(world, "none", "neither")
    _, [strange] = await draft(world, "nothing")
    [good, *_] = (await get(world, campaign, "/contacts"))["contacts"]
    drop = [id, good["contactId"], strange]
    told = await act(world, campaign, "contacts/corrections", {"drop": drop})
    assert (told["dropped"], told["left"]) == ([id], [good["contactId"], strange])
    left = (await get(world, campaign, "/contacts"))["contacts"]
    assert [one["contactId"] for one in left] == [good["contactId"], other]


async def test_all_that_were_seen_are_dropped_at_once(world: World):
    campaign, [id, other] = await draft(world, "none", "neither")
    path = f"/api/v1/campaigns/{campaign['campaignId']}/contacts/rejected"
    answer = await world.http.delete(path, params={"through": id})
    assert (answer.status_code, answer.json()) == (200, {"dropped": 1})
    found = await get(world, campaign, "/contacts", state="invalid")
    assert [one["contactId"] for one in found["contacts"]] == [other]
    assert (await world.http.delete(path)).status_code == 422


async def test_a_running_campaign_gets_the_mended_rows_and_one_that_is_over_none(world: World):
    campaign, [id, other] = await draft(world, "none", "neither")
    await act(world, campaign, "start")
    said = {"corrections": [{"contactId": id, "endpoint": "+12125550124"}]}
    await act(world, campaign, "contacts/corrections", said)
    assert campaign["campaignId"] in world.gateway.campaigns_nudged
    await act(world, campaign, "cancel")
    said = {"corrections": [{"contactId": other, "endpoint": "+12125550125"}]}
    told = await act(world, campaign, "contacts/corrections", said, 409)
    assert told["code"] == "campaign_over"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"corrections": [{"endpoint": "+12125550124"}]}, "corrections.0.contactId"),
        ({"corrections": [{"contactId": n} for n in range(1, 52)]}, "corrections"),
        ({"drop": [0]}, "drop.0"),
        ({"defaultCountry": "Mars"}, "defaultCountry"),
    ],
)
async def test_what_cannot_be_read_changes_nothing_and_is_named(
    world: World, body: Json, field: str
):
    campaign, _ = await draft(world, "none")
    told = await act(world, campaign, "contacts/corrections", body, 422)
    assert [one["field"] for one in told["errors"]] == [field]


async def test_the_corrected_number_is_dialed_and_the_further_ones_are_kept(world: World):
    campaign, [id] = await draft(world, "none")
    said = ("+12025550190", "+12025550191", "+12025550192")
    spec = [{"endpoint": one, "kind": "phone"} for one in said]
    async with world.db.write() as session:
        row = await session.get_one(Contact, id)
        row.numbers_spec = spec
        session.add(row)
    mend = {"corrections": [{"contactId": id, "endpoint": "+12025550192"}]}
    assert (await act(world, campaign, "contacts/corrections", mend))["mended"] == [id]
    async with world.db.read() as session:
        row = await session.get_one(Contact, id)
    assert row.numbers_spec is not None
    assert [one["endpoint"] for one in row.numbers_spec] == ["+12025550192", "+12025550191"]


async def test_an_extension_of_a_further_number_is_held_to_what_the_campaign_takes(world: World):
    campaign, [id] = await draft(world, "none")
    further = {"endpoint": "+12025550194", "kind": "phone", "extension": "12"}
    async with world.db.write() as session:
        row = await session.get_one(Contact, id)
        row.numbers_spec = [{"endpoint": "+12025550193", "kind": "phone"}, further]
        session.add(row)
    mend = {"corrections": [{"contactId": id, "endpoint": "+12025550193"}]}
    told = await act(world, campaign, "contacts/corrections", mend)
    assert [one["error"]["code"] for one in told["rejected"]] == ["has_extension"]
