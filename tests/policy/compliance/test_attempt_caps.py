from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.compliance.attempt_caps import next_by_caps
from policy.model.person import PastDial
from policy.rules.model import CapRule
from tests.policy.make import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def cap(most, within=DAY, per="number", counts="attempts", id_="xx.cap"):
    return CapRule(
        id=id_,
        kind="attempt_cap",
        jurisdiction="*",
        most=most,
        within=within,
        per=per,
        counts=counts,
        source="tests",
        confidence="convention",
        verified_on=date(2026, 11, 25),
    )


def dial(hours_ago, subject=None, talked=False):
    return PastDial("c", 1, NOW - hours_ago * HOUR, talked, subject)


def until(rules, dials, subject=None):
    held = next_by_caps(rules, dials, subject, NOW)
    return None if held is None else held.until


@pytest.mark.parametrize(
    ("most", "hours_ago", "room_in"),
    [
        (1, [], None),
        (1, [24], None),
        (1, [23], 1),
        (2, [23], None),
        (2, [1, 23], 1),
        (2, [1, 2, 23], 22),
        (3, [1, 2, 3, 4], 21),
    ],
)
def test_there_is_room_again_when_the_oldest_dial_that_counts_is_old_enough(
    most, hours_ago, room_in
):
    expected = None if room_in is None else NOW + room_in * HOUR
    assert until([cap(most)], [dial(hours) for hours in hours_ago]) == expected


@pytest.mark.parametrize(
    ("theirs", "ours", "counts"),
    [
        ("debt-1", "debt-1", True),
        ("debt-1", "debt-2", False),
        (None, "debt-1", True),
        ("debt-1", None, True),
        (None, None, True),
    ],
)
def test_a_cap_on_a_subject_counts_what_might_be_about_the_same(theirs, ours, counts):
    held = until([cap(1, per="subject")], [dial(1, theirs)], ours)
    assert (held is not None) is counts


def test_a_cool_down_counts_only_talks():
    rule = cap(1, 7 * DAY, counts="conversations")
    assert until([rule], [dial(1), dial(2)]) is None
    assert until([rule], [dial(1), dial(48, talked=True)]) == NOW + 5 * DAY


def test_of_several_caps_the_one_that_holds_longest_counts():
    rules = [cap(1, DAY, id_="day"), cap(1, 8 * HOUR, id_="eight")]
    held = next_by_caps(rules, [dial(2)], None, NOW)
    assert held is not None
    assert (held.rule.id, held.until) == ("day", NOW + 22 * HOUR)


@given(
    st.lists(st.integers(0, 72 * 60), max_size=12, unique=True),
    st.integers(1, 4),
    st.integers(1, 48),
)
def test_calling_at_the_time_that_is_named_never_breaks_the_cap(minutes_ago, most, hours):
    within = hours * HOUR
    dials = [PastDial("c", 1, NOW - timedelta(minutes=ago)) for ago in minutes_ago]
    held = next_by_caps([cap(most, within)], dials, None, NOW)
    at = NOW if held is None else held.until
    counted = [one for one in dials if at - within < one.at <= at]
    assert len(counted) < most
