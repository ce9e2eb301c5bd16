from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.model.call import Span, WeeklyWindow
from policy.time.wall_time import UnknownZone
from policy.time.windows import (
    HORIZON,
    BadWindow,
    Interval,
    ZonedWindow,
    next_opening,
    openings,
    weekly,
)
from tests.policy.make import NEW_YORK, at, daily

LONDON, LORD_HOWE = "Europe/London", "Australia/Lord_Howe"


def opened(windows, after, until):
    return [(one.start, one.end) for one in openings(windows, after, until)]


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        ("9:00", "17:30", Span(540, 1050)),
        ("09:00", "24:00", Span(540, 1440)),
        ("22:00", "02:00", Span(1320, 1560)),
        ("00:00", "00:00", Span(0, 1440)),
        ("10:00", "10:00", Span(600, 2040)),
    ],
)
def test_a_span_is_read_in_minutes_and_may_pass_midnight(start, end, span):
    assert weekly({0: [(start, end)]}) == WeeklyWindow({0: (span,)})


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (7, "09:00", "10:00"),
        (-1, "09:00", "10:00"),
        (0, "24:00", "25:00"),
        (0, "24:00", "02:00"),
        (0, "09:60", "10:00"),
        (0, "9", "10:00"),
        (0, "", "10:00"),
        (0, "09:00", "ten"),
        (0, "٠٩:٠٠", "10:00"),
    ],
)
def test_a_span_that_cannot_be_read_is_refused(day, start, end):
    with pytest.raises(BadWindow):
        weekly({day: [(start, end)]})


def test_no_windows_are_always_open_and_a_window_without_days_never():
    after, until = at("2026-11-18 00:00"), at("2026-11-20 00:00")
    assert opened([], after, until) == [(after, until)]
    assert opened([ZonedWindow(WeeklyWindow({}), "UTC")], after, until) == []
    assert opened([], until, after) == []


def test_spans_that_touch_or_overlap_are_one_opening():
    window = weekly({2: [("09:00", "12:00"), ("11:00", "13:00"), ("13:00", "14:00")]})
    found = opened([ZonedWindow(window, "UTC")], at("2026-11-18 00:00"), at("2026-11-19 00:00"))
    assert found == [(at("2026-11-18 09:00"), at("2026-11-18 14:00"))]


def test_a_window_around_the_clock_is_one_opening_over_a_clock_change():
    after, until = at("2026-10-30 00:00"), at("2026-11-05 00:00")
    assert opened([ZonedWindow(daily("00:00", "24:00"), NEW_YORK)], after, until) == [
        (after, until)
    ]


def test_an_overnight_span_belongs_to_the_day_it_starts_on():
    friday_night = ZonedWindow(weekly({4: [("22:00", "02:00")]}), LONDON)
    saturday_one = at("2026-11-21 01:00")
    assert opened([friday_night], saturday_one, saturday_one + timedelta(days=6)) == [
        (saturday_one, at("2026-11-21 02:00"))
    ]


@pytest.mark.parametrize(
    ("zone_name", "span", "day", "start", "end"),
    [
        # spring: what the clocks skip does not count
        (NEW_YORK, ("02:30", "05:00"), "2026-03-08", "2026-03-08 07:00", "2026-03-08 09:00"),
        (NEW_YORK, ("01:00", "02:30"), "2026-03-08", "2026-03-08 06:00", "2026-03-08 07:00"),
        (NEW_YORK, ("08:00", "21:00"), "2026-03-08", "2026-03-08 12:00", "2026-03-09 01:00"),
        (LONDON, ("01:30", "03:00"), "2026-03-29", "2026-03-29 01:00", "2026-03-29 02:00"),
        (LORD_HOWE, ("02:10", "04:00"), "2026-10-04", "2026-10-03 15:30", "2026-10-03 17:00"),
        (LORD_HOWE, ("01:00", "02:20"), "2026-10-04", "2026-10-03 14:30", "2026-10-03 15:30"),
        # autumn: the later start, the earlier end
        (NEW_YORK, ("01:30", "05:00"), "2026-11-01", "2026-11-01 06:30", "2026-11-01 10:00"),
        (NEW_YORK, ("00:00", "01:30"), "2026-11-01", "2026-11-01 04:00", "2026-11-01 05:30"),
        (NEW_YORK, ("00:00", "03:00"), "2026-11-01", "2026-11-01 04:00", "2026-11-01 08:00"),
        (NEW_YORK, ("08:00", "21:00"), "2026-11-01", "2026-11-01 13:00", "2026-11-02 02:00"),
        (LONDON, ("01:15", "02:00"), "2026-10-25", "2026-10-25 01:15", "2026-10-25 02:00"),
        (LORD_HOWE, ("01:45", "03:00"), "2026-04-05", "2026-04-04 15:15", "2026-04-04 16:30"),
        (LORD_HOWE, ("01:00", "01:45"), "2026-04-05", "2026-04-04 14:00", "2026-04-04 14:45"),
    ],
)
def test_a_clock_change_is_read_conservatively(zone_name, span, day, start, end):
    weekday = datetime.fromisoformat(day).weekday()
    window = ZonedWindow(weekly({weekday: [span]}), zone_name)
    around = at(f"{day} 00:00", zone_name)
    found = opened([window], around, around + timedelta(hours=26))
    assert found == [(at(start), at(end))]


@pytest.mark.parametrize(
    ("span", "day"),
    [(("02:05", "02:55"), "2026-03-08"), (("01:10", "01:50"), "2026-11-01")],
)
def test_a_span_within_a_gap_or_a_fold_does_not_open_that_day(span, day):
    window = ZonedWindow(weekly({6: [span]}), NEW_YORK)
    around = at(f"{day} 00:00", NEW_YORK)
    assert opened([window], around, around + timedelta(hours=26)) == []
    assert opened([window], around, around + timedelta(days=8)) != []


def test_several_zones_leave_what_all_of_them_allow():
    window = daily("08:00", "21:00")
    zones = [ZonedWindow(window, name) for name in (NEW_YORK, "America/Los_Angeles")]
    day = at("2026-11-18 05:00")
    assert opened(zones, day, day + timedelta(days=1)) == [
        (at("2026-11-18 08:00", "America/Los_Angeles"), at("2026-11-18 21:00", NEW_YORK))
    ]


def test_zones_on_opposite_sides_of_the_earth_may_never_open_together():
    window = daily("09:00", "17:00")
    zones = [ZonedWindow(window, name) for name in (NEW_YORK, "Asia/Tokyo")]
    after = at("2026-11-18 00:00")
    assert next_opening(zones, after, after + HORIZON, timedelta(minutes=1)) is None


def test_the_next_opening_is_clipped_and_long_enough():
    window = [ZonedWindow(daily("08:00", "09:00"), "UTC")]
    after = at("2026-11-18 08:59")
    until = after + HORIZON
    assert next_opening(window, after, until, timedelta(seconds=60)) == Interval(
        after, at("2026-11-18 09:00")
    )
    assert next_opening(window, after, until, timedelta(seconds=61)) == Interval(
        at("2026-11-19 08:00"), at("2026-11-19 09:00")
    )


def test_an_unknown_zone_refuses():
    with pytest.raises(UnknownZone):
        next(openings([ZonedWindow(daily("08:00", "21:00"), "Nowhere/At_All")], *two_days()))


def two_days():
    return at("2026-11-18 00:00"), at("2026-11-20 00:00")


def is_inside(window: ZonedWindow, instant: datetime) -> bool:
    """The definition, told from the clock on the wall and sharing nothing with the code."""
    local = instant.astimezone(ZoneInfo(window.zone_name))
    minute = local.hour * 60 + local.minute + local.second / 60 + local.microsecond / 60e6
    return any(
        span.start <= minute + 1440 * back < span.end
        for back in range(3)
        for span in window.window.days.get((local.weekday() - back) % 7, ())
    )


minutes = st.integers(0, 95).map(lambda quarter: quarter * 15)
spans = st.tuples(minutes, st.integers(1, 96)).map(lambda s: Span(s[0], s[0] + 15 * s[1]))
weeks = st.dictionaries(
    st.integers(0, 6),
    st.lists(spans, max_size=3).map(lambda found: tuple(sorted(found, key=lambda s: s.start))),
).map(WeeklyWindow)
places = st.sampled_from([NEW_YORK, LONDON, LORD_HOWE, "Asia/Kolkata", "Africa/Cairo", "UTC"])
changes = st.sampled_from(
    [
        datetime(2026, 3, 8, 7, tzinfo=UTC),
        datetime(2026, 11, 1, 6, tzinfo=UTC),
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 1, tzinfo=UTC),
        datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
        datetime(2026, 4, 4, 15, tzinfo=UTC),
        datetime(2026, 4, 23, 22, tzinfo=UTC),
    ]
)
several = st.lists(st.builds(ZonedWindow, weeks, places), min_size=1, max_size=3)


@settings(max_examples=150, deadline=None)
@given(several, changes, st.integers(0, 5000), st.data())
def test_every_instant_of_an_opening_is_inside_every_window_by_the_clock(
    windows, change, before, data
):
    after = change - timedelta(minutes=before)
    found = list(openings(windows, after, after + timedelta(days=5)))
    for one in found:
        length = (one.end - one.start) / timedelta(microseconds=1)
        part = data.draw(st.integers(0, int(length) - 1))
        last = one.end - timedelta(microseconds=1)
        for instant in (one.start, one.start + timedelta(microseconds=part), last):
            assert all(is_inside(window, instant) for window in windows)
    assert all(a.end < b.start for a, b in pairwise(found))


@settings(max_examples=100, deadline=None)
@given(several, st.integers(0, 6 * 1440))
def test_away_from_clock_changes_no_open_instant_is_missed(windows, minute):
    after = datetime(2026, 6, 1, tzinfo=UTC)
    instant = after + timedelta(minutes=minute)
    found = any(
        one.start <= instant < one.end
        for one in openings(windows, after, after + timedelta(days=7))
    )
    assert found == all(is_inside(window, instant) for window in windows)
