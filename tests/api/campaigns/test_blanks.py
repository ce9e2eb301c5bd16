"""A contact who lacks a variable of the pathway is a row that is refused, and nobody is dialed."""

import json
from typing import Any

import pytest
from sqlmodel import select

from activities import staged_contacts
from policy.model.call import CampaignStatus
from storage.campaigns import campaigns
from storage.facts.gather import FactGatherer
from storage.tables import Call
from tests.api.campaigns.test_campaigns import get, made, patch, person
from tests.api.files.test_uploads import people, upload_to
from tests.api.world import Json, World

TABLE = "phone,Customer Name,When\n+12125550101,Ada,at ten\n+12125550102,,at two\n"


async def pathway(world: World, text: str = "Hello {{name}}, it is {{time|soon}}.") -> str:
    nodes = {"bye": {"kind": "hang_up", "text": text}}
    definition = {"start": "bye", "variables": ["name", "time"], "nodes": nodes}
    return await world.pathway(definition=definition)


async def campaign(world: World, **changes: Any) -> Json:
    agent_id = await world.agent(pathwayId=await pathway(world))
    return await made(world, agentId=agent_id, **{"contacts": [], **changes})


async def staged(world: World, draft: Json) -> None:
    """What the worker does when it is started: contacts become calls."""
    async with world.db.write() as session:
        row = await campaigns.lock(session, draft["campaignId"])
        assert row is not None
        await campaigns.set_status(session, row, CampaignStatus.RUNNING, world.clock.now)
        await staged_contacts.stage(session, row, world.clock.now, FactGatherer(), page=100)


def loaded(view: Json) -> tuple[int, list[tuple[int, str]]]:
    return view["accepted"], [(one["row"], one["code"]) for one in view["errors"]]


async def test_a_call_that_lacks_a_variable_is_refused_and_the_variable_named(world: World):
    agent_id = await world.agent(pathwayId=await pathway(world))
    body = await world.body(agentId=agent_id, context={"time": "ten"})
    problem = await world.post("/api/v1/calls", body, 422)
    assert (problem["code"], problem["errors"][0]["field"]) == ("missing_variable", "context")
    assert "name" in problem["detail"]
    rows = [{**body, "context": {"name": "Ada"}}, {**body, "endpoint": "+12125550188"}]
    answer = await world.http.post("/api/v1/calls/bulk", json={"calls": rows})
    assert answer.status_code == 207, answer.text
    first, second = answer.json()["results"]
    assert first["status"] == "accepted"
    assert (second["status"], second["error"]["reason"]) == ("rejected", "missing_variable")


async def test_a_voicemail_message_must_not_have_a_blank_either(world: World):
    voicemail = {"action": "leave_message", "message": "Call us, {{when}}."}
    assert await world.refusal(voicemail=voicemail) == ("missing_variable", "context")


async def test_a_pathway_without_variables_asks_for_nothing(world: World):
    stream = {"url": "wss://agent.example/stream"}
    pathway_id = await world.pathway(kind="stream", definition=stream)
    await world.call(agentId=await world.agent(pathwayId=pathway_id), context={})


async def test_contacts_that_lack_a_variable_are_refused_one_by_one(world: World):
    rows = [person(1, context={"name": "Ada"}), person(2), person(3, context={"name": " "})]
    draft = await campaign(world, contacts=rows)
    assert loaded(draft["contacts"]) == (1, [(2, "missing_variable"), (3, "missing_variable")])
    defaults = {"context": {"name": "friend"}}
    filled = await campaign(world, contacts=rows, defaults=defaults)
    assert filled["contacts"]["accepted"] == 3
    await staged(world, filled)
    async with world.db.read() as session:
        said = [one.context["name"] for one in (await session.exec(select(Call))).all()]
    assert sorted(said) == ["Ada", "friend", "friend"]


async def test_a_column_of_a_like_name_fills_a_variable_and_the_answer_says_so(world: World):
    draft = await campaign(world)
    view = await upload_to(world, draft, TABLE.encode())
    assert view["columns"] == {"name": "Customer Name"}
    assert loaded(view) == (1, [(3, "missing_variable")])
    [ada, _] = await people(world, draft)
    assert ada["context"] == {"Customer Name": "Ada", "When": "at ten", "name": "Ada"}


async def test_columns_are_mapped_as_the_request_says(world: World):
    draft = await campaign(world)
    named = json.dumps({"When": "time", "Customer Name": "name"})
    view = await upload_to(world, draft, TABLE.encode(), columnMap=named)
    assert view["columns"] == {"name": "Customer Name", "time": "When"}
    [ada, _] = await people(world, draft)
    assert (ada["context"]["name"], ada["context"]["time"]) == ("Ada", "at ten")


@pytest.mark.parametrize(
    "named", ["[]", "{", '{"Customer Name": 1}', '{"a": "name", "b": "name"}', '{"Gone": "name"}']
)
async def test_a_map_that_cannot_be_followed_is_refused(world: World, named: str):
    draft = await campaign(world)
    problem = await upload_to(world, draft, TABLE.encode(), 422, columnMap=named)
    assert problem["errors"][0]["field"] == "columnMap"
    assert await people(world, draft) == []


async def test_a_preflight_tells_of_blanks_that_came_with_another_pathway(world: World):
    draft = await made(world, contacts=[person(1, context={"name": "Ada"}), person(2)])
    assert draft["contacts"]["accepted"] == 2
    await patch(world, draft, {"pathwayId": await pathway(world)})
    path = f"/api/v1/campaigns/{draft['campaignId']}/preflight"
    found = await world.post(path, {}, 200)
    assert (found["contacts"], found["reasons"]["missing_variable"]) == (2, 1)
    assert "name" in found["rows"][1]["detail"]


async def test_nobody_is_dialed_with_a_blank_whenever_it_arose(world: World):
    draft = await made(world, contacts=[person(1, context={"name": "Ada"}), person(2)])
    await patch(world, draft, {"pathwayId": await pathway(world)})
    await staged(world, draft)
    rows = (await get(world, draft, "/contacts"))["contacts"]
    assert [one["state"] for one in rows] == ["called", "invalid"]
