"""/api/v1/analytics: every number beside the one that was worked out by hand."""

import pytest

from policy.model.call import Outcome
from tests.api.analytics.known_calls import (
    NUMBERS,
    OTHER_CALLER,
    Told,
    at,
    called,
    count,
    count_anew,
    seven_calls,
)
from tests.api.world import CALLER_ID, World


@pytest.fixture
async def told(world: World) -> Told:
    return await seven_calls(world)


# -- the numbers


async def test_every_number_is_the_one_that_its_definition_gives(told: Told):
    found = await told.get()
    totals = found["totals"]
    assert {name: totals[name] for name in NUMBERS} == NUMBERS
    assert set(totals) == {*NUMBERS, "outcomes", "timeToFirstDial"}


async def test_every_outcome_has_its_calls_its_share_and_what_one_has_cost(told: Told):
    outcomes = (await told.get())["totals"]["outcomes"]
    assert set(outcomes) == set(Outcome)
    ended = {name: one for name, one in outcomes.items() if one["calls"]}
    one_of_five = {"calls": 1, "share": 0.2, "totalCostPerCall": 49_500, "costEach": 49_500}
    names = ("confirmed", "voicemail", "opted_out", "suppressed", "busy")
    assert ended == dict.fromkeys(names, one_of_five)
    assert outcomes["no_answer"] == {
        "calls": 0,
        "share": 0.0,
        "totalCostPerCall": None,
        "costEach": None,
    }


async def test_waits_are_from_acceptance_to_the_first_dial(told: Told):
    """They were 0, 2, 5 and 30 seconds: in the steps up to 1, 5, 10 and 60."""
    waits = (await told.get())["totals"]["timeToFirstDial"]
    assert waits["average"] == 9.2  # 37 / 4
    assert waits["median"] == 5.0  # half of the four lie below the end of the second one's step
    assert waits["p90"] == 48.0  # 3.6 of four: six tenths into the step from 30 to 60


async def test_rates_of_nothing_are_null_and_counts_of_nothing_are_0(told: Told):
    totals = (await told.get(from_="2026-11-01", to="2026-11-02"))["totals"]
    assert totals["scheduled"] == totals["attempts"] == totals["cost"] == 0
    assert totals["attemptRate"] is totals["answerRate"] is totals["averageDuration"] is None
    assert totals["timeToFirstDial"] == {"average": None, "median": None, "p90": None}
    assert totals["outcomes"]["busy"] == {
        "calls": 0,
        "share": None,
        "totalCostPerCall": None,
        "costEach": None,
    }


# -- the period


async def test_without_a_period_the_last_30_days_are_told(told: Told):
    found = await told.get()
    assert (found["from"], found["to"]) == ("2026-10-24T15:00:00Z", "2026-11-23T15:00:00Z")
    assert (found["timezone"], found["groupBy"], found["groups"]) == ("UTC", None, None)
    assert (found["currency"], found["isComplete"]) == ("USD", True)


async def test_a_period_is_widened_to_whole_quarters_of_an_hour_and_says_so(told: Told):
    found = await told.get(from_="2026-11-22T14:01:00Z", to="2026-11-22T14:14:59+00:00")
    assert (found["from"], found["to"]) == ("2026-11-22T14:00:00Z", "2026-11-22T14:15:00Z")
    assert found["totals"]["scheduled"] == 2


async def test_a_period_has_its_begin_and_not_its_end(told: Told):
    first = await told.get(from_="2026-11-22T14:00:00Z", to="2026-11-23T14:00:00Z")
    then = await told.get(from_="2026-11-23T14:00:00Z", to="2026-11-23T15:00:00Z")
    assert (first["totals"]["scheduled"], then["totals"]["scheduled"]) == (3, 3)


async def test_dates_are_days_on_the_clocks_of_the_zone(told: Told):
    found = await told.get(from_="2026-11-22", to="2026-11-23", timezone="America/New_York")
    assert (found["from"], found["to"]) == ("2026-11-22T05:00:00Z", "2026-11-23T05:00:00Z")
    assert found["totals"]["scheduled"] == 3
    assert (await told.get(from_="2026-11-22", to="2026-11-23"))["totals"]["scheduled"] == 2


async def test_a_day_that_begins_with_a_change_of_the_clock_begins_with_it(told: Told):
    found = await told.get(from_="2026-09-06", to="2026-09-07", timezone="America/Santiago")
    assert (found["from"], found["to"]) == ("2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z")


# -- groups


async def test_by_day_of_the_zone(told: Told):
    days = await told.split("day", timezone="America/New_York")
    assert list(days) == ["2026-11-22", "2026-11-23"]
    assert [one["scheduled"] for one in days.values()] == [3, 3]
    assert [one["attempts"] for one in days.values()] == [5, 1]
    assert [one["name"] for one in days.values()] == [None, None]
    days = await told.split("day")
    assert [one["scheduled"] for one in days.values()] == [2, 4]


async def test_by_hour_of_the_week_of_the_zone(told: Told):
    hours = await told.split("hourOfWeek", timezone="America/New_York")
    assert {key: one["scheduled"] for key, one in hours.items()} == {
        "mon 09:00": 3,
        "sun 09:00": 2,
        "sun 13:00": 0,
        "sun 23:00": 1,
    }
    assert hours["sun 13:00"]["attemptsAnswered"] == 1
    hours = await told.split("hourOfWeek", timezone="Asia/Kathmandu")
    assert "mon 10:00" in hours  # 04:50 in UTC is 10:35 there


async def test_by_agent_with_its_name_even_after_it_was_deleted(told: Told):
    assert (await told.world.http.delete(f"/api/v1/agents/{told.bob}")).status_code == 204
    await count(told.world.db)
    found = await told.get(groupBy="agent")
    assert [(one["key"], one["name"]) for one in found["groups"]] == [
        (told.ada, "Ada"),
        (told.bob, "Bob"),
    ]
    assert [one["scheduled"] for one in found["groups"]] == [5, 1]
    assert found["groupCount"] == 2
    assert (await told.get(agentId=told.bob))["totals"]["optOutRate"] == 1.0


async def test_by_campaign_with_its_name_and_null_for_none(told: Told):
    found = await told.split("campaign")
    assert found[told.campaign]["name"] == "Autumn"
    assert found[told.campaign]["cost"] == 21_500
    assert (found[None]["name"], found[None]["scheduled"]) == (None, 5)


async def test_by_pathway_with_its_name(told: Told):
    pathway_id = await told.world.pathway(name="Survey")
    day = at("11-20T12:00:00")
    await called(told.world, told.ada, day, Outcome.CANCELED, pathway_id=pathway_id)
    await count_anew(told.world)
    found = await told.split("pathway")
    assert {key: one["name"] for key, one in found.items()} == {None: None, pathway_id: "Survey"}


async def test_by_caller_id_the_dials_are_those_it_made(told: Told):
    found = await told.split("callerId")
    assert {key: one["attempts"] for key, one in found.items()} == {CALLER_ID: 5, OTHER_CALLER: 1}


async def test_by_jurisdiction_as_it_was_dialed_else_by_the_number(told: Told):
    found = await told.split("jurisdiction")
    assert {key: one["scheduled"] for key, one in found.items()} == {"US-NY": 5, "US-CA": 1}


@pytest.mark.parametrize(
    "by", ["agent", "campaign", "pathway", "callerId", "jurisdiction", "hourOfWeek", "day"]
)
async def test_the_groups_are_the_parts_of_the_totals(told: Told, by: str):
    found = await told.get(groupBy=by, timezone="Asia/Kathmandu")
    assert {name: found["totals"][name] for name in NUMBERS} == NUMBERS
    for name in ("scheduled", "connected", "cost", "attempts", "spent"):
        assert sum(one[name] for one in found["groups"]) == NUMBERS[name]


@pytest.mark.parametrize("by", ["agent", "campaign", "pathway", "callerId", "jurisdiction", "day"])
async def test_filters_leave_only_the_calls_they_name(told: Told, by: str):
    of_campaign = {"campaignId": told.campaign, "agentId": told.ada}
    found = await told.get(groupBy=by, **of_campaign)
    assert (found["agentId"], found["campaignId"]) == (told.ada, told.campaign)
    assert (found["totals"]["scheduled"], found["totals"]["cost"]) == (1, 21_500)
    found = await told.get(groupBy=by, agentId=told.bob)
    assert (found["totals"]["scheduled"], found["groupCount"]) == (1, 1)
    found = await told.get(groupBy=by, agentId=told.bob, campaignId=told.campaign)
    assert (found["totals"]["scheduled"], found["groups"]) == (0, [])


async def test_groups_can_be_paged_through_and_the_totals_stay(told: Told):
    whole = await told.get(groupBy="agent")
    pages = [await told.get(groupBy="agent", skip=skip, take=1) for skip in range(3)]
    assert [one["groups"] for one in pages] == [[whole["groups"][0]], [whole["groups"][1]], []]
    assert all(one["totals"] == whole["totals"] and one["groupCount"] == 2 for one in pages)
