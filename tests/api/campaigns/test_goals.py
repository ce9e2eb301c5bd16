"""Goals over HTTP: said, refused at their field, counted, changed while it runs."""

from typing import Any

import pytest
from sqlmodel import col, update

from policy.campaigns.goals import GoalVerdict, Met, closed_spec, goal_of
from policy.model.call import Outcome
from storage.tables import Call, Campaign
from tests.api.campaigns.test_campaigns import act, called, get, made, patch, person
from tests.api.world import Json, World

GOAL = {"outcomes": ["confirmed"], "target": 2}
QUOTAS = {"variable": "region", "targets": {"north": 1, "south": 1}}


async def ended_as(world: World, calls: list[Call], outcome: Outcome, **context: str) -> None:
    async with world.db.write() as session:
        ended = update(Call).where(col(Call.call_id).in_([call.call_id for call in calls]))
        await session.exec(ended.values(outcome=outcome, context=context))


ALL = GoalVerdict(Met.COUNT)


async def reached(world: World, campaign: Json, found: GoalVerdict = ALL) -> None:
    async with world.db.write() as session:
        row = await session.get(Campaign, campaign["campaignId"])
        assert row is not None
        goal = goal_of(row.goal_spec)
        assert goal is not None
        row.goal_closed = closed_spec(goal, found, world.clock.now)
        session.add(row)


async def test_a_goal_is_shown_as_it_was_said_with_how_far_it_is(world: World) -> None:
    campaign = await made(world, goal=GOAL)
    assert campaign["goal"] == GOAL
    await act(world, campaign, "start")
    await ended_as(world, (await called(world, campaign))[:1], Outcome.CONFIRMED)
    goal = (await get(world, campaign))["progress"]["goal"]
    assert (goal["found"], goal["target"], goal["met"], goal["neverCalled"]) == (1, 2, None, 0)


@pytest.mark.parametrize(
    ("goal", "field", "code"),
    [
        ({}, "goal", "required"),
        ({"target": 5}, "goal.outcomes", "required"),
        ({"quotas": QUOTAS}, "goal.outcomes", "required"),
        ({"until": "2020-01-01T00:00:00Z"}, "goal.until", "deadline_past"),
        ({"outcomes": ["confirmed"], "target": 0}, "goal.target", "out_of_range"),
        ({"outcomes": ["won"], "target": 1}, "goal.outcomes.0", "unknown_value"),
    ],
)
async def test_a_goal_that_says_nothing_is_refused_at_its_field(
    world: World, goal: Any, field: str, code: str
) -> None:
    body = {"name": "spring", "agentId": await world.agent(), "goal": goal}
    answer = await world.http.post("/api/v1/campaigns", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert answer.json()["errors"][0]["code"] == code


async def test_quotas_are_counted_by_segment_and_keep_their_segments_once_it_runs(
    world: World,
) -> None:
    rows = [person(n, context={"region": name}) for n, name in ((1, "north"), (2, "south"))]
    goal = {"outcomes": ["confirmed"], "quotas": QUOTAS}
    campaign = await made(world, contacts=rows, goal=goal)
    await act(world, campaign, "start")
    one = (await called(world, campaign))[:1]
    await ended_as(world, one, Outcome.CONFIRMED, region="north")
    found = (await get(world, campaign))["progress"]["goal"]
    assert [(one["segment"], one["found"], one["isFull"]) for one in found["segments"]] == [
        ("north", 1, True),
        ("south", 0, False),
    ]
    more = {**goal, "quotas": {"variable": "region", "targets": {"north": 5, "south": 1}}}
    assert (await patch(world, campaign, {"goal": more}))["goal"] == more
    after = (await get(world, campaign))["progress"]["goal"]["segments"][0]
    assert (after["found"], after["target"]) == (1, 5)
    other = {**goal, "quotas": {"variable": "city", "targets": {"Rome": 1}}}
    refused = await patch(world, campaign, {"goal": other}, status=409)
    assert refused["code"] == "not_a_draft"


async def test_a_goal_that_is_set_late_counts_what_has_ended_before(world: World) -> None:
    campaign = await made(world)
    await act(world, campaign, "start")
    await ended_as(world, await called(world, campaign), Outcome.CONFIRMED)
    await patch(world, campaign, {"goal": {**GOAL, "target": 3}})
    assert (await get(world, campaign))["progress"]["goal"]["found"] == 2
    await patch(world, campaign, {"goal": None})
    assert (await get(world, campaign))["progress"]["goal"] is None


async def test_what_is_reached_takes_no_more_contacts_and_no_other_goal(world: World) -> None:
    campaign = await made(world, goal=GOAL)
    await act(world, campaign, "start")
    await reached(world, campaign)
    body = {"contacts": [person(9)]}
    assert (await act(world, campaign, "contacts", body, status=409))["code"] == "goal_reached"
    answer = await patch(world, campaign, {"goal": {**GOAL, "target": 9}}, status=409)
    assert answer["code"] == "goal_reached"
    copy = await act(world, campaign, "duplicate", {"name": "again"}, status=201)
    assert copy["goal"] == GOAL


async def test_a_segment_whose_people_were_let_go_is_asked_for_no_more(world: World) -> None:
    campaign = await made(world, goal={"outcomes": ["confirmed"], "quotas": QUOTAS})
    await act(world, campaign, "start")
    await reached(world, campaign, GoalVerdict(None, frozenset({"north"})))
    targets = {"north": 5, "south": 1}
    more = {"outcomes": ["confirmed"], "quotas": {"variable": "region", "targets": targets}}
    refused = await patch(world, campaign, {"goal": more}, status=409)
    assert refused["code"] == "goal_reached"
    targets.update(north=1, south=9)
    assert (await patch(world, campaign, {"goal": more}))["goal"] == more
