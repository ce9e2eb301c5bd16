"""Every way in calls from the same number of the agent's: one near the recipient."""

from storage.campaigns.call_from_contact import call_of
from storage.tables import Agent, Campaign, Contact
from tests.api.world import Json, World

NEW_YORK, CHICAGO, OTHER_CHICAGO = "+12125550100", "+13125550100", "+18725550100"
POOL = [NEW_YORK, CHICAGO, OTHER_CHICAGO]
IN_NEW_YORK, IN_CHICAGO = "+19175550123", "+13125550123"
CALLS = "/api/v1/calls"


async def submitted(world: World, agent_id: str, endpoint: str, **said: object) -> Json:
    body = await world.body(agentId=agent_id, endpoint=endpoint, allowDuplicate=True, **said)
    return await world.post(CALLS, body, 202)


async def in_bulk(world: World, agent_id: str, endpoint: str) -> Json:
    row = await world.body(agentId=agent_id, endpoint=endpoint, allowDuplicate=True)
    answer = await world.post(f"{CALLS}/bulk", {"calls": [row]}, 202)
    return await world.view(answer["results"][0]["call"]["callId"])


async def of_a_contact(world: World, agent_id: str, endpoint: str) -> str:
    async with world.db.read() as session:
        agent = await session.get(Agent, agent_id)
    assert agent is not None
    campaign = Campaign(
        account_id=agent.account_id, agent_id=agent_id, name="c", timezone="UTC", defaults_spec={}
    )
    contact = Contact(campaign_id=campaign.campaign_id, row_number=1, endpoint=endpoint)
    return call_of(campaign, contact, agent, world.clock.now).caller_id


async def test_a_call_a_row_and_a_contact_are_called_from_the_same_near_number(world: World):
    agent_id = await world.agent(callerIds=POOL)
    for endpoint, near in ((IN_NEW_YORK, {NEW_YORK}), (IN_CHICAGO, {CHICAGO, OTHER_CHICAGO})):
        alone = (await submitted(world, agent_id, endpoint))["callerId"]
        assert alone in near
        assert (await in_bulk(world, agent_id, endpoint))["callerId"] == alone
        assert await of_a_contact(world, agent_id, endpoint) == alone


async def test_a_number_that_is_named_goes_before_the_nearest(world: World):
    agent_id = await world.agent(callerIds=POOL)
    call = await submitted(world, agent_id, IN_CHICAGO, callerId=NEW_YORK)
    assert call["callerId"] == NEW_YORK


async def test_a_call_keeps_its_number_when_the_agent_loses_it(world: World):
    agent_id = await world.agent(callerIds=POOL)
    call = await submitted(world, agent_id, IN_NEW_YORK)
    answer = await world.http.patch(f"/api/v1/agents/{agent_id}", json={"callerIds": [CHICAGO]})
    assert answer.status_code == 200
    attempt = await world.dial(call["callId"])
    assert attempt.from_endpoint == NEW_YORK
    assert (await submitted(world, agent_id, IN_NEW_YORK))["callerId"] == CHICAGO
