"""A forecast over HTTP: what it says, what moves it, what it rests on, what it refuses."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from api.forecast import contacts_ahead, runs, service
from policy.model.call import (
    AttemptResult,
    AttemptState,
    Decision,
    DecisionKind,
    Outcome,
)
from storage.campaigns import campaigns
from storage.tables import Attempt, Call
from tests.api.campaigns.test_campaigns import act, called, get, made, patch, person
from tests.api.worker import Worker, ask_for_consent
from tests.api.world import CALLER_ID, Json, World

SIZE = 60
NEW_YORK = "America/New_York"


def people(size: int = SIZE) -> list[Json]:
    return [person(n) for n in range(size)]


async def forecast(world: World, campaign: Json, status: int = 200, **body: Any) -> Json:
    return await act(world, campaign, "forecast", body or None, status)


async def refusal(world: World, campaign: Json, **body: Any) -> tuple[str, str]:
    problem = await forecast(world, campaign, 422, **body)
    assert len(problem["errors"]) == 1, problem
    return problem["errors"][0]["code"], problem["errors"][0]["field"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_a_forecast_says_when_a_campaign_ends_how_and_for_how_much(world: World):
    campaign = await made(world, contacts=people(), maxConcurrent=5)
    found = await forecast(world, campaign)
    assert (found["begin"], found["contacts"]) == ("2026-11-23T15:00:00Z", SIZE)
    finish = [at(found["finish"][name]) for name in ("p10", "p50", "p90")]
    assert finish == sorted(finish)
    assert finish[0] > at(found["begin"])
    for name in ("attempts", "answered", "cost", "talkSeconds", "mostBusy"):
        spread = found[name]
        assert 0 < spread["p10"] <= spread["p50"] <= spread["p90"], name
    assert found["mostBusy"]["p90"] <= found["slots"] == 5
    assert sum(one["p50"] for one in found["outcomes"].values()) == pytest.approx(SIZE, abs=5)
    assert (found["refused"], found["unfinished"], found["blocked"]) == ({}, {}, [])
    dials = sum(point["callsPerHour"]["p50"] for point in found["series"])
    assert dials * found["stepMinutes"] / 60 == pytest.approx(found["attempts"]["p50"], rel=0.2)


async def test_the_same_request_has_the_same_answer_and_nothing_is_changed(world: World):
    campaign = await made(world, contacts=people())
    before = await get(world, campaign)
    first = await forecast(world, campaign, seed=3, changes={"maxConcurrent": 2, "priority": 9})
    assert first == await forecast(
        world, campaign, seed=3, changes={"maxConcurrent": 2, "priority": 9}
    )
    assert first != await forecast(world, campaign, seed=4)
    assert await get(world, campaign) == before


async def test_fewer_slots_and_a_slower_pace_move_the_finish(world: World):
    campaign = await made(world, contacts=people())

    async def finish(**changes: Any) -> datetime:
        # Once each, so that no retry of tomorrow hides how long today takes.
        changes["retry"] = {"maxAttempts": 1}
        return at((await forecast(world, campaign, changes=changes))["finish"]["p50"])

    quick = await finish(maxConcurrent=30)
    assert quick < await finish(maxConcurrent=3) < await finish(maxConcurrent=1)
    paced = await finish(callsPerMinute=2)
    assert paced - at("2026-11-23T15:00:00Z") > timedelta(minutes=29)
    assert await finish(startAt="2026-11-24T10:00:00") > quick + timedelta(hours=23)


async def test_a_deadline_and_a_window_that_leave_too_little_time_are_told(world: World):
    campaign = await made(world, contacts=people(), maxConcurrent=1)
    schedule = {
        "window": {"start": "10:00", "end": "10:30"},
        "callDeadline": "2026-11-23T18:00:00Z",
    }
    found = await forecast(world, campaign, changes={"schedule": schedule}, answerRate=1)
    late = [*found["missed"].items(), *found["refused"].items()]
    assert 25 <= sum(one["p50"] for _, one in late) <= 45
    assert {reason for reason, _ in late} <= {"deadline_passed", "deadline_unreachable"}
    assert (await forecast(world, campaign, answerRate=1))["missed"] == {}


async def test_whoever_can_never_be_called_is_told_with_the_reason(world: World):
    await ask_for_consent(world)
    agreed = {"tier": "express", "method": "web form"}
    for n in range(3):
        await world.post("/api/v1/consents", {"endpoint": f"+1212555{n:04}", **agreed})
    await world.post("/api/v1/suppressions", {"endpoint": "+12125550000"})
    campaign = await made(world, contacts=[*people(5), {"endpoint": "+15555550123"}])
    found = await forecast(world, campaign)
    blocked = {one["reason"]: one for one in found["blocked"]}
    assert {reason: one["contacts"] for reason, one in blocked.items()} == {
        "do_not_call": 1,
        "no_consent": 2,
        "needs_timezone": 1,
    }
    assert blocked["do_not_call"]["timezones"] == [NEW_YORK]
    assert "express consent" in blocked["no_consent"]["detail"]
    assert {name: one["p50"] for name, one in found["refused"].items()} == {
        "do_not_call": 1,
        "no_consent": 2,
        "needs_timezone": 1,
    }
    assert sum(one["p90"] for one in found["outcomes"].values()) >= 2


async def test_rows_that_lack_a_variable_become_no_calls(world: World):
    definition = {
        "start": "say",
        "nodes": {"say": {"kind": "hang_up", "text": "Hello {{name}}."}},
        "variables": ["name"],
    }
    agent_id = await world.agent(pathwayId=await world.pathway(definition=definition))
    campaign = await made(world, agentId=agent_id, contacts=[])
    rows = [person(1, context={"name": "Ada"}), person(2)]
    await act(world, campaign, "contacts", {"contacts": rows}, 202)
    assert (await forecast(world, campaign))["contacts"] == 1
    # Accepted when nothing was asked of them.
    plain = await made(world, contacts=[person(1, context={"name": "Ada"}), person(2)])
    await patch(world, plain, {"agentId": agent_id})
    found = await forecast(world, plain)
    assert found["refused"] == {"missing_variable": {"p10": 1, "p50": 1, "p90": 1}}
    assert [one["reason"] for one in found["blocked"]] == ["missing_variable"]


async def test_what_it_rests_on_is_told_and_what_the_request_says_goes_before(world: World):
    campaign = await made(world)
    assumed = (await forecast(world, campaign))["assumptions"]
    assert {one["source"] for one in assumed.values()} == {"assumed"}
    said = await forecast(world, campaign, answerRate=0.9, talkSeconds=30)
    assert said["assumptions"]["answerRate"] == {"value": 0.9, "source": "request"}
    assert said["assumptions"]["talkSeconds"] == {"value": 30.0, "source": "request"}
    # What is left is shared by what was not said.
    shares = [name for name in said["assumptions"] if name.endswith("Rate")]
    assert sum(said["assumptions"][name]["value"] for name in shares) <= 1.001
    assert said["assumptions"]["machineRate"]["source"] == "assumed"


async def attempts_of(world: World, agent_id: str, results: Sequence[AttemptResult]) -> None:
    """Attempts of calls that have ended."""
    now = world.clock.now - timedelta(days=2)
    async with world.db.write() as session:
        campaign = (await campaigns.running(session, "", 1))[:1]
        assert campaign == []
        account_id = await _account(world)
        call = Call(
            account_id=account_id,
            agent_id=agent_id,
            endpoint="+12125559999",
            caller_id=CALLER_ID,
            timezone=NEW_YORK,
            created_time=now,
            outcome=Outcome.COMPLETED,
        )
        session.add(call)
        await session.flush()
        for n, result in enumerate(results, 1):
            session.add(
                Attempt(
                    call_id=call.call_id,
                    account_id=account_id,
                    number=n,
                    token=f"t{n}",
                    to_endpoint=call.endpoint,
                    from_endpoint=CALLER_ID,
                    state=AttemptState.ENDED,
                    result=result,
                    dialed_at=now,
                    settled_at=now,
                    duration_seconds=40 if result is AttemptResult.ANSWERED else None,
                )
            )


async def _account(world: World) -> str:
    found: Json = (await world.http.get("/api/v1/account")).json()
    return str(found["accountId"])


async def test_rates_are_learned_from_the_agents_attempts_unless_it_is_told_not_to(world: World):
    agent_id = await world.agent()
    campaign = await made(world, agentId=agent_id)
    results = [AttemptResult.ANSWERED] * 80 + [AttemptResult.BUSY] * 40
    await attempts_of(world, agent_id, results)
    found = await forecast(world, campaign)
    assert found["learnedFrom"] == 120
    assert found["assumptions"]["answerRate"] == {"value": 0.6667, "source": "learned"}
    assert found["assumptions"]["busyRate"] == {"value": 0.3333, "source": "learned"}
    assert found["assumptions"]["talkSeconds"] == {"value": 40.0, "source": "learned"}
    assert found["assumptions"]["ringSeconds"]["source"] == "assumed"
    plain = await forecast(world, campaign, learn=False)
    assert (plain["learnedFrom"], plain["assumptions"]["busyRate"]["source"]) == (0, "assumed")


async def test_a_running_campaign_goes_on_from_where_it_stands(world: World, worker: Worker):
    campaign = await made(world, contacts=people(20))
    await act(world, campaign, "start")
    calls = await called(world, campaign)
    assert len(calls) == 20
    for call in calls[:8]:
        end = Decision(DecisionKind.END, "test", "A test.", outcome=Outcome.COMPLETED)
        await world.decide(call.call_id, end.kind, outcome=Outcome.COMPLETED)
    found = await forecast(world, campaign)
    assert found["contacts"] == 12
    ended = sum(one["p50"] for one in found["outcomes"].values())
    assert ended == pytest.approx(12, abs=3)


async def test_luck_stays_with_a_contact_that_has_become_a_call(world: World):
    campaign = await made(world, contacts=people(20))
    before = await forecast(world, campaign, seeds=1)
    await act(world, campaign, "start")
    await called(world, campaign)
    after = await forecast(world, campaign, seeds=1)
    assert (after["outcomes"], after["cost"]) == (before["outcomes"], before["cost"])


async def test_other_calls_that_wait_slow_it_down_unless_they_are_left_out(world: World):
    agent_id = await world.agent(maxConcurrent=2)
    campaign = await made(world, agentId=agent_id, contacts=people())
    other = await made(world, agentId=agent_id, contacts=[person(n) for n in range(200, 320)])
    await act(world, other, "start")
    changes = {"retry": {"maxAttempts": 1}}
    shared = await forecast(world, campaign, changes=changes)
    alone = await forecast(world, campaign, changes=changes, others=False)
    assert shared["others"] == [{"campaignId": other["campaignId"], "priority": 5, "calls": 120}]
    assert alone["others"] == []
    begin = at(alone["begin"])
    took, waited = (at(one["finish"]["p50"]) - begin for one in (alone, shared))
    assert 1.6 < waited / took < 2.4
    await act(world, other, "pause")
    assert (await forecast(world, campaign))["others"] == []


async def test_a_large_campaign_has_fewer_runs_and_one_too_large_none(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    campaign = await made(world, contacts=people(30))
    assert (await forecast(world, campaign))["seeds"] == 10
    assert (await forecast(world, campaign, seeds=20))["seeds"] == 20
    monkeypatch.setattr(service, "USUAL_CALLEES", 90)
    monkeypatch.setattr(service, "MOST_CALLEES", 150)
    assert (await forecast(world, campaign))["seeds"] == 3
    assert (await forecast(world, campaign, seeds=20))["seeds"] == 5
    monkeypatch.setattr(contacts_ahead, "MOST_CONTACTS", 29)
    assert (await forecast(world, campaign, 409))["code"] == "too_many_contacts"


async def test_a_forecast_that_takes_too_long_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    campaign = await made(world, contacts=people(30))
    monkeypatch.setattr(runs, "SECONDS", 0.0)
    assert (await forecast(world, campaign, 503))["code"] == "forecast_too_long"


async def test_the_event_loop_goes_on_while_a_forecast_is_made(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    campaign = await made(world, contacts=people(5))
    asked, go_on = threading.Event(), threading.Event()
    whole = runs._figures

    def held(*args: Any) -> Any:
        asked.set()
        assert go_on.wait(30)
        return whole(*args)

    monkeypatch.setattr(runs, "_figures", held)
    under_way = asyncio.create_task(forecast(world, campaign))
    await asyncio.to_thread(asked.wait, 30)
    assert (await world.http.get("/api/v1/campaigns")).status_code == 200
    go_on.set()
    assert (await under_way)["contacts"] == 5


async def test_the_contacts_of_one_forecast_are_read_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """What they take in memory is not multiplied by whoever asks many times at once."""
    campaign = await made(world, contacts=people(5))
    read, under_way, most = contacts_ahead.contacts_ahead, 0, 0

    async def watched(*args: Any) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return await read(*args)
        finally:
            under_way -= 1

    monkeypatch.setattr(service, "contacts_ahead", watched)
    found = await asyncio.gather(*(forecast(world, campaign) for _ in range(4)))
    assert [one["contacts"] for one in found] == [5] * 4
    assert most == 1


async def test_too_many_forecasts_at_once_are_turned_away(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    campaign = await made(world)
    monkeypatch.setattr(runs, "_MOST_WAITING", -1)
    assert (await forecast(world, campaign, 503))["code"] == "forecasts_busy"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"answerRate": 1.2}, "out_of_range", "answerRate"),
        ({"answerRate": 0.7, "busyRate": 0.4}, "out_of_range", "answerRate"),
        ({"seeds": 51}, "out_of_range", "seeds"),
        ({"talkSeconds": 0}, "out_of_range", "talkSeconds"),
        ({"answers": 1}, "unknown_field", "answers"),
        ({"changes": {"maxConcurrent": 0}}, "out_of_range", "changes.maxConcurrent"),
        (
            {"changes": {"schedule": {"callDeadline": "2026-11-01T10:00:00Z"}}},
            "deadline_past",
            "changes.schedule.callDeadline",
        ),
        ({"changes": {"startAt": "2035-11-01T10:00:00Z"}}, "out_of_range", "changes.startAt"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_its_field(
    world: World, body: Json, code: str, field: str
):
    campaign = await made(world)
    assert await refusal(world, campaign, **body) == (code, field)


async def test_a_campaign_that_is_over_or_of_somebody_else_has_none(world: World):
    campaign = await made(world)
    await act(world, campaign, "cancel")
    assert (await forecast(world, campaign, 409))["code"] == "campaign_over"
    assert (await forecast(world, {"campaignId": "nobody's"}, 404))["code"] == "not_found"


async def test_a_paused_campaign_is_taken_to_go_on(world: World):
    campaign = await made(world, contacts=people(5))
    await act(world, campaign, "start")
    await act(world, campaign, "pause")
    found = await forecast(world, campaign)
    assert any("paused" in note for note in found["notes"])
    assert found["finish"] is not None
