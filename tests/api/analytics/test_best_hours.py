"""/api/v1/analytics/best-hours and caller-ids: when people answer, and whether they still do."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from api.analytics import schemas as analytics
from api.analytics.schemas import sample_view
from policy.analytics import caller_id_health
from policy.model.call import AttemptResult, Decision, Outcome
from policy.statistics import Sample
from storage.tables import Call
from tests.api.analytics.known_calls import (
    Dial,
    Story,
    Told,
    at,
    attempt_of,
    called_all,
    count,
    count_anew,
)
from tests.api.worker import Worker
from tests.api.world import CALLER_ID, Json, World

OTHER_CALLER, THIRD_CALLER = "+12125550101", "+12125550102"


@pytest.fixture
async def told(world: World) -> Told:
    return Told(world, await world.agent(name="Ada"), await world.agent(name="Bob"), "")


async def dialed(
    told: Told, begin: datetime, answered: int, attempts: int, agent_id: str = "", **more: Any
) -> None:
    """So many attempts at about one time, so many of them answered."""
    results = [AttemptResult.ANSWERED] * answered
    results += [AttemptResult.NO_ANSWER] * (attempts - answered)
    stories: list[Story] = [
        (begin + timedelta(seconds=number), Outcome.COMPLETED, (Dial(1, result, **more),))
        for number, result in enumerate(results)
    ]
    await called_all(told.world, agent_id or told.ada, stories)


# -- best hours

#: 18:30 on a Tuesday, and 10:10 on a Wednesday, in New York.
TUESDAY, WEDNESDAY = at("11-17T23:30:00"), at("11-18T15:10:00")


async def best_hours(told: Told, **query: str) -> Json:
    await count(told.world.db)
    return await told.get(path="/best-hours", **query)


async def test_hours_are_ranked_by_the_low_end_and_those_with_few_attempts_come_last(told: Told):
    await dialed(told, TUESDAY, 30, 40)
    await dialed(told, WEDNESDAY, 10, 40)
    await dialed(told, at("11-19T15:10:00"), 5, 5)
    found = await best_hours(told)
    shown = [(one["hourOfWeek"], one["rank"], one["answerRate"]) for one in found["hours"]]
    assert shown == [("tue 18:00", 1, 0.75), ("wed 10:00", 2, 0.25), ("thu 10:00", None, 1.0)]
    # Wilson's interval for 30 of 40 with z = 1.96: centre 0.7281, reach 0.1301.
    assert (found["hours"][0]["low"], found["hours"][0]["high"]) == (0.5981, 0.8581)
    assert (found["leastAttempts"], found["sinceMonth"]) == (30, "2026-08")


async def test_dayparts_are_ranked_as_retries_choose_among_them(told: Told):
    await dialed(told, TUESDAY, 10, 40)
    await dialed(told, WEDNESDAY, 30, 40)
    await dialed(told, at("11-19T20:10:00"), 5, 5)
    found = await best_hours(told)
    assert [(one["daypart"], one["rank"], one["attempts"]) for one in found["dayparts"]] == [
        ("morning", 1, 40),
        ("evening", 2, 40),
        ("midday", None, 0),
        ("afternoon", None, 5),
        ("night", None, 0),
    ]
    assert found["dayparts"][2]["answerRate"] is None


async def test_hours_are_those_of_the_recipients_clock(told: Told):
    await dialed(told, TUESDAY, 1, 2, zone="Asia/Kathmandu", place="NP")
    [hour] = (await best_hours(told))["hours"]
    assert hour["hourOfWeek"] == "wed 05:00"


async def test_hours_of_one_agent_or_of_one_place_are_told_alone(told: Told):
    await dialed(told, TUESDAY, 1, 3)
    await dialed(told, TUESDAY, 2, 4, told.bob, place="US-CA")
    await dialed(told, TUESDAY, 3, 5, told.bob, place="CA-ON")
    asked: list[tuple[dict[str, str], int]] = [
        ({}, 12),
        ({"agentId": told.ada}, 3),
        ({"jurisdiction": "US"}, 7),
        ({"jurisdiction": "US-CA"}, 4),
        ({"jurisdiction": "CA", "agentId": told.bob}, 5),
    ]
    for query, attempts in asked:
        [hour] = (await best_hours(told, **query))["hours"]
        assert hour["attempts"] == attempts, query
    assert (await best_hours(told, jurisdiction="CA", agentId=told.ada))["hours"] == []


async def test_what_is_older_than_three_months_is_forgotten(told: Told):
    await dialed(told, at("07-31T15:00:00"), 1, 1)
    assert (await best_hours(told))["hours"] == []
    await dialed(told, at("08-03T15:00:00"), 1, 1)
    await count_anew(told.world)
    assert [one["hourOfWeek"] for one in (await best_hours(told))["hours"]] == ["mon 11:00"]


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ({"agentId": "nobody"}, ("unknown_agent", "agentId")),
        ({"jurisdiction": "us"}, ("malformed", "jurisdiction")),
        ({"jurisdiction": "U%"}, ("malformed", "jurisdiction")),
        ({"jurisdiction": "XX-1"}, ("unknown_country", "jurisdiction")),
        ({"timezone": "UTC"}, ("unknown_field", "timezone")),
    ],
)
async def test_what_cannot_be_answered_names_its_field(
    told: Told, query: dict[str, str], refusal: tuple[str, str]
):
    assert await told.refusal(path="/best-hours", **query) == refusal


# -- retries at the best time


async def test_a_call_that_asks_for_it_is_tried_again_when_people_have_answered_best(
    told: Told, worker: Worker
):
    # All these dials are to one number.
    waiver = {"rule": "attempt_cap", "reason": "What people answer is made up here"}
    await told.world.post("/api/v1/compliance/waivers", waiver)
    await dialed(told, TUESDAY, 30, 40)
    await dialed(told, at("11-19T17:10:00"), 10, 40)
    await count(told.world.db)
    next_one = await _tried(told, worker, {"noAnswer": "PT24H"})
    best = await _tried(told, worker, {"noAnswer": "PT24H", "differentTimeOfDay": "best"})
    # The attempt of Monday morning failed; midday is the next other time, the evening the best.
    assert (next_one.until, best.until) == (at("11-24T16:30:00"), at("11-24T22:30:00"))
    assert best.detail.endswith("in the evening: 75 % of 40 attempts were answered then")


async def _tried(told: Told, worker: Worker, retry: Json) -> Decision:
    """What is decided about a call of Monday, 10:00 in New York, that nobody answered."""
    call_id = await told.world.call(agentId=told.ada, allowDuplicate=True, retry=retry)
    assert (await told.world.view(call_id))["retry"].items() >= retry.items()
    async with told.world.db.write() as session:
        call = await session.get(Call, call_id)
        assert call is not None
        session.add(attempt_of(call, 1, Dial(0, AttemptResult.NO_ANSWER)))
    told.world.clock.pass_(seconds=40)
    return await worker.decide(call_id)


async def test_another_time_of_day_is_the_next_or_the_best(told: Told):
    found = await told.world.refusal(agentId=told.ada, retry={"differentTimeOfDay": "worst"})
    assert found == ("unknown_value", "retry.differentTimeOfDay")
    agent = await told.world.agent(retry={"differentTimeOfDay": "best"})
    call = await told.world.view(await told.world.call(agentId=agent))
    assert call["retry"]["differentTimeOfDay"] == "best"


# -- caller IDs


async def caller_ids(told: Told) -> dict[str, Json]:
    await count(told.world.db)
    found = await told.get(path="/caller-ids")
    return {one["callerId"]: one for one in found["callerIds"]}


async def test_a_caller_id_whose_answer_rate_fell_beyond_chance_is_flagged_and_comes_first(
    told: Told,
):
    await dialed(told, at("11-20T15:00:00"), 30, 100, caller_id=CALLER_ID)
    await dialed(told, at("11-10T15:00:00"), 60, 200, caller_id=CALLER_ID)
    await dialed(told, at("11-20T15:00:00"), 10, 100, caller_id=OTHER_CALLER)
    await dialed(told, at("11-10T15:00:00"), 60, 200, caller_id=OTHER_CALLER)
    await dialed(told, at("11-20T15:00:00"), 0, 49, caller_id=THIRD_CALLER)
    await dialed(told, at("11-10T15:00:00"), 40, 100, caller_id=THIRD_CALLER)
    found = await caller_ids(told)
    assert {key: (one["isFlagged"], one["verdict"]) for key, one in found.items()} == {
        OTHER_CALLER: (True, "dropped"),
        CALLER_ID: (False, "steady"),
        THIRD_CALLER: (False, "too_few"),
    }
    assert next(iter(found)) == OTHER_CALLER
    fell = found[OTHER_CALLER]
    assert (fell["recent"]["answerRate"], fell["before"]["answerRate"]) == (0.1, 0.3)
    # (0.3 - 0.1) / sqrt(0.2333 * 0.7667 * (1/100 + 1/200))
    assert (fell["z"], fell["chance"]) == (3.86, 0.000056)
    assert found[CALLER_ID]["z"] == 0.0


async def test_lately_is_a_week_and_the_past_the_90_days_before(told: Told):
    await dialed(told, at("11-16T15:00:00"), 1, 2)
    await dialed(told, at("11-16T14:59:00"), 1, 3)
    await dialed(told, at("08-18T15:00:00"), 1, 4)
    await dialed(told, at("08-18T14:00:00"), 1, 5)
    one = (await caller_ids(told))[CALLER_ID]
    # A dial goes out a second after its call was accepted.
    assert (one["recent"]["attempts"], one["before"]["attempts"]) == (2, 7)
    found = await told.get(path="/caller-ids")
    assert (found["recentFrom"], found["to"]) == ("2026-11-16T15:00:00Z", "2026-11-23T15:00:00Z")
    assert found["beforeFrom"] == "2026-08-18T15:00:00Z"
    assert (found["leastAttempts"], found["mostChance"]) == (50, 0.001)


async def test_a_caller_id_that_was_never_dialed_from_is_not_listed(told: Told):
    await called_all(told.world, told.ada, [(at("11-20T15:00:00"), Outcome.SUPPRESSED, ())])
    assert await caller_ids(told) == {}
    assert await told.refusal(path="/caller-ids", agentId=told.ada) == ("unknown_field", "agentId")


# -- what the OpenAPI document shows


def example_of(view: type[BaseModel]) -> Json:
    extra: Any = view.model_config["json_schema_extra"]
    found: Json = extra["examples"][0]
    return found


def test_the_examples_hold_the_numbers_that_follow_from_their_samples():
    shown = example_of(analytics.CallerIds)
    [one] = shown["callerIds"]
    samples = [
        Sample(one[name]["answered"], one[name]["attempts"]) for name in ("recent", "before")
    ]
    views = [sample_view(sample).model_dump(by_alias=True) for sample in samples]
    assert views == [one["recent"], one["before"]]
    found = caller_id_health.health(*samples)
    assert (round(found.z or 0, 2), found.verdict) == (one["z"], one["verdict"])
    hours = example_of(analytics.BestHours)
    best = hours["hours"][0]
    view = sample_view(Sample(best["answered"], best["attempts"])).model_dump(by_alias=True)
    assert {name: best[name] for name in view} == view
    analytics.CallerIds.model_validate(shown)
    analytics.BestHours.model_validate(hours)
