"""In each hour those are counted who may be called for a moment of it."""

from datetime import UTC, datetime, timedelta

import pytest

from policy.campaigns.call_hours import contacts_by_hour
from policy.time.windows import Interval

START = datetime(2026, 11, 23, 9, tzinfo=UTC)


def interval(begin: float, end: float) -> Interval:
    """In hours from the start."""
    return Interval(START + timedelta(hours=begin), START + timedelta(hours=end))


@pytest.mark.parametrize(
    ("openings", "counts"),
    [
        ([], [0, 0, 0, 0]),
        ([interval(0, 1)], [5, 0, 0, 0]),
        ([interval(0.5, 2.1)], [5, 5, 5, 0]),
        ([interval(-8, 1.5)], [5, 5, 0, 0]),
        ([interval(-8, 0)], [0, 0, 0, 0]),
        ([interval(3, 90)], [0, 0, 0, 5]),
        ([interval(4, 9)], [0, 0, 0, 0]),
        ([interval(1, 1)], [0, 0, 0, 0]),
        ([interval(2, 1)], [0, 0, 0, 0]),
        # Twice in one hour is once.
        ([interval(0.1, 0.2), interval(0.3, 1.2)], [5, 5, 0, 0]),
    ],
)
def test_a_group_counts_in_the_hours_that_its_intervals_touch(
    openings: list[Interval], counts: list[int]
):
    assert contacts_by_hour([(5, openings)], START, 4) == counts


def test_groups_add_up():
    groups = [(5, [interval(0, 2)]), (7, [interval(1, 3)])]
    assert contacts_by_hour(groups, START, 3) == [5, 12, 7]
