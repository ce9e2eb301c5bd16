"""The account: plans, caps, rates, and what a spend limit refuses."""

import pytest

from storage.tables import Spending
from tests.api.world import KEY, World

ACCOUNT = "/api/v1/account"


async def _patch(world: World, status: int = 200, **body):
    answer = await world.http.patch(ACCOUNT, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def _get(world: World):
    return (await world.http.get(ACCOUNT)).json()


async def test_the_account_shows_its_caps_its_rates_and_what_was_spent(world: World):
    account = await _get(world)
    assert (account["plan"], account["maxConcurrent"], account["callsPerMinute"]) == (
        None,
        100,
        600,
    )
    assert account["rates"] == {
        "currency": "USD",
        "perMinute": 14000,
        "machineDetection": 7500,
        "recordingPerMinute": 2500,
        "lineTypeLookup": 8000,
        "reassignedLookup": 20000,
        "textSegment": 8300,
    }
    assert (account["spendLimit"], account["spent"]) == (None, 0)
    [waiver] = account["waivers"]
    assert waiver == {
        "rule": "consent",
        "purposes": None,
        "reason": "these tests are about something else",
        "by": "tests",
        "at": "2026-11-23T15:00:00Z",
        "simulatedOnly": False,
        "endedAt": None,
        "endedBy": None,
    }


@pytest.mark.parametrize(
    ("plan", "caps"), [("starter", (5, 10)), ("professional", (25, 60)), ("enterprise", (100, 600))]
)
async def test_a_plan_sets_its_caps(world: World, plan: str, caps: tuple[int, int]):
    changed = await _patch(world, plan=plan)
    assert (changed["plan"], changed["maxConcurrent"], changed["callsPerMinute"]) == (plan, *caps)
    assert await _get(world) == changed


async def test_enterprise_may_set_its_own_caps(world: World):
    changed = await _patch(world, plan="enterprise", maxConcurrent=400, callsPerMinute=3000)
    assert (changed["maxConcurrent"], changed["callsPerMinute"]) == (400, 3000)


async def test_a_plan_that_fixes_its_caps_refuses_others(world: World):
    await _patch(world, plan="starter")
    problem = await _patch(world, 422, maxConcurrent=6)
    assert (problem["code"], problem["errors"][0]["field"]) == ("fixed_by_plan", "maxConcurrent")
    assert (await _patch(world, maxConcurrent=5))["maxConcurrent"] == 5


async def test_what_is_not_said_stays(world: World):
    await _patch(world, rates={"perMinute": 20000}, spendLimit=5, redialUnknown=True)
    changed = await _patch(world, name="Blue Clinic")
    assert (changed["rates"]["perMinute"], changed["spendLimit"]) == (20000, 5)
    assert (changed["redialUnknown"], changed["name"]) == (True, "Blue Clinic")
    assert (await _patch(world, spendLimit=None))["spendLimit"] is None


@pytest.mark.parametrize(
    "body", [{"plan": "gold"}, {"maxConcurrent": 0}, {"waivers": []}, {"rates": {"perMinute": -1}}]
)
async def test_what_makes_no_sense_is_refused(world: World, body):
    await _patch(world, 422, **body)


async def test_a_spend_limit_that_is_reached_refuses_new_calls_and_cancels_none(world: World):
    waiting = await world.call()
    account = await _get(world)
    async with world.db.write() as session:
        session.add(Spending(account_id=account["accountId"], spent=14_000))
    await _patch(world, spendLimit=14_000)
    assert (await world.refusal(endpoint="+12125550124"))[0] == "insufficient_balance"
    assert (await world.view(waiting))["status"] == "Created"
    await _patch(world, spendLimit=14_001)
    await world.call(endpoint="+12125550124")


async def test_a_bulk_request_is_refused_row_by_row(world: World):
    body = {"agentId": await world.agent(), "calls": [{"endpoint": "+12125550124"}]}
    await _patch(world, spendLimit=0)
    answer = await world.http.post("/api/v1/calls/bulk", json=body)
    [row] = answer.json()["results"]
    assert row["error"]["code"] == "insufficient_balance"


async def test_what_is_wrong_with_a_request_is_told_before_the_money_that_is_gone(world: World):
    await _patch(world, spendLimit=0)
    assert (await world.refusal(agentId="nobody"))[0] == "unknown_agent"
    assert (await world.refusal(endpoint="+1 202"))[0] != "insufficient_balance"
    assert (await world.refusal())[0] == "insufficient_balance"


async def test_every_key_may_ask_what_it_may_do(world: World):
    assert (await world.http.get(f"{ACCOUNT}/key")).json()["scopes"] == ["*"]
    await world.narrow(["calls:read"])
    told = (await world.http.get(f"{ACCOUNT}/key")).json()
    assert told["scopes"] == ["calls:read"]
    assert KEY not in str(told)
    stranger = {"Authorization": "Bearer tl_nobody"}
    assert (await world.http.get(f"{ACCOUNT}/key", headers=stranger)).status_code == 401
