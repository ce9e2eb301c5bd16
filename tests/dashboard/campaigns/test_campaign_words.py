"""Names, windows and delays as people write them."""

import pytest

from dashboard.campaigns.campaign_words import hours, next_round, refusal, window
from dashboard.campaigns.contact_file import plain_name


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("March", "March, round 2"),
        ("March, round 2", "March, round 3"),
        ("March, round two", "March, round two, round 2"),
        (", round 2", ", round 2, round 2"),
    ],
)
def test_each_round_is_counted(name: str, again: str):
    assert next_round(name) == again


def test_a_name_stays_within_its_limit():
    assert len(next_round("x" * 200)) == 200
    assert next_round("x" * 200).endswith(", round 2")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (None, ""),
        ({"start": "09:00", "end": "17:00"}, "every day, 09:00–17:00"),
        ({"days": ["fri", "mon"], "start": "9:00", "end": "10:00"}, "Mon, Fri, 9:00–10:00"),
        ({"days": ["tue", "wed", "thu"], "start": "9:00", "end": "10:00"}, "Tue–Thu, 9:00–10:00"),
    ],
)
def test_windows_are_short(spec: dict[str, object] | None, said: str):
    assert window(spec) == said


@pytest.mark.parametrize(
    ("duration", "said"), [(None, ""), ("PT90M", "1.5"), ("P1D", "24"), ("PT20M", "0.3333")]
)
def test_delays_are_hours(duration: str | None, said: str):
    assert hours(duration) == said


def test_a_code_without_words_is_read_as_words():
    assert refusal("duplicate") == "the same number more than once"
    assert refusal("some_code") == "some code"


@pytest.mark.parametrize(
    ("file", "name"),
    [("May list.CSV", "May list"), (r"C:\lists\may.xlsx", "may"), ("may.v2", "may.v2")],
)
def test_a_campaign_may_be_called_like_its_file(file: str, name: str):
    assert plain_name(file) == name
