"""No call may be made at an instant outside anybody's legal hours, whatever the clocks do.

The definition here is told from the clock on the wall, with zoneinfo alone, and shares nothing with
the code that finds the openings. What a holiday is, is tested by itself.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.calls.call_times import MARGIN
from policy.calls.decide import decide
from policy.calls.decision_changes import LOOKS_AGAIN
from policy.compliance.case import case_of
from policy.facts import Facts
from policy.location.recipient_location import locate_recipient
from policy.model.call import Decision, DecisionKind, EndpointKind, Outcome, Span, WeeklyWindow
from policy.model.purposes import Purpose, Voice
from policy.model.reasons import Reason
from policy.rules import STANDARD
from policy.rules.model import BlackoutRule, HoursRule, read_rule
from policy.time.holidays import is_holiday
from policy.time.wall_time import is_zone
from policy.time.windows import Blackout, Window, ZonedWindow, openings, weekly
from tests.policy.make import daily, facts

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)
TICK = timedelta(microseconds=1)
ZONES = sorted(name for name in available_timezones() if is_zone(name))
#: Around every hour at which clocks change anywhere, and the hours of most rules.
SPANS = [("00:15", "03:45"), ("01:30", "02:30"), ("02:30", "05:00"), ("23:30", "00:30")]
SPANS += [("08:00", "21:00"), ("00:00", "24:00")]


@lru_cache
def changes(zone_name: str) -> tuple[datetime, ...]:
    """The instants at which the clocks of a zone change, to the second."""
    place, found, day = ZoneInfo(zone_name), [], FIRST
    while day < LAST:
        if day.astimezone(place).utcoffset() != (day + DAY).astimezone(place).utcoffset():
            low, high = day, day + DAY
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                same = middle.astimezone(place).utcoffset() == low.astimezone(place).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high.replace(microsecond=0))
        day += DAY
    return tuple(found)


def is_open(window: Window, instant: datetime) -> bool:
    """Whether a window is open by the clock on the wall."""
    if isinstance(window, Blackout):
        over = window.ends_at is not None and window.ends_at <= instant
        return instant < window.starts_at or over
    local = instant.astimezone(ZoneInfo(window.zone_name))
    today = local.date()
    if window.calendar is not None and is_holiday(window.calendar, today):
        return False
    seconds = (local.hour * 60 + local.minute) * 60 + local.second + local.microsecond / 1e6
    return any(
        span.start * 60 <= seconds + 86400 * back < span.end * 60
        for back in (0, 1)
        if window.calendar is None or not is_holiday(window.calendar, today - back * DAY)
        for span in window.window.days.get((today - back * DAY).weekday(), ())
    )


def moments(start: datetime, end: datetime, step: timedelta = QUARTER) -> Iterator[datetime]:
    """The first and the last instant of [start, end), and many between."""
    at = start
    while at < end:
        yield at
        at += step
    yield end - TICK


def test_the_clocks_of_some_zones_change_and_of_most_do_not():
    assert len(ZONES) > 500
    assert changes("America/New_York")[0] == datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert changes("Australia/Lord_Howe")[0] == datetime(2026, 4, 4, 15, tzinfo=UTC)
    assert changes("Asia/Kolkata") == ()
    assert sum(len(changes(name)) for name in ZONES) > 400


def test_around_every_change_of_every_zones_clocks_an_opening_is_inside_its_window():
    looked_at = 0
    for name in ZONES:
        for change in changes(name):
            for span in SPANS:
                window = ZonedWindow(daily(*span), name)
                for one in openings([window], change - DAY / 2, change + DAY / 2):
                    for instant in moments(one.start, one.end, timedelta(minutes=7)):
                        assert is_open(window, instant), (name, span, instant)
                        looked_at += 1
    assert looked_at > 100_000


# -- several windows at once, with holidays and blackouts


CALENDARS = ["FR", "DE", "US-LA", "US-UT", "ES", "AU"]
edges = st.sampled_from([name for name in ZONES if changes(name)]).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(changes(name)))
)
minutes = st.integers(0, 95).map(lambda quarter: quarter * 15)
spans = st.tuples(minutes, st.integers(1, 96)).map(lambda s: Span(s[0], s[0] + 15 * s[1]))
weeks = st.dictionaries(
    st.integers(0, 6),
    st.lists(spans, max_size=2).map(lambda some: tuple(sorted(some, key=lambda s: s.start))),
    min_size=3,
).map(WeeklyWindow)


@settings(max_examples=200, deadline=None)
@given(st.data(), edges, st.sampled_from(ZONES))
def test_an_opening_is_inside_all_windows_off_all_holidays_and_outside_all_blackouts(
    data: st.DataObject, edge: tuple[str, datetime], other: str
):
    name, change = edge
    calendars = st.sampled_from([None, *CALENDARS])
    zoned = st.builds(ZonedWindow, weeks, st.sampled_from([name, other]), calendars)
    windows: list[Window] = list(data.draw(st.lists(zoned, min_size=1, max_size=3)))
    begins = change + data.draw(st.integers(-48, 48)) * timedelta(hours=1)
    lasts = data.draw(st.integers(0, 48))
    windows.append(Blackout(begins, begins + timedelta(hours=lasts) if lasts else None))
    after = change - timedelta(minutes=data.draw(st.integers(0, 3 * 1440)))
    found = list(openings(windows, after, after + 5 * DAY))
    for one in found:
        assert after <= one.start < one.end <= after + 5 * DAY
        for instant in moments(one.start, one.end, timedelta(minutes=97)):
            assert all(is_open(window, instant) for window in windows), instant
    for instant in moments(after, after + 5 * DAY, timedelta(minutes=241)):
        if all(is_open(window, instant) for window in windows) and not near(windows, instant):
            assert any(one.start <= instant < one.end for one in found), instant


def near(windows: Sequence[Window], instant: datetime) -> bool:
    """Whether clocks change about then: there an opening may be left out to be on the safe side."""
    names = {one.zone_name for one in windows if isinstance(one, ZonedWindow)}
    return any(abs(instant - change) < 2 * DAY for name in names for change in changes(name))


@pytest.mark.parametrize("calendar", CALENDARS)
def test_a_span_over_midnight_neither_begins_on_a_holiday_nor_reaches_into_one(calendar: str):
    window = ZonedWindow(daily("20:00", "04:00"), "Europe/Paris", calendar)
    start = datetime(2026, 12, 20, tzinfo=UTC)
    found = list(openings([window], start, start + 20 * DAY))
    assert found
    for one in found:
        assert all(is_open(window, instant) for instant in moments(one.start, one.end))


# -- the rules of the packs, wherever the recipient may be


PLACES: list[str] = [
    *("+12125550123", "+13055550123", "+14485550123", "+12195550123", "+14235550123"),
    *("+18675550123", "+19305550123", "+12365550123", "+16025550123", "+19285550123"),
    *("+18085550123", "+17875550123", "+18015550123", "+13185550123", "+14165550123"),
    *("+33199005501", "+33612345678", "+262692123456", "+442079460123", "+4930123456"),
    *("+34911234567", "+390612345678", "+61491570156", "+61291234567", "+919876543210"),
    *("+551155501234", "+5511912345678", "+6281234567890", "+5632210000", "+79123456789"),
    *("+12425550123", "+212520123456", "+9647712345678", "+972501234567", "+20212345678"),
]
STORM = {
    "id": "own.storm",
    "kind": "blackout",
    "jurisdiction": "*",
    "source": "tests",
    "confidence": "convention",
    "verifiedOn": "2026-11-25",
}


def legal_windows(given_facts: Facts, now: datetime) -> list[Window]:
    """Every rule's hours on each clock that may be the recipient's, and the blackouts."""
    place = locate_recipient(
        given_facts.endpoint,
        given_facts.endpoint_kind,
        zone=given_facts.recipient_zone,
        country=given_facts.recipient_country,
        postal_code=given_facts.recipient_postal_code,
    )
    windows: list[Window] = []
    case = case_of(given_facts, now)
    for rule in case.rules:
        if rule.id in case.aside:
            continue
        if isinstance(rule, HoursRule):
            read = weekly_of_rule(rule)
            windows += [ZonedWindow(read, name, rule.holidays) for name in place.zones]
        if isinstance(rule, BlackoutRule):
            windows.append(Blackout(rule.starts_at, rule.ends_at))
    return windows


def weekly_of_rule(rule: HoursRule) -> WeeklyWindow:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return weekly({names.index(day): found for day, found in rule.windows.items()})


def permitted(given_facts: Facts, now: datetime) -> tuple[Decision, list[datetime]]:
    """The instants at which a phone may ring by a decision, none if it dials nobody."""
    decision = decide(given_facts, now)
    rings = timedelta(seconds=given_facts.ring_timeout) + MARGIN
    if decision.kind is DecisionKind.DIAL:
        assert decision.valid_until is not None
        # Sent at the last moment, and ringing for as long as it may.
        return decision, list(moments(now, decision.valid_until + rings, 2 * QUARTER))
    if decision.kind is DecisionKind.WAIT and decision.reason not in LOOKS_AGAIN:
        assert decision.until is not None
        return decision, list(moments(decision.until, decision.until + rings))
    return decision, []


people = st.fixed_dictionaries(
    {
        "endpoint": st.sampled_from(PLACES),
        "purpose": st.sampled_from([None, *Purpose]),
        "voice": st.sampled_from(Voice),
        "ring_timeout": st.sampled_from([15, 30, 120]),
    },
    optional={
        "recipient_zone": st.sampled_from(ZONES),
        "recipient_country": st.sampled_from(["US", "FR", "AU", "BR", "ID", "CA", "MX"]),
        "recipient_postal_code": st.sampled_from(["33101", "90210", "K1A 0B1", "75001"]),
    },
)
#: So that only the clock is asked about.
ELSE_WAIVED = frozenset(
    {"consent", "registry", "ring_time", "disclosure", "caller_id_range", "prerequisite"}
)


@settings(max_examples=300, deadline=None)
@given(people, edges, st.integers(-3 * 1440, 3 * 1440), st.booleans(), st.data())
def test_nobody_is_called_outside_the_hours_of_any_place_they_may_be_in(
    person: dict[str, Any],
    edge: tuple[str, datetime],
    minute: int,
    is_stormy: bool,
    data: st.DataObject,
):
    name, change = edge
    if "recipient_zone" in person:
        person["recipient_zone"] = name
    now = change + timedelta(minutes=minute)
    book = STANDARD
    if is_stormy:
        begins = now + timedelta(hours=data.draw(st.integers(-24, 24)))
        ends = begins + timedelta(hours=data.draw(st.integers(1, 48)))
        storm = {**STORM, "startsAt": begins.isoformat(), "endsAt": ends.isoformat()}
        book = STANDARD.with_rules([read_rule(storm)])
    asked = facts(**person, endpoint_kind=EndpointKind.PHONE, waived_rules=ELSE_WAIVED, book=book)
    nobody_is_called_outside(asked, now)


def nobody_is_called_outside(asked: Facts, now: datetime) -> Decision:
    """The decision that says when, or that it is not to be."""
    decision, instants = permitted(asked, now)
    if decision.reason in LOOKS_AGAIN:
        # Its time is that of the next look, which promises no call: what comes of that look may not
        # call anybody outside the hours either.
        assert (decision.kind, instants) == (DecisionKind.WAIT, [])
        assert decision.until is not None
        assert decision.until > now
        return nobody_is_called_outside(asked, decision.until)
    windows = legal_windows(asked, now)
    assert windows
    for instant in instants:
        for window in windows:
            assert is_open(window, instant), (decision, window, instant)
    return decision


def test_a_storm_that_takes_the_last_common_hour_calls_nobody_afterwards_either():
    """Daylight saving in New York ends what its evenings and Perth's mornings had in common."""
    now = datetime(2026, 3, 7, 1, 28, tzinfo=UTC)
    storm = {**STORM, "startsAt": now.isoformat(), "endsAt": (now + DAY / 24).isoformat()}
    asked = facts(
        endpoint="+12125550123",
        endpoint_kind=EndpointKind.PHONE,
        recipient_country="AU",
        purpose=Purpose.SURVEY,
        ring_timeout=15,
        waived_rules=ELSE_WAIVED,
        book=STANDARD.with_rules([read_rule(storm)]),
    )
    assert decide(asked, now).reason is Reason.CLOSED_WITHOUT_END
    assert nobody_is_called_outside(asked, now).outcome is Outcome.DEADLINE_MISSED


@pytest.mark.parametrize("zone_name", ["Africa/Casablanca", "Africa/Cairo", "Pacific/Chatham"])
def test_the_property_looks_at_calls_that_are_made_and_at_calls_that_wait(zone_name: str):
    """Or it would prove nothing."""
    kinds = set()
    for hour in range(48):
        now = changes(zone_name)[0] + timedelta(hours=hour)
        asked = facts(endpoint="+442079460123", recipient_zone=zone_name, waived_rules=ELSE_WAIVED)
        kinds.add(permitted(asked, now)[0].kind)
    assert kinds == {DecisionKind.DIAL, DecisionKind.WAIT}
