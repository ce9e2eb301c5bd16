"""Variants over HTTP: said, refused at their field, made into calls, compared."""

from typing import Any

import pytest
from sqlmodel import col, select, update

from activities import staged_contacts
from policy.model.call import Outcome
from policy.transfers.targets import TransferState
from storage.campaigns import campaigns
from storage.facts.gather import FactGatherer
from storage.tables import Agent, Call, CallVariant, Transfer
from tests.api.campaigns.test_campaigns import act, made, patch, person
from tests.api.world import CALLER_ID, Json, World
from tests.storage import make

SPLIT = {
    "success": ["confirmed"],
    "variants": [
        {"name": "as now"},
        {"name": "evening", "window": {"start": "00:00", "end": "23:59"}, "callerId": CALLER_ID},
    ],
}


async def put(world: World, campaign: Json, body: Any, status: int = 200) -> Json:
    path = f"/api/v1/campaigns/{campaign['campaignId']}/split"
    answer = await world.http.put(path, json=body)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def shown(world: World, campaign: Json, status: int = 200) -> Json:
    answer = await world.http.get(f"/api/v1/campaigns/{campaign['campaignId']}/split")
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def staged(world: World, campaign: Json) -> dict[str, list[Call]]:
    """What the feed makes of the contacts: calls by the name of their variant."""
    campaign_id = campaign["campaignId"]
    async with world.db.write() as session:
        row = await campaigns.lock(session, campaign_id)
        assert row is not None
        now = world.clock.now
        await staged_contacts.stage(session, row, now, FactGatherer(), page=100)
    async with world.db.read() as session:
        statement = select(CallVariant.variant, Call).join(
            Call, col(Call.call_id) == col(CallVariant.call_id)
        )
        found = (await session.exec(statement)).all()
    by_name: dict[str, list[Call]] = {}
    for name, call in found:
        by_name.setdefault(name, []).append(call)
    return by_name


async def test_each_contact_is_called_by_one_variant_with_what_that_says(world: World) -> None:
    people = [person(n) for n in range(30)]
    campaign = await made(world, contacts=people, maxConcurrent=50)
    told = await put(world, campaign, {**SPLIT, "transferredTo": ["sales"]})
    assert told["transferredTo"] == ["sales"]
    await act(world, campaign, "start")
    calls = await staged(world, campaign)
    assert {*calls} == {"as now", "evening"}
    assert all(call.window_spec for call in calls["evening"])
    assert not any(call.window_spec for call in calls["as now"])
    async with world.db.write() as session:
        won = [call.call_id for call in calls["evening"]]
        ended = update(Call).where(col(Call.call_id).in_(won))
        await session.exec(ended.values(outcome=Outcome.CONFIRMED))
    plain, evening = (await shown(world, campaign))["variants"]
    assert (evening["successes"], evening["ended"]) == (len(won), len(won))
    assert evening["interval"]["high"] == 1
    assert (plain["calls"], plain["ended"], plain["rate"]) == (len(calls["as now"]), 0, None)
    assert (plain["difference"], evening["difference"]) == (None, {"low": -1, "high": 1})
    for call, target in zip(calls["as now"], ("sales", "support"), strict=False):
        await put_through(world, call, target)
    plain = (await shown(world, campaign))["variants"][0]
    assert (plain["successes"], plain["ended"]) == (1, 2)


async def put_through(world: World, call: Call, target: str) -> None:
    """A call that ended as completed, after its callee was connected with somebody."""
    attempt = await make.planned(world.db, call)
    async with world.db.write() as session:
        ended = update(Call).where(col(Call.call_id) == call.call_id)
        await session.exec(ended.values(outcome=Outcome.COMPLETED))
        session.add(
            Transfer(
                account_id=call.account_id,
                call_id=call.call_id,
                campaign_id=call.campaign_id,
                attempt_id=attempt.attempt_id,
                attempt_number=1,
                place="1:desk",
                node="desk",
                target_name=target,
                state=TransferState.COMPLETED,
                asked_at=world.clock.now,
                connected_at=world.clock.now,
            )
        )


@pytest.mark.parametrize(
    ("variant", "field", "code"),
    [
        ({"name": "as now"}, "variants", "duplicate"),
        ({"name": "b", "pathwayId": "nobody"}, "variants.1.pathwayId", "unknown_pathway"),
        ({"name": "b", "callerId": "+12025550177"}, "variants.1.callerId", "not_the_agents"),
        ({"name": "b", "window": {"start": "9", "end": "10:00"}}, "variants.1.window.start", None),
        ({"name": "b", "weight": 0}, "variants.1.weight", "out_of_range"),
    ],
)
async def test_a_variant_that_cannot_be_is_refused_at_its_field(
    world: World, variant: Json, field: str, code: str | None
) -> None:
    campaign = await made(world)
    body = {**SPLIT, "variants": [{"name": "as now"}, variant]}
    error = (await put(world, campaign, body, status=422))["errors"][0]
    assert error["field"] == field
    assert code in (None, error["code"])


async def test_a_campaign_that_runs_keeps_its_variants_and_may_begin_to_learn(
    world: World,
) -> None:
    campaign = await made(world)
    await shown(world, campaign, status=404)
    await put(world, campaign, SPLIT)
    await act(world, campaign, "start")
    assert (await put(world, campaign, {**SPLIT, "learns": True}))["learns"]
    other = {**SPLIT, "variants": [{"name": "a"}, {"name": "b"}]}
    assert (await put(world, campaign, other, status=409))["code"] == "not_a_draft"
    window = {"schedule": {"window": {"start": "09:00", "end": "12:00"}}}
    assert (await patch(world, campaign, window, status=409))["code"] == "not_a_draft"
    path = f"/api/v1/campaigns/{campaign['campaignId']}/split"
    assert (await world.http.delete(path)).status_code == 409


async def test_a_draft_may_lose_its_variants_and_a_copy_has_them(world: World) -> None:
    campaign = await made(world)
    await put(world, campaign, SPLIT)
    copy = await act(world, campaign, "duplicate", {"name": "again"}, status=201)
    assert len((await shown(world, copy))["variants"]) == 2
    path = f"/api/v1/campaigns/{campaign['campaignId']}/split"
    assert (await world.http.delete(path)).status_code == 204
    await shown(world, campaign, status=404)


async def test_a_caller_id_that_is_not_the_agents_any_more_keeps_a_campaign_from_starting(
    world: World,
) -> None:
    named = {"variants.1.callerId": {}, "defaults.callerId": {"defaults": {"callerId": CALLER_ID}}}
    other = await world.agent(callerIds=["+12025550177"])
    for field, said in named.items():
        campaign = await made(world, contacts=[person(1)], **said)
        if not said:
            await put(world, campaign, SPLIT)
        await patch(world, campaign, {"agentId": other})
        error = (await act(world, campaign, "start", status=422))["errors"][0]
        assert (error["field"], error["code"]) == (field, "not_the_agents")


async def test_a_variant_has_no_caller_id_that_the_carrier_would_refuse(world: World) -> None:
    campaign = await made(world)
    async with world.db.write() as session:
        agent = await session.get_one(Agent, campaign["agentId"])
        agent.caller_ids = [*agent.caller_ids, "+12025550177"]
        agent.caller_id_marks = {CALLER_ID: "barred"}
        session.add(agent)
    error = (await put(world, campaign, SPLIT, status=422))["errors"][0]
    assert (error["field"], error["code"]) == ("variants.1.callerId", "caller_id_barred")
