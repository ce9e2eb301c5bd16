"""Goals of campaigns: what meets them, and which calls are not needed then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.campaigns.goals import (
    OPEN,
    Goal,
    GoalVerdict,
    Met,
    bars,
    closed_of,
    closed_spec,
    goal_of,
    is_closed,
    is_outside,
    verdict,
)
from policy.model.call import Outcome

NOW = datetime(2027, 3, 1, 15, tzinfo=UTC)
CONFIRMED = frozenset({Outcome.CONFIRMED})
HUNDRED = Goal(CONFIRMED, target=100)
REGIONS = Goal(CONFIRMED, variable="region", quotas={"north": 3, "south": 2})


@pytest.mark.parametrize(
    ("goal", "found", "dials_left", "met", "full"),
    [
        (HUNDRED, {"": 99}, None, None, set()),
        (HUNDRED, {"": 100}, None, Met.COUNT, set()),
        (HUNDRED, {"": 103}, None, Met.COUNT, set()),
        (HUNDRED, {}, None, None, set()),
        (REGIONS, {"north": 3, "south": 1}, None, None, {"north"}),
        (REGIONS, {"north": 3, "south": 2}, None, Met.COUNT, {"north", "south"}),
        (Goal(spend=1_000_000), {}, 1, None, set()),
        (Goal(spend=1_000_000), {}, 0, Met.SPEND, set()),
        (Goal(until=NOW), {}, None, Met.DATE, set()),
        (Goal(until=NOW + timedelta(seconds=1)), {}, None, None, set()),
        (Goal(CONFIRMED, target=5, spend=1), {"": 5}, 0, Met.COUNT, set()),
    ],
)
def test_what_meets_a_goal(goal: Goal, found, dials_left, met, full) -> None:
    assert verdict(goal, found, NOW, dials_left) == GoalVerdict(met, frozenset(full))


@given(st.dictionaries(st.sampled_from(["north", "south"]), st.integers(0, 6)))
def test_all_quotas_full_is_the_goal_and_one_that_is_not_keeps_it_open(found) -> None:
    said = verdict(REGIONS, found, NOW)
    assert said.full == {
        name for name, target in REGIONS.quotas.items() if found.get(name, 0) >= target
    }
    assert (said.met is Met.COUNT) == (len(said.full) == len(REGIONS.quotas))


@pytest.mark.parametrize(
    ("context", "barred", "outside"),
    [
        ({"region": "north"}, True, False),
        ({"region": "south"}, False, False),
        ({"region": "west"}, False, True),
        ({}, False, True),
    ],
)
def test_a_full_segment_bars_its_own_and_no_others(context, barred, outside) -> None:
    full = GoalVerdict(None, frozenset({"north"}))
    assert bars(full, "region", context) is barred
    assert is_outside(REGIONS, context) is outside
    assert is_closed(closed_spec(REGIONS, full, NOW), context) is barred


def test_values_are_compared_as_texts() -> None:
    goal = Goal(CONFIRMED, variable="tier", quotas={"1": 1, "true": 1})
    assert not is_outside(goal, {"tier": 1})
    assert not is_outside(goal, {"tier": True})


def test_a_goal_that_is_met_bars_everybody() -> None:
    met = GoalVerdict(Met.COUNT, frozenset())
    assert bars(met, None, {"region": "west"})
    assert is_closed(closed_spec(HUNDRED, met, NOW), {})


@pytest.mark.parametrize("spec", [None, {}])
def test_a_campaign_without_a_goal_has_none(spec: Any) -> None:
    assert goal_of(spec) is None
    assert closed_of(spec) == OPEN


def test_what_is_kept_is_read_again() -> None:
    found = GoalVerdict(Met.SPEND, frozenset({"north"}))
    assert closed_of(closed_spec(REGIONS, found, NOW)) == found
    spec = {"outcomes": ["confirmed"], "variable": "region", "quotas": {"north": 3, "south": 2}}
    assert goal_of(spec) == REGIONS
