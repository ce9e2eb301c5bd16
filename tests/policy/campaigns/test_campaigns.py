"""The breaker, the outlook of a campaign, and what will not fit: tables of numbers."""

from datetime import UTC, datetime, timedelta

import pytest

from policy.campaigns.campaigns import CallRate, Forecast, Group, breaker, fit, forecast
from policy.time.windows import Interval

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def between(start: float, end: float) -> Interval:
    return Interval(at(start), at(end))


ALWAYS = (between(0, 100_000),)
#: Ten slots of a minute: ten calls a minute.
TEN = CallRate(slots=10, calls_per_minute=None, seconds_per_dial=60)


@pytest.mark.parametrize(
    ("dials", "failures", "spec", "trips"),
    [
        (20, 10, {}, True),
        (20, 9, {}, False),
        (19, 19, {}, False),
        (0, 0, {}, False),
        (1000, 499, {}, False),
        (1000, 500, {}, True),
        (5, 5, {"minDials": 5}, True),
        (20, 10, {"failureShare": 0.6}, False),
        (20, 12, {"failureShare": 0.6}, True),
        (20, 20, {"isEnabled": False}, False),
    ],
)
def test_the_breaker_trips_at_half_of_at_least_twenty(dials, failures, spec, trips):
    assert breaker(dials, failures, spec) is trips


@pytest.mark.parametrize(
    ("pace", "rate"),
    [
        (TEN, 10),
        (CallRate(10, 4, 60), 4),
        (CallRate(10, 60, 120), 5),
        (CallRate(0, 60, 60), 0),
        (CallRate(1, None, 0), 60),
    ],
)
def test_the_pace_is_the_lower_of_slots_and_cap(pace, rate):
    assert pace.dials_per_minute == rate


@pytest.mark.parametrize(
    ("calls", "pace", "openings", "deadline", "expected"),
    [
        (0, TEN, ALWAYS, None, Forecast(at(0))),
        (100, TEN, ALWAYS, None, Forecast(at(10))),
        (100, TEN, (between(60, 65), between(90, 200)), None, Forecast(at(95))),
        (100, TEN, (between(60, 65),), None, Forecast(None)),
        (100, TEN, (), at(10), Forecast(None, 100, None, None)),
        (100, TEN, ALWAYS, at(10), Forecast(at(10))),
        (100, TEN, ALWAYS, at(8), Forecast(at(10), 20, 3, 2)),
        (100, CallRate(10, 10, 60), ALWAYS, at(8), Forecast(at(10), 20, None, 2)),
        (100, CallRate(10, 12, 60), ALWAYS, at(8), Forecast(at(10), 20, None, 2)),
        (100, CallRate(10, 13, 60), ALWAYS, at(8), Forecast(at(10), 20, 3, 2)),
        (100, CallRate(10, None, 60, 2.0), ALWAYS, at(10), Forecast(at(20), 50, 10, 10)),
        (100, CallRate(0, None, 60), ALWAYS, at(10), Forecast(None, 100, 10, None)),
        (100, TEN, (between(60, 200),), at(30), Forecast(at(70), 100, None, 40)),
        (10, TEN, ALWAYS, at(-5), Forecast(at(1), 10, None, 1)),
    ],
)
def test_a_forecast_says_when_it_ends_and_what_would_help(
    calls, pace, openings, deadline, expected
):
    assert forecast(calls, pace, openings, NOON, deadline) == expected


@pytest.mark.parametrize(
    ("groups", "left_over", "ends_at"),
    [
        ([], (), None),
        ([Group(100, (between(0, 20),))], (0,), at(10)),
        ([Group(100, (between(0, 8),))], (20,), None),
        ([Group(100, ())], (100,), None),
        # The one that closes first goes first.
        ([Group(100, (between(0, 20),)), Group(50, (between(0, 5),))], (0, 0), at(15)),
        # One that opens later loses nothing by waiting.
        ([Group(100, (between(0, 10),)), Group(50, (between(10, 15),))], (0, 0), at(15)),
        ([Group(100, (between(0, 10),)), Group(60, (between(0, 10),))], (0, 60), None),
        # Two days, a bit each day.
        ([Group(80, (between(0, 4), between(1440, 1445)))], (0,), at(1444)),
    ],
)
def test_groups_share_the_pace_and_what_is_left_is_told(groups, left_over, ends_at):
    found = fit(groups, TEN)
    assert found.left_over == left_over
    assert found.ends_at == ends_at


def test_a_pace_of_nothing_fits_nobody():
    assert fit([Group(3, (between(0, 10),))], CallRate(0, None, 60)).left_over == (3,)
