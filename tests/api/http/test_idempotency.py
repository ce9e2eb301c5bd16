"""Idempotency-Key: one call however often the request is sent."""

import asyncio
import json

from tests.api.campaigns.test_campaigns import made
from tests.api.world import World

CALLS = "/api/v1/calls"


async def total(world: World) -> int:
    return int((await world.http.get(CALLS)).json()["total"])


async def test_the_same_request_gets_the_same_answer_and_makes_one_call(world: World):
    body = await world.body()
    first = await world.http.post(CALLS, json=body, headers={"Idempotency-Key": "a"})
    again = await world.http.post(CALLS, json=body, headers={"Idempotency-Key": "a"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert await total(world) == 1


async def test_spacing_and_order_of_keys_do_not_make_another_body(world: World):
    body = await world.body()
    turned = json.dumps(dict(reversed(body.items())), indent=3)
    headers = {"Idempotency-Key": "a", "Content-Type": "application/json"}
    first = await world.http.post(CALLS, json=body, headers=headers)
    again = await world.http.post(CALLS, content=turned, headers=headers)
    assert again.json() == first.json()


async def test_the_same_key_with_another_body_is_a_conflict(world: World):
    body = await world.body()
    await world.post(CALLS, body, 202, Idempotency_Key="a")
    problem = await world.post(CALLS, {**body, "priority": 9}, 409, Idempotency_Key="a")
    assert problem["code"] == "idempotency_key_reused"


async def test_a_refused_request_does_not_use_up_its_key(world: World):
    body = await world.body()
    await world.post(CALLS, {**body, "endpoint": "nonsense"}, 422, Idempotency_Key="a")
    await world.post(CALLS, body, 202, Idempotency_Key="a")


async def test_a_key_is_forgotten_after_a_day(world: World):
    body = {**await world.body(), "allowDuplicate": True}
    first = await world.post(CALLS, body, 202, Idempotency_Key="a")
    world.clock.pass_(hours=24, seconds=1)
    assert (await world.post(CALLS, body, 202, Idempotency_Key="a"))["callId"] != first["callId"]


async def test_of_many_at_once_one_makes_the_call(world: World):
    body = {**await world.body(), "allowDuplicate": True}
    answers = await asyncio.gather(
        *(world.http.post(CALLS, json=body, headers={"Idempotency-Key": "a"}) for _ in range(8))
    )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["callId"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 7
    assert await total(world) == 1


async def test_a_key_that_is_too_long_is_refused_by_its_name(world: World):
    problem = await world.post(CALLS, await world.body(), 422, Idempotency_Key="k" * 256)
    assert problem["errors"][0]["field"] == "Idempotency-Key"


async def test_a_key_of_one_campaigns_contacts_is_refused_for_another_campaign(
    world: World,
):
    body = {"contacts": [{"phone": "+12125550123"}]}
    key = {"Idempotency-Key": "contacts-1"}
    first, second = [
        f"/api/v1/campaigns/{(await made(world, contacts=[]))['campaignId']}/contacts"
        for _ in range(2)
    ]
    loaded = await world.http.post(first, json=body, headers=key)
    again = await world.http.post(first, json=body, headers=key)
    assert (again.status_code, again.json()) == (202, loaded.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await world.http.post(second, json=body, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
