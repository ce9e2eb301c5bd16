"""Prerequisites: what rules ask of the account itself holds calls back until it is acknowledged."""

from typing import Any

from tests.api.worker import Worker, delete, get
from tests.api.world import Json, World

PREREQUISITES, ACKNOWLEDGEMENTS = "compliance/prerequisites", "compliance/acknowledgements"
TEXAS, REGISTERED = "+12145550123", "us-tx.solicitation_registration"
LIST = "/api/v1/suppressions/registries/{}?scrubbedTime=2026-11-20T00:00:00Z"
CONSENT = {"tier": "written", "method": "web form"}


async def acknowledge(world: World, status: int = 201, query: str = "", **said: Any) -> Json:
    body = {"prerequisite": REGISTERED, "reference": "2026-0104", **said}
    return await world.post(f"/api/v1/{ACKNOWLEDGEMENTS}{query}", body, status)


async def to_sell(world: World, **changes: Any) -> Json:
    """A call that may be made but for what the account has to acknowledge."""
    agent = await world.agent(purpose="telemarketing")
    return {"agentId": agent, "endpoint": TEXAS, "consent": CONSENT, **changes}


async def standing(world: World) -> Json:
    found: Json = next(
        one
        for one in (await get(world, PREREQUISITES))["prerequisites"]
        if one["prerequisite"] == REGISTERED
    )
    return found


async def test_a_call_that_needs_it_is_refused_until_it_is_acknowledged(world: World):
    asked = await to_sell(world)
    assert await world.refusal(**asked) == ("not_acknowledged", "purpose")
    made = await acknowledge(world)
    assert (made["by"].startswith("key "), made["at"]) == (True, "2026-11-23T15:00:00Z")
    call = await world.view(await world.call(**asked))
    assert call["status"] == "Created"


async def test_what_is_asked_is_listed_with_the_rules_and_what_was_said(world: World):
    before = await standing(world)
    assert (before["isMet"], before["acknowledgement"]) == (False, None)
    assert [rule["ruleId"] for rule in before["rules"]] == ["us.tx.registration"]
    await acknowledge(world, expiresTime="2027-01-04T00:00:00Z")
    after = await standing(world)
    assert (after["isMet"], after["acknowledgement"]["reference"]) == (True, "2026-0104")


async def test_a_rule_that_needs_a_reference_gets_one(world: World):
    answer = await acknowledge(world, 422, reference=None)
    assert [(one["code"], one["field"]) for one in answer["errors"]] == [("required", "reference")]


async def test_nobody_acknowledges_what_no_rule_asks_or_what_is_over(world: World):
    for said, field in (
        ({"prerequisite": "us-tx.nothing"}, "prerequisite"),
        ({"expiresTime": "2026-11-01T00:00:00Z"}, "expiresTime"),
    ):
        answer = await acknowledge(world, 422, **said)
        assert [one["field"] for one in answer["errors"]] == [field]


async def test_the_same_said_twice_is_one_record_and_a_renewal_ends_the_one_before(world: World):
    first = await acknowledge(world)
    assert await acknowledge(world) == first
    await acknowledge(world, reference="2027-0104")
    records = (await get(world, PREREQUISITES))["acknowledgements"]
    assert [(one["reference"], one["endedAt"] is None) for one in records] == [
        ("2026-0104", False),
        ("2027-0104", True),
    ]


async def test_a_call_waits_when_it_is_withdrawn_and_goes_on_when_it_is_said_again(
    world: World, worker: Worker
):
    await acknowledge(world)
    tomorrow = {"notBefore": "2026-11-24T16:00:00Z"}
    call_id = await world.call(**await to_sell(world, schedule=tomorrow))
    await worker.decide(call_id)
    path = f"{ACKNOWLEDGEMENTS}/{REGISTERED}"
    moves = await delete(world, path, dryRun=True)
    assert moves["moved"] == 1
    assert moves["moves"][0]["becomes"]["reason"] == "not_acknowledged"
    assert (await delete(world, path))["endedBy"].startswith("key ")
    await worker.decide(call_id)
    waiting = await world.view(call_id)
    assert (waiting["status"], waiting["reason"]) == ("Queued", "not_acknowledged")
    await acknowledge(world)
    await worker.decide(call_id)
    assert (await world.view(call_id))["reason"] != "not_acknowledged"


async def test_an_account_that_is_no_bank_may_call_india_from_any_number(world: World):
    agent = await world.agent(purpose="service")
    asked = {"agentId": agent, "endpoint": "+912225550123", "consent": CONSENT}
    await acknowledge(world, prerequisite="in.dlt", reference="1101")
    assert await world.refusal(**asked) == ("caller_id_range", "callerId")
    answer = await world.http.patch("/api/v1/account", json={"sector": "other"})
    assert (answer.status_code, answer.json()["sector"]) == (200, "other")
    assert (await world.view(await world.call(**asked)))["status"] == "Created"


async def test_of_several_numbers_one_of_the_prescribed_range_is_taken(world: World):
    numbers = ["+911600000123", "+12125550100", "+912225550100"]
    agent = await world.agent(purpose="service", callerIds=numbers)
    await acknowledge(world, prerequisite="in.dlt", reference="1101")
    asked = {"agentId": agent, "consent": CONSENT}
    indian = await world.view(await world.call(**asked, endpoint="+912225550123"))
    assert indian["callerId"] == "+911600000123"
    other = await world.view(await world.call(**asked, endpoint="+12125550123"))
    assert other["callerId"] == "+12125550100"
