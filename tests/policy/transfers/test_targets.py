"""When somebody is there for a target, and what became of a leg to one."""

from datetime import UTC, datetime

import pytest

from policy.time.windows import weekly
from policy.transfers.targets import MissReason, TargetHours, is_name, is_open, miss_of, opens_at

#: A Monday, and the Sunday after it on which New York's clocks go forward.
MONDAY = datetime(2027, 3, 8, 14, 30, tzinfo=UTC)
OFFICE = TargetHours(weekly({0: [("09:00", "17:00")]}), "America/New_York")


@pytest.mark.parametrize(
    ("now", "there"),
    [
        (datetime(2027, 3, 8, 13, 59, 59, tzinfo=UTC), False),
        (datetime(2027, 3, 8, 14, 0, tzinfo=UTC), True),
        (datetime(2027, 3, 8, 21, 59, 58, tzinfo=UTC), True),
        (datetime(2027, 3, 8, 22, 0, tzinfo=UTC), False),
        # A week later it is summer time: the office opens an hour earlier by UTC.
        (datetime(2027, 3, 15, 13, 0, tzinfo=UTC), True),
        (datetime(2027, 3, 9, 15, 0, tzinfo=UTC), False),
    ],
)
def test_a_target_is_there_within_its_hours_by_its_own_clock(now: datetime, there: bool) -> None:
    assert is_open(OFFICE, now) is there


def test_a_target_without_hours_is_always_there() -> None:
    assert is_open(TargetHours(None, "UTC"), MONDAY)
    assert opens_at(TargetHours(None, "UTC"), MONDAY) == MONDAY


def test_a_closed_target_says_when_it_opens_and_an_open_one_says_now() -> None:
    assert opens_at(OFFICE, MONDAY) == MONDAY
    evening = datetime(2027, 3, 8, 23, 0, tzinfo=UTC)
    assert opens_at(OFFICE, evening) == datetime(2027, 3, 15, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "connected", "bridged", "reason"),
    [
        ("completed", True, None, None),
        ("completed", False, True, None),
        ("completed", False, False, MissReason.NOT_ACCEPTED),
        ("completed", False, None, MissReason.NOT_ACCEPTED),
        ("busy", False, None, MissReason.BUSY),
        ("no-answer", False, False, MissReason.NO_ANSWER),
        ("failed", False, None, MissReason.FAILED),
        ("canceled", False, None, MissReason.HUNG_UP),
        # Who was seen to take the call was reached, whatever ended it.
        ("failed", True, None, None),
    ],
)
def test_what_became_of_a_targets_leg(
    status: str, connected: bool, bridged: bool | None, reason: MissReason | None
) -> None:
    assert miss_of(status, was_connected=connected, was_bridged=bridged) is reason


@pytest.mark.parametrize(
    ("text", "good"),
    [("sales", True), ("line-2_b", True), ("Sales", False), ("", False), ("a" * 51, False),
     ("+12025550101", False), (7, False)],
)  # fmt: skip
def test_names_are_plain(text: object, good: bool) -> None:
    assert is_name(text) is good
