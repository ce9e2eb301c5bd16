"""What would become of a call, asked before it is made."""

from sqlmodel import func, select

from storage.tables import Call, Event
from tests.api.world import ENDPOINT, World

PREVIEW = "/api/v1/calls/preview"
LONG_AGO = "2020-01-01T00:00:00Z"


async def test_a_call_that_may_be_made_now_would_be_dialed_and_nothing_is_written(world: World):
    told = await world.post(PREVIEW, await world.body(priority=7), 200)
    assert (told["decision"], told["endpoint"], told["priority"]) == ("dial", ENDPOINT, 7)
    assert told["clocks"] == [
        {"timezone": "America/New_York", "localTime": "2026-11-23T10:00:00-05:00"}
    ]
    async with world.db.read() as session:
        for table in (Call, Event):
            assert (await session.exec(select(func.count()).select_from(table))).one() == 0
    assert world.gateway.started == []


async def test_one_that_must_wait_says_until_when_and_why(world: World):
    world.clock.pass_(hours=13)
    told = await world.post(PREVIEW, await world.body(), 200)
    assert (told["decision"], told["until"]) == ("wait", "2026-11-24T13:00:00Z")
    assert told["reason"]
    assert told["detail"]


async def test_of_several_numbers_it_is_about_the_one_that_would_be_called_first(world: World):
    evening = {"start": "18:00", "end": "20:00"}
    chicago = {"endpoint": "+13125550152", "type": "work"}
    pool = ["+12125550101", "+13125550101"]
    body = await world.body(
        agentId=await world.agent(callerIds=pool), endpointHours=evening, otherNumbers=[chicago]
    )
    told = await world.post(PREVIEW, body, 200)
    assert (told["decision"], told["endpoint"]) == ("dial", "+13125550152")
    assert (told["callerId"], told["clocks"][0]["timezone"]) == (pool[1], "America/Chicago")
    world.clock.pass_(hours=20)
    told = await world.post(PREVIEW, body, 200)
    assert (told["decision"], told["endpoint"]) == ("wait", "+13125550152")


async def test_it_is_refused_as_the_call_would_be(world: World):
    body = await world.body()
    for wrong in ({"callDeadline": LONG_AGO}, {"endpoint": "none"}, {"agentId": "nobody"}):
        said = {**body, **wrong}
        told = await world.post(PREVIEW, said, 422)
        assert told["errors"] == (await world.post("/api/v1/calls", said, 422))["errors"]
    await world.post("/api/v1/calls", body, 202)
    assert (await world.post(PREVIEW, body, 422))["errors"][0]["code"] == "duplicate"


async def test_only_who_may_make_the_call_may_ask(world: World):
    body = await world.body()
    await world.narrow(["calls:read", "compliance:*"])
    assert (await world.http.post(PREVIEW, json=body)).status_code == 403
    await world.narrow(["calls:write"])
    assert (await world.http.post(PREVIEW, json=body)).status_code == 200
