"""Numbers that people let ring are rested soon, others hardly ever, and they come back."""

import random
from datetime import timedelta
from statistics import median

from hypothesis import given, settings
from hypothesis import strategies as st

from policy.caller_ids.rests import (
    FIRST_REST,
    HIGHEST_SCORE,
    LONGEST_REST,
    NumberWatch,
    RestState,
    expected,
    is_shown,
    rest_of,
    watched,
)
from policy.statistics import Sample
from tests.policy.caller_ids.pools import A_MONTH, BEGIN, SPAM, SimulatedPool, detections

KNOWN = NumberWatch(own_answered=70, own_dials=200, near_answered=70, near_dials=200)


def test_a_pool_of_which_none_is_marked_rests_one_in_twenty_months_at_most():
    """264,000 dials; within a day the share of everybody goes up and down by a third."""
    assert len(SimulatedPool(1, swing=0.3, batch=100).run(20 * A_MONTH).rests) <= 1


def test_a_marked_number_is_rested_within_fifty_dials():
    assert median(detections(0.35, 0.05, 15)) <= 50


def test_a_pool_that_heals_itself_is_answered_more_and_wastes_little():
    left, healed = (SimulatedPool(7, fallen=0.05, heals=one).run(A_MONTH) for one in (False, True))
    assert healed.wasted < left.wasted / 5
    assert healed.answered > left.answered


def test_a_number_that_was_cleared_meanwhile_comes_back_to_all_of_its_people():
    pool = SimulatedPool(3, fallen=0.05, unmarked_at=2_000).run(A_MONTH)
    assert pool.rests[0] == SPAM
    assert pool.pool[SPAM].state is RestState.WATCHED


def test_an_hour_that_is_bad_for_everybody_rests_nobody():
    pool = {f"n{index}": KNOWN for index in range(6)}
    for turn in range(60):
        pool = watched(pool, dict.fromkeys(pool, Sample(0, 1)), BEGIN + timedelta(minutes=turn))
    assert all(is_shown(one) for one in pool.values())


@settings(max_examples=30, deadline=None)
@given(pool=st.integers(1, 6), seed=st.integers(0, 10**6))
def test_whatever_happens_half_of_a_pool_is_shown_and_a_pool_of_one_is(pool: int, seed: int):
    chance = random.Random(seed)
    watches = {f"n{index}": KNOWN for index in range(pool)}
    for turn in range(20):
        dials = {number: chance.randrange(100) for number in watches}
        told = {one: Sample(chance.randint(0, count), count) for one, count in dials.items()}
        watches = watched(watches, told, BEGIN + timedelta(days=turn))
        assert sum(not is_shown(one) for one in watches.values()) <= pool // 2
        assert all(one.score <= HIGHEST_SCORE for one in watches.values())


def test_a_rest_doubles_each_time_and_ends_in_probation():
    assert [rest_of(n) for n in (0, 1, 2, 9, 99)] == [
        FIRST_REST,
        FIRST_REST * 2,
        FIRST_REST * 4,
        LONGEST_REST,
        LONGEST_REST,
    ]
    rested = NumberWatch(RestState.RESTED, rests=1, until=BEGIN)
    pool = {"a": rested, "b": KNOWN, "c": KNOWN}
    early = watched(pool, {}, BEGIN - timedelta(seconds=1))
    assert early["a"].state is RestState.RESTED
    back = watched(pool, {}, BEGIN)["a"]
    assert (back.state, back.score, back.until) == (RestState.PROBATION, 0.0, None)


def test_on_probation_it_is_rested_again_or_good_again():
    pool = {"a": NumberWatch(RestState.PROBATION, rests=1), "b": KNOWN, "c": KNOWN}
    bad = watched(pool, {"a": Sample(0, 16)}, BEGIN)["a"]
    assert (bad.state, bad.rests) == (RestState.RESTED, 2)
    assert bad.until == BEGIN + FIRST_REST * 2
    good = watched(pool, {"a": Sample(6, 12)}, BEGIN)["a"]
    assert (good.state, good.rests) == (RestState.WATCHED, 0)


def test_what_is_expected_is_the_lower_of_its_own_past_and_of_its_pool():
    low = NumberWatch(own_answered=20, own_dials=200, near_answered=20, near_dials=200)
    shares = expected({"low": low, "b": KNOWN, "c": KNOWN})
    assert shares["low"] is not None
    assert shares["low"] < 0.15
    assert expected({"alone": KNOWN}) == {"alone": None}
