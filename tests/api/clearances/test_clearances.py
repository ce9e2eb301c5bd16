"""What an agent demands to be known of numbers, over the API, and what was asked."""

from typing import Any

import pytest

from policy.model.number_checks import NumberCheck
from storage.clearances import requests
from tests.api.world import ENDPOINT, World

LINE = {"check": "line_type", "maxAge": "P30D", "refuse": ["nonFixedVoip"]}
OWNER = {"check": "reassigned", "maxAge": "PT12H", "noData": "dial"}
LIST = {"check": "list", "maxAge": "P31D", "list": "litigators"}


async def test_an_agent_keeps_what_it_demands(world: World):
    agent = await world.agent(clearances=[LINE, OWNER, LIST])
    shown = (await world.http.get(f"/api/v1/agents/{agent}")).json()
    assert shown["clearances"] == [LINE, OWNER, LIST]
    await world.http.patch(f"/api/v1/agents/{agent}", json={"clearances": None})
    assert (await world.http.get(f"/api/v1/agents/{agent}")).json()["clearances"] is None


@pytest.mark.parametrize(
    "said",
    [
        [{"check": "horoscope", "maxAge": "P1D"}],
        [{"check": "line_type"}],
        [{"check": "line_type", "maxAge": "PT59M"}],
        [{"check": "line_type", "maxAge": "P2Y"}],
        [{"check": "list", "maxAge": "P1D"}],
        [{"check": "line_type", "maxAge": "P1D", "list": "litigators"}],
        [{"check": "reassigned", "maxAge": "P1D", "refuse": ["mobile"]}],
        [{"check": "line_type", "maxAge": "P1D", "noData": "dial"}],
        [LINE, LINE],
        [{**LIST, "list": f"list{n}"} for n in range(21)],
    ],
)
async def test_what_cannot_be_demanded_is_refused_by_its_field(world: World, said: Any):
    body = {"name": "a", "callerIds": ["+12025550100"], "clearances": said}
    answer = await world.http.post("/api/v1/agents", json=body)
    assert answer.status_code == 422
    assert all(one["field"].startswith("clearances") for one in answer.json()["errors"])


async def test_a_call_shows_how_its_number_stands_and_what_was_asked(world: World):
    call = await world.call(agentId=await world.agent(clearances=[LINE, LIST]))
    path = f"/api/v1/calls/{call}/clearances"
    shown = (await world.http.get(path)).json()
    assert (shown["standing"], shown["requests"], shown["cost"]) == ("missing", [], 0)
    said = {one["rule"]: one["verdict"] for one in shown["requirements"]}
    assert said == {"clearance.line_type": "missing", "clearance.list.litigators": "missing"}
    plain = await world.call(agentId=await world.agent())
    assert (await world.http.get(f"/api/v1/calls/{plain}/clearances")).json()["standing"] is None
    assert (await world.http.get("/api/v1/calls/nobody/clearances")).status_code == 404


async def test_what_contacts_will_need_is_asked_ahead_and_its_cost_is_the_campaigns(world: World):
    shown = "+12025550101"
    agent = await world.agent(clearances=[LINE, LIST], callerIds=["+12025550100", shown])
    said = {"name": "c", "agentId": agent, "defaults": {"callerId": shown}}
    campaign = await world.post("/api/v1/campaigns", said)
    own = f"/api/v1/campaigns/{campaign['campaignId']}"
    contacts: list[Any] = [{"endpoint": f"+1202555{n:04}"} for n in range(110, 112)]
    contacts.append({"endpoint": "+12025550112", "otherNumbers": [{"endpoint": "+12025550113"}]})
    added = {"contacts": contacts}
    assert (await world.http.post(f"{own}/contacts", json=added)).status_code == 202
    wanted = (await world.http.post(f"{own}/clearances")).json()
    assert wanted == {"contacts": 3, "wanted": 4, "next": None}
    assert (await world.http.post(f"{own}/clearances")).json()["wanted"] == 0
    async with world.db.write() as session:
        claims = await requests.claim(session, world.clock.now, 10)
        await requests.answered(session, claims[0], "mobile", "", world.clock.now)
    # By whoever the number that is shown belongs to at the carrier.
    assert {(one.check, one.caller_id) for one in claims} == {(NumberCheck.LINE_TYPE, shown)}
    figures = {"requests": 4, "answered": 1, "cost": 32_000}
    assert (await world.http.get(f"{own}/clearances")).json() == figures
    assert (await world.http.get("/api/v1/account/clearances")).json() == figures


async def test_a_campaign_whose_agent_demands_nothing_is_told_so(world: World):
    agent = await world.agent()
    campaign = await world.post("/api/v1/campaigns", {"name": "c", "agentId": agent})
    own = f"/api/v1/campaigns/{campaign['campaignId']}"
    await world.http.post(f"{own}/contacts", json={"contacts": [{"endpoint": ENDPOINT}]})
    answer = await world.http.post(f"{own}/clearances")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_clearances")
