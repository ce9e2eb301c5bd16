"""Quarters of an hour: of instants, and of the stretches over which a zone keeps its offset."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.time.quarter_hours import (
    SECONDS,
    OffsetRun,
    begin_of,
    day_name,
    hour_name,
    month_name,
    month_of,
    quarter_after,
    quarter_of,
    runs,
    slot_of,
)
from policy.time.wall_time import UnknownZone
from tests.policy.make import NEW_YORK, at

ZONES = [NEW_YORK, "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]
instants = st.datetimes(datetime(1972, 2, 1), datetime(2037, 1, 1)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("text", "down", "up"),
    [
        ("1970-01-01 00:00:00", 0, 0),
        ("1970-01-01 00:00:01", 0, 1),
        ("1970-01-01 00:14:59", 0, 1),
        ("1970-01-01 00:15:00", 1, 1),
        ("1970-01-02 00:00:00", 96, 96),
        ("1969-12-31 23:59:59", -1, 0),
    ],
)
def test_an_instant_lies_in_one_quarter_and_before_the_next(text: str, down: int, up: int):
    assert (quarter_of(at(text)), quarter_after(at(text))) == (down, up)


@given(instants)
def test_a_period_is_widened_by_less_than_a_quarter_at_each_end(instant: datetime):
    quarter = timedelta(seconds=SECONDS)
    assert begin_of(quarter_of(instant)) <= instant < begin_of(quarter_of(instant)) + quarter
    assert begin_of(quarter_after(instant)) - quarter < instant <= begin_of(quarter_after(instant))


def test_a_change_of_the_clock_ends_a_run_at_the_quarter_in_which_it_comes():
    begin, end = quarter_of(at("2026-11-01 00:00")), quarter_of(at("2026-11-02 00:00"))
    change = quarter_of(at("2026-11-01 06:00"))
    assert list(runs(begin, end, NEW_YORK)) == [
        OffsetRun(begin, change, -4 * 3600),
        OffsetRun(change, end, -5 * 3600),
    ]
    assert list(runs(begin, end, "Asia/Kathmandu")) == [OffsetRun(begin, end, 20_700)]


def test_a_zone_that_is_not_known_has_no_runs():
    with pytest.raises(UnknownZone):
        list(runs(0, 96, "Mars/Olympus"))


@settings(max_examples=60, deadline=None)
@given(instants, st.integers(1, 400), st.sampled_from(ZONES))
def test_runs_follow_each_other_and_have_the_offset_of_the_zone(
    instant: datetime, days: int, zone_name: str
):
    begin = quarter_of(instant)
    end = begin + days * 96 - 7
    found = list(runs(begin, end, zone_name))
    assert (found[0].start, found[-1].end) == (begin, end)
    for one, following in pairwise(found):
        assert one.end == following.start
        assert one.offset != following.offset
    for one in found:
        assert one.start < one.end
        for quarter in {one.start, (one.start + one.end) // 2, one.end - 1}:
            wall = at(begin_of(quarter).strftime("%Y-%m-%d %H:%M")) + timedelta(seconds=one.offset)
            assert (slot_of(begin_of(quarter), zone_name)) == slot_of(wall, "UTC")


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("2026-11-16 00:00", 0),
        ("2026-11-16 00:30", 1),
        ("2026-11-17 18:29", 84),
        ("2026-11-22 23:59", 335),
    ],
)
def test_half_hours_of_the_week_begin_on_monday_on_the_zones_clocks(text: str, slot: int):
    assert slot_of(at(text, NEW_YORK), NEW_YORK) == slot


def test_days_hours_and_months_have_names():
    assert day_name(0) == "1970-01-01"
    assert day_name((date(2028, 2, 29) - date(1970, 1, 1)).days) == "2028-02-29"
    assert [hour_name(hour) for hour in (0, 42, 167)] == ["mon 00:00", "tue 18:00", "sun 23:00"]
    months = [date(2026, 12, 31), date(2027, 1, 1)]
    assert [month_name(month_of(day)) for day in months] == ["2026-12", "2027-01"]
    assert month_of(months[1]) - month_of(months[0]) == 1
