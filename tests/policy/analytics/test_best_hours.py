"""Hours of the week and parts of the day by how surely people answer; where a call is counted."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.analytics.best_hours import ranked
from policy.location.jurisdictions import likeliest
from policy.statistics import Sample
from policy.time.dayparts import (
    DAYPARTS,
    LEAST_ATTEMPTS,
    DaypartRate,
    best_first,
    daypart,
    first_month,
    rates_of,
)
from policy.time.quarter_hours import SLOTS, month_name, slot_of
from tests.policy.make import NEW_YORK, at

samples = st.integers(1, 500).flatmap(
    lambda trials: st.integers(0, trials).map(lambda hits: Sample(hits, trials))
)
weeks = st.dictionaries(st.integers(0, SLOTS - 1), samples, max_size=40)


def test_many_good_attempts_go_before_few_lucky_ones():
    slots = {0: Sample(30, 30), 2: Sample(270, 300), 4: Sample(10, 300), 6: Sample(5, 5)}
    found = [(one.hour, one.rank) for one in ranked(slots)]
    assert found == [(0, 1), (1, 2), (2, 3), (3, None)]
    slots[0] = Sample(27, 30)
    assert [one.hour for one in ranked(slots)] == [1, 0, 2, 3]


def test_the_half_hours_of_an_hour_count_together():
    [one] = ranked({84: Sample(10, 20), 85: Sample(5, 10)})
    assert (one.hour, one.sample, one.rank) == (42, Sample(15, 30), 1)


@given(weeks)
def test_every_hour_is_ranked_once_and_the_low_ends_fall(slots: dict[int, Sample]):
    found = ranked(slots)
    assert {one.hour for one in found} == {slot // 2 for slot in slots}
    enough = [one for one in found if one.rank is not None]
    assert [one.rank for one in enough] == list(range(1, len(enough) + 1))
    assert list(found[: len(enough)]) == enough
    lows = [one.interval.low for one in enough]
    assert lows == sorted(lows, reverse=True)
    assert all((one.rank is None) is (one.sample.trials < LEAST_ATTEMPTS) for one in found)
    attempts = sum(sample.trials for sample in slots.values())
    assert sum(one.sample.trials for one in found) == attempts
    assert sum(rate.attempts for rate in rates_of(slots)) == attempts


@given(st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)))  # noqa: DTZ001
def test_the_daypart_of_a_half_hour_is_that_of_its_instants(naive: datetime):
    instant = naive.replace(tzinfo=UTC)
    [found] = [
        rate.daypart
        for rate in rates_of({slot_of(instant, NEW_YORK): Sample(1, 1)})
        if rate.attempts
    ]
    assert found == daypart(instant, NEW_YORK)


def test_dayparts_with_few_attempts_are_not_among_the_best():
    rates = (
        DaypartRate("morning", 10, 40),
        DaypartRate("midday", 29, 29),
        DaypartRate("afternoon", 0, 0),
        DaypartRate("evening", 30, 40),
        DaypartRate("night", 0, 0),
    )
    assert [rate.daypart for rate in best_first(rates)] == ["evening", "morning"]
    assert [name for _, name in DAYPARTS] == [rate.daypart for rate in rates]


@pytest.mark.parametrize(
    ("now", "first"), [("2026-11-30 23:59", "2026-08"), ("2027-02-01 00:00", "2026-11")]
)
def test_this_month_and_the_three_before_are_looked_at(now: str, first: str):
    assert month_name(first_month(at(now))) == first


@pytest.mark.parametrize(
    ("jurisdictions", "counted"),
    [
        (("US", "US-NY", "*"), "US-NY"),
        (("US", "US-NY", "US-CT", "*"), "US"),
        (("US", "US-XX", "*"), "US"),
        (("DE", "EU", "*"), "DE"),
        (("*",), None),
        ((), None),
        (("CA", "US", "CA-ON", "*"), "CA-ON"),
    ],
)
def test_a_call_is_counted_under_its_state_if_only_one_may_be_meant(
    jurisdictions: tuple[str, ...], counted: str | None
):
    assert likeliest(jurisdictions) == counted
