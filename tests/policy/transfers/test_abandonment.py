"""Who was abandoned, and how far a campaign is slowed before too many are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.transfers.abandonment import Standing, is_abandoned, limit_of, tightest, told
from policy.transfers.targets import MissReason

SINCE = datetime(2027, 3, 8, 15, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return SINCE + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("was_asked", "connected", "ended", "reason", "abandoned"),
    [
        (False, 2.0, 2.0, None, False),
        (False, 2.1, 2.1, None, True),
        (True, 30, 30, None, False),
        (False, None, 0, MissReason.CLOSED, True),
        (False, None, 20, MissReason.NO_ANSWER, True),
        (True, None, 20, MissReason.NO_ANSWER, False),
        # Who hangs up within the two seconds has not waited them.
        (False, None, 1.5, MissReason.HUNG_UP, False),
        (False, None, 5, MissReason.HUNG_UP, True),
    ],
)
def test_who_was_called_for_one_talk_and_finds_nobody_in_two_seconds_was_abandoned(
    was_asked: bool,
    connected: float | None,
    ended: float,
    reason: MissReason | None,
    abandoned: bool,
) -> None:
    found = is_abandoned(
        was_asked=was_asked,
        waiting_since=SINCE,
        connected_at=None if connected is None else after(connected),
        ended_at=after(ended),
        reason=reason,
    )
    assert found is abandoned


@pytest.mark.parametrize(
    ("answered", "abandoned", "most"),
    [
        # At the beginning one at a time, for there is nothing to go by.
        (0, 0, 1),
        (33, 0, 1),
        (100, 0, 3),
        (1000, 0, 30),
        (1000, 20, 10),
        (1000, 29, 1),
        # At the limit: one, and beyond it none.
        (1000, 30, 1),
        (1000, 31, 0),
        # A first one that was abandoned among few does not end the campaign.
        (5, 1, 1),
        (5, 2, 0),
    ],
)
def test_the_nearer_the_limit_the_fewer_are_in_flight(
    answered: int, abandoned: int, most: int
) -> None:
    assert Standing("US", answered, abandoned).most_in_flight == most


@given(
    answered=st.integers(0, 5000),
    abandoned=st.integers(0, 200),
    country=st.sampled_from(["US", "GB", "CA", ""]),
)
def test_if_all_in_flight_were_abandoned_the_limit_would_still_hold(
    answered: int, abandoned: int, country: str
) -> None:
    standing = Standing(country, answered, min(abandoned, answered))
    most = standing.most_in_flight
    if most > 1:
        worst = (standing.abandoned + most) / (answered + most)
        assert worst <= limit_of(country).per_mille / 1000


def test_the_country_with_the_least_room_holds_the_campaign_and_is_named() -> None:
    both = [Standing("US", 1000, 0), Standing("CA", 100, 4)]
    assert tightest(both, {"US", "CA"}) == both[1]
    assert tightest(both, {"US"}) == both[0]
    assert tightest(both, ()) == both[1]
    assert told(both[1]) == (
        "4 of 100 people who answered in CA within 30 days reached nobody in 2 seconds, and at "
        "most 5 % may"
    )
    assert "within a day" in told(Standing("GB", 10, 0))
    assert "one by one" in told(Standing("", 0, 0))
    assert "nobody in GB has" in told(tightest(both, {"US", "GB"}))
    assert tightest([], ()) == Standing("", 0, 0)
