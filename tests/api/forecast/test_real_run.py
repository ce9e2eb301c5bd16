"""A forecast against the campaign as it really goes: same callees, same luck, within 5 %."""

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from policy.forecast.callees import CalleeRates, Callees
from storage.campaigns import campaigns
from tests.api.campaigns.test_campaigns import act, made
from tests.api.forecast.real_run import RealRun
from tests.api.world import Json, World

SEED = 11
#: New York, Chicago, Los Angeles, Honolulu: they open one after the other.
PREFIXES = ("+1212555", "+1312555", "+1213555", "+1808555")
RATES: Json = {"answerRate": 0.4, "machineRate": 0.15, "busyRate": 0.15, "talkSeconds": 45}
PLANS: dict[str, Json] = {
    "slots": {"maxConcurrent": 10},
    "pace and deadline": {
        "maxConcurrent": 4,
        "callsPerMinute": 6,
        "schedule": {
            "window": {"start": "10:00", "end": "10:06"},
            "callDeadline": "2026-11-25T17:00:00Z",
        },
    },
}


def people(size: int) -> list[Json]:
    return [{"endpoint": f"{PREFIXES[n % 4]}{n:04}"} for n in range(size)]


async def forecast_of(world: World, campaign: Json) -> Json:
    asked = {**RATES, "seed": SEED, "seeds": 1, "learn": False}
    return await act(world, campaign, "forecast", asked)


async def really(
    world: World, campaign: Json, monkeypatch: pytest.MonkeyPatch, **terms: Any
) -> RealRun:
    callees = Callees(
        CalleeRates(answered=0.4, voicemail=0.15, busy=0.15, talk_seconds=45), **terms
    )
    await act(world, campaign, "start")
    run = RealRun(world, campaign["campaignId"], callees, SEED)
    await run.run(monkeypatch)
    return run


def middle(spreads: Json) -> Counter[str]:
    return Counter({name: round(one["p50"]) for name, one in spreads.items() if one["p50"]})


def apart(one: Counter[str], other: Counter[str]) -> int:
    """How many are counted differently, at most."""
    return max((one - other).total(), (other - one).total())


@pytest.mark.parametrize("plan", PLANS)
async def test_a_forecast_and_the_real_campaign_agree_within_five_percent(
    world: World, monkeypatch: pytest.MonkeyPatch, plan: str
) -> None:
    size = 80
    agent_id = await world.agent(voicemail={"action": "retry_later"})
    campaign = await made(world, agentId=agent_id, contacts=people(size), **PLANS[plan])
    begun = world.clock.now
    found = await forecast_of(world, campaign)
    run = await really(
        world, campaign, monkeypatch, ring_timeout=30, max_duration=1800, detects=True
    )
    assert run.ended_at is not None
    took = run.ended_at - begun
    expected = datetime.fromisoformat(found["finish"]["p50"]) - begun
    assert abs(expected - took) <= 0.05 * took, (expected, took)
    outcomes, refused = await run.outcomes(), await run.refused()
    assert apart(middle(found["outcomes"]), outcomes) <= 0.05 * size, (found["outcomes"], outcomes)
    assert apart(middle(found["refused"]), refused) <= 0.05 * size, (found["refused"], refused)
    dials = await run.dials()
    assert abs(len(dials) - found["attempts"]["p50"]) <= 0.05 * len(dials)
    async with world.db.read() as session:
        row = await campaigns.load(session, campaign["campaignId"])
        assert row is not None
    cost = await run.cost(row.account_id)
    # It is made of minutes begun, and of whom exactly the last slots before a deadline went to.
    assert abs(cost - found["cost"]["p50"]) <= 0.1 * cost
