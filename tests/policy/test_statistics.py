"""Intervals and tests of shares, beside numbers that were worked out by hand."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.statistics import Sample, ShareInterval, chance_of, difference, drop, wilson

samples = st.integers(0, 100_000).flatmap(
    lambda trials: st.integers(0, trials).map(lambda hits: Sample(hits, trials))
)


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        (4, 20, 0.0807, 0.4160),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (0, 0, 0.0, 1.0),
        (500, 1000, 0.4691, 0.5309),
    ],
)
def test_wilsons_interval_as_a_table(hits: int, trials: int, low: float, high: float):
    found = wilson(Sample(hits, trials))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(samples)
def test_the_interval_holds_the_share_and_stays_within_0_and_1(sample: Sample):
    found = wilson(sample)
    assert 0 <= found.low <= found.high <= 1
    if sample.share is not None:
        assert found.low <= sample.share <= found.high


@given(st.integers(1, 1000), st.integers(2, 50))
def test_more_attempts_with_the_same_share_are_surer(hits: int, times: int):
    few, many = Sample(hits, 2 * hits), Sample(hits * times, 2 * hits * times)
    assert wilson(few).low < wilson(many).low
    assert wilson(many).high < wilson(few).high


@given(samples)
def test_misses_have_the_interval_of_hits_turned_round(sample: Sample):
    found, other = wilson(sample), wilson(Sample(sample.trials - sample.hits, sample.trials))
    assert isclose(found.low, 1 - other.high, abs_tol=1e-12)


@pytest.mark.parametrize(
    ("before", "now", "z"),
    [
        # Pooled 70 of 300.
        (Sample(60, 200), Sample(10, 100), 3.861),
        (Sample(30, 100), Sample(60, 200), 0.0),
        (Sample(10, 100), Sample(60, 200), -3.861),
        (Sample(0, 0), Sample(10, 100), None),
        (Sample(10, 100), Sample(0, 0), None),
        (Sample(0, 100), Sample(0, 100), None),
        (Sample(100, 100), Sample(100, 100), None),
    ],
)
def test_a_fall_is_measured_against_chance(before: Sample, now: Sample, z: float | None):
    found = drop(before, now)
    assert (None if found is None else round(found, 3)) == z


@pytest.mark.parametrize(
    ("z", "chance"), [(0.0, 0.5), (1.6449, 0.05), (3.0902, 0.001), (-1.6449, 0.95)]
)
def test_chance_is_that_of_one_side(z: float, chance: float):
    assert round(chance_of(z), 4) == chance


@given(samples, samples)
def test_a_fall_turned_round_is_a_rise_by_as_much(one: Sample, other: Sample):
    fall, rise = drop(one, other), drop(other, one)
    assert (fall is None) is (rise is None)
    if fall is not None and rise is not None:
        assert isclose(fall, -rise, abs_tol=1e-9)


def test_newcombes_interval_is_that_of_his_paper() -> None:
    """Table II there, method 10: 56/70 less 48/80, and 9/10 less 3/10."""
    found = difference(Sample(56, 70), Sample(48, 80))
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    found = difference(Sample(9, 10), Sample(3, 10))
    assert (found.low, found.high) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert difference(Sample(0, 0), Sample(3, 10)) == ShareInterval(-1, 1)
