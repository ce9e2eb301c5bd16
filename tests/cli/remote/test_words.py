"""What people write and read: times, lengths, shares."""

from datetime import UTC, datetime, timedelta

import pytest

from cli.errors import Unusable
from cli.remote.words import counts, instant, length, moment, money, pairs, share


def test_a_time_from_now_is_an_instant() -> None:
    for text, span in (("+30s", 30), ("+5m", 300), ("+2h", 7200), ("+1d", 86400)):
        found = moment(text, "--at")
        assert isinstance(found, datetime)
        assert abs(found - datetime.now(UTC) - timedelta(seconds=span)) < timedelta(minutes=1)


def test_a_wall_time_is_left_to_the_api_and_an_offset_is_kept() -> None:
    """Whose clock it is on is known there."""
    assert moment("2027-03-01T09:00", "--at") == "2027-03-01T09:00:00"
    kept = moment("2027-03-01T09:00:00-05:00", "--at")
    assert isinstance(kept, datetime)
    assert kept.isoformat() == "2027-03-01T09:00:00-05:00"
    assert moment(None, "--at") is None
    local = instant("2027-03-01T09:00", "--since")
    assert local is not None
    assert local.utcoffset() is not None


@pytest.mark.parametrize(
    "text", ["tomorrow", "+2 weeks", "9:00", "-2h", "", "+99999999999d", "+" + "9" * 5000 + "s"]
)
def test_what_is_no_time_is_refused_with_the_option(text: str) -> None:
    with pytest.raises(Unusable, match=r"^--at takes a time"):
        moment(text, "--at")


def test_pairs_are_divided_at_the_first_sign_of_equality() -> None:
    assert pairs(["a=1", "b=c=d", "e="], "--set") == {"a": "1", "b": "c=d", "e": ""}
    for wrong in ("a", "=1"):
        with pytest.raises(Unusable, match="--set"):
            pairs([wrong], "--set")


def test_figures_are_written_for_people() -> None:
    assert [length(one) for one in (None, 25, 200, 7500)] == ["", "25 s", "3 min 20 s", "2 h 5 min"]
    assert (share(None), share(0.256)) == ("", "25.6%")
    assert (money(None), money(21500, "USD"), money(2_500_000_000)) == ("", "0.02 USD", "2,500.00")
    assert counts({"busy": 1, "confirmed": 1200, "failed": 0}) == "1,200 confirmed, 1 busy"
