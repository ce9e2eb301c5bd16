from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.time.wall_time import (
    TZDATA_VERSION,
    UnknownZone,
    WallTimeGap,
    bound_of_wall,
    resolve_local,
    spoken,
    utc,
    zone,
)
from tests.policy.make import at


@pytest.mark.parametrize(
    "said", ["2026-11-18T08:00", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"]
)
def test_what_is_no_instant_of_utc_is_refused(said):
    with pytest.raises(ValueError, match="an instant"):
        utc(datetime.fromisoformat(said))


@pytest.mark.parametrize(
    ("wall", "zone_name", "earlier", "later"),
    [
        ("2026-11-18 08:00", "America/New_York", "2026-11-18 13:00", "2026-11-18 13:00"),
        ("2026-11-01 01:30", "America/New_York", "2026-11-01 05:30", "2026-11-01 06:30"),
        ("2026-11-01 01:00", "America/New_York", "2026-11-01 05:00", "2026-11-01 06:00"),
        ("2026-11-01 02:00", "America/New_York", "2026-11-01 07:00", "2026-11-01 07:00"),
        ("2026-10-25 01:30", "Europe/London", "2026-10-25 00:30", "2026-10-25 01:30"),
        ("2026-04-05 01:45", "Australia/Lord_Howe", "2026-04-04 14:45", "2026-04-04 15:15"),
    ],
)
def test_a_wall_time_is_resolved_and_a_fold_as_asked(wall, zone_name, earlier, later):
    naive = datetime.fromisoformat(wall)
    assert resolve_local(naive, zone_name, fold="earlier") == at(earlier)
    assert resolve_local(naive, zone_name, fold="later") == at(later)


@pytest.mark.parametrize(
    ("wall", "zone_name", "jump"),
    [
        ("2026-03-08 02:00", "America/New_York", "2026-03-08 07:00"),
        ("2026-03-08 02:59", "America/New_York", "2026-03-08 07:00"),
        ("2026-03-29 01:30", "Europe/London", "2026-03-29 01:00"),
        ("2026-10-04 02:15", "Australia/Lord_Howe", "2026-10-03 15:30"),
        # Samoa had no 30 December 2011 at all.
        ("2011-12-30 12:00", "Pacific/Apia", "2011-12-30 10:00"),
    ],
)
def test_a_wall_time_in_a_gap_is_refused_and_as_a_bound_becomes_the_jump(wall, zone_name, jump):
    naive = datetime.fromisoformat(wall)
    with pytest.raises(WallTimeGap, match="does not exist"):
        resolve_local(naive, zone_name, fold="earlier")
    assert bound_of_wall(naive, zone_name, fold="earlier") == at(jump)
    assert bound_of_wall(naive, zone_name, fold="later") == at(jump)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Base",
        "../../etc/passwd",
        "/etc/localtime",
        "america/new_york",
        "Factory",
        "localtime",
    ],
)
def test_what_is_not_a_name_in_the_database_is_no_zone(name):
    with pytest.raises(UnknownZone) as refused:
        zone(name)
    assert not name or name not in str(refused.value)


def test_an_instant_needs_an_offset_and_a_wall_time_has_none():
    with pytest.raises(ValueError, match="offset"):
        utc(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="offset"):
        resolve_local(datetime(2026, 1, 1, tzinfo=UTC), "UTC", fold="earlier")


def test_the_pinned_tzdata_answers_and_not_the_hosts():
    assert TZDATA_VERSION == "2026.6"
    # The host's older database still has Vancouver change its clocks.
    summer, winter = datetime(2027, 7, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    place = zone("America/Vancouver")
    assert summer.astimezone(place).utcoffset() == winter.astimezone(place).utcoffset()


def test_an_instant_is_spoken_in_local_time_with_its_zone():
    instant = at("2026-11-23 13:00")
    assert spoken(instant, "America/New_York") == "Mon 23 Nov 08:00 (America/New_York)"


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001
    st.sampled_from(["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_what_is_resolved_shows_the_wall_time_it_was_made_of(naive, zone_name):
    try:
        instants = [resolve_local(naive, zone_name, fold=fold) for fold in ("earlier", "later")]
    except WallTimeGap:
        shown = bound_of_wall(naive, zone_name, fold="later").astimezone(zone(zone_name))
        assert shown.replace(tzinfo=None) > naive
        assert shown.replace(tzinfo=None) - naive <= timedelta(hours=1)
        return
    assert instants == sorted(instants)
    for instant in instants:
        assert instant.astimezone(zone(zone_name)).replace(tzinfo=None) == naive
