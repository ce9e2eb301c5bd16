import json
from datetime import date, timedelta
from importlib.resources import files

import pytest

from policy.rules import STANDARD
from policy.rules.model import HoursRule
from policy.time.holidays import is_holiday, known_calendar

EXTRAS = json.loads(files("policy").joinpath("data", "holidays.json").read_text())


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        ("US-AL", "2026-04-27"),
        ("US-MS", "2027-04-26"),
        ("US-UT", "2026-07-24"),
        ("US-RI", "2026-08-10"),
        ("FR", "2026-07-14"),
        ("DE", "2026-10-03"),
        ("ES", "2026-12-08"),
        ("IT", "2026-04-25"),
        ("AU", "2027-01-26"),
    ],
)
def test_a_holiday_of_the_place_is_one(calendar, day):
    assert is_holiday(calendar, date.fromisoformat(day))


@pytest.mark.parametrize(
    ("calendar", "day"),
    [("US-AL", "2026-11-24"), ("FR", "2026-07-15"), ("DE", "2026-07-14"), ("US-TX", "2026-08-30")],
)
def test_any_other_day_is_none(calendar, day):
    assert not is_holiday(calendar, date.fromisoformat(day))


@pytest.mark.parametrize(
    ("calendar", "day", "kept"),
    [
        ("US-UT", "2026-07-04", "2026-07-03"),
        ("US-LA", "2027-12-25", "2027-12-24"),
        ("ES", "2027-08-15", "2027-08-15"),
        ("GB", "2027-12-25", "2027-12-27"),
    ],
)
def test_both_the_day_and_the_day_it_is_kept_instead_are_holidays(calendar, day, kept):
    assert is_holiday(calendar, date.fromisoformat(day))
    assert is_holiday(calendar, date.fromisoformat(kept))


def test_a_new_year_that_is_kept_in_the_old_one_is_found_there():
    assert is_holiday("US-AL", date(2027, 12, 31))


@pytest.mark.parametrize(
    "day",
    [
        "2026-01-08",  # Battle of New Orleans
        "2026-02-17",  # Mardi Gras
        "2026-04-03",  # Good Friday
        "2026-08-31",  # Huey P. Long Day fell on a Sunday
        "2026-10-12",  # Columbus Day
        "2027-11-01",  # All Saints' Day
    ],
)
def test_louisiana_keeps_days_that_the_library_may_lack(day):
    assert is_holiday("US-LA", date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-05-04", True), ("2026-11-03", True), ("2027-11-02", False), ("2028-11-07", True)],
)
def test_rhode_island_keeps_its_independence_and_election_days(day, expected):
    assert is_holiday("US-RI", date.fromisoformat(day)) is expected


def test_an_unknown_state_keeps_the_holidays_of_every_state_that_has_some():
    states = {
        rule.holidays
        for rule in STANDARD.rules
        if isinstance(rule, HoursRule) and rule.jurisdiction.startswith("US-") and rule.holidays
    }
    assert set(EXTRAS["US-XX"]["of"]) == states - {"US-XX"}
    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365)):
        kept = any(is_holiday(state, day) for state in EXTRAS["US-XX"]["of"])
        assert is_holiday("US-XX", day) is kept


@pytest.mark.parametrize("calendar", ["", "*", "EU", "XX", "US-ZZ", "us"])
def test_a_calendar_that_is_not_known_is_refused(calendar):
    with pytest.raises(ValueError, match="no calendar"):
        known_calendar(calendar)
    with pytest.raises(ValueError, match="no calendar"):
        is_holiday(calendar, date(2026, 1, 1))


def test_every_extra_day_has_a_source_and_a_note():
    assert all(extra["source"] and extra["note"] for extra in EXTRAS.values())
