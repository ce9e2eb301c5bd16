"""What a row was refused for may go away: then it is a contact, without being uploaded again."""

import pytest

from tests.api.campaigns.test_blanks import campaign, pathway, staged
from tests.api.campaigns.test_campaigns import act, get, made, patch, person
from tests.api.files.test_uploads import people
from tests.api.world import Json, World

PLAIN = {"start": "bye", "variables": [], "nodes": {"bye": {"kind": "hang_up", "text": "Hello."}}}


async def states(world: World, draft: Json) -> list[str]:
    return [one["state"] for one in await people(world, draft)]


async def lacking(world: World, **changes: object) -> Json:
    """A draft of which one row of two has what the pathway says."""
    rows = [person(1, context={"name": "Ada"}), person(2)]
    draft = await campaign(world, **{"contacts": rows, **changes})
    assert await states(world, draft) == ["staged", "invalid"]
    return draft


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_another_text_of_the_pathway_takes_the_rows_in(world: World, method: str):
    draft = await lacking(world)
    agent = (await world.http.get(f"/api/v1/agents/{draft['agentId']}")).json()
    path = f"/api/v1/pathways/{agent['pathwayId']}"
    body = {"name": "plain", "kind": "script", "definition": PLAIN}
    assert (await world.http.request(method, path, json=body)).status_code == 200
    assert await states(world, draft) == ["staged", "staged"]
    assert [one["error"] for one in await people(world, draft)] == [None, None]
    found = await act(world, draft, "preflight")
    assert (found["contacts"], found["invalid"]) == (2, 0)


async def test_another_pathway_of_the_campaign_or_of_the_agent_does_so_too(world: World):
    plain = await world.pathway(definition=PLAIN)
    of_campaign, of_agent = await lacking(world), await lacking(world)
    await patch(world, of_campaign, {"pathwayId": plain})
    assert await states(world, of_campaign) == ["staged", "staged"]
    path = f"/api/v1/agents/{of_agent['agentId']}"
    assert (await world.http.patch(path, json={"pathwayId": plain})).status_code == 200
    assert await states(world, of_agent) == ["staged", "staged"]


async def test_what_the_campaign_says_for_all_fills_them(world: World):
    draft = await lacking(world)
    await patch(world, draft, {"defaults": {"context": {"name": "friend"}}})
    assert await states(world, draft) == ["staged", "staged"]


async def test_a_pathway_that_nobody_speaks_by_mends_nothing(world: World):
    draft = await lacking(world)
    other = await pathway(world)
    body = {"definition": PLAIN}
    assert (await world.http.patch(f"/api/v1/pathways/{other}", json=body)).status_code == 200
    assert await states(world, draft) == ["staged", "invalid"]


async def test_a_row_that_goes_on_to_lack_something_stays_refused(world: World):
    draft = await lacking(world)
    await patch(world, draft, {"pathwayId": await pathway(world, "Dear {{name}}.")})
    assert await states(world, draft) == ["staged", "invalid"]


async def test_nobody_is_taken_in_twice(world: World):
    rows = [person(1, context={"name": "Ada"}), person(1), person(2), person(2)]
    draft = await campaign(world, contacts=rows)
    await patch(world, draft, {"pathwayId": await world.pathway(definition=PLAIN)})
    assert await states(world, draft) == ["staged", "invalid", "staged", "invalid"]


async def test_a_contact_that_was_refused_when_its_turn_came_is_mended_and_called(world: World):
    draft = await made(world, contacts=[person(1, context={"name": "Ada"}), person(2)])
    named = await pathway(world)
    await patch(world, draft, {"pathwayId": named})
    await staged(world, draft)
    assert await states(world, draft) == ["called", "invalid"]
    path = f"/api/v1/pathways/{named}"
    assert (await world.http.patch(path, json={"definition": PLAIN})).status_code == 200
    assert await states(world, draft) == ["called", "staged"]
    assert draft["campaignId"] in world.gateway.campaigns_nudged
    assert (await get(world, draft))["status"] == "Running"
