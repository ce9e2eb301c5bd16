"""Which scopes there are, which include which, and how long a key lives."""

from datetime import timedelta

import pytest

from policy.accounts.key_scopes import (
    beyond,
    is_live,
    is_scope,
    overlap_ends,
    successor_ends,
)
from tests.policy.make import NOW

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("*", True),
        ("calls:read", True),
        ("calls:*", True),
        ("events:read", True),
        ("events:write", False),
        ("calls", False),
        ("calls:dial", False),
        ("", False),
        ("*:read", False),
    ],
)
def test_scopes_that_there_are(text: str, known: bool):
    assert is_scope(text) is known


@pytest.mark.parametrize(
    ("held", "wanted", "more"),
    [
        (["*"], ["*", "calls:*", "privacy:write"], []),
        (["calls:*"], ["calls:*", "calls:read", "calls:write"], []),
        (["calls:read"], ["calls:read", "calls:*"], ["calls:*"]),
        (["calls:read", "calls:write"], ["*"], ["*"]),
        ([], ["calls:read"], ["calls:read"]),
    ],
)
def test_what_is_more_than_one_has(held: list[str], wanted: list[str], more: list[str]):
    assert beyond(held, wanted) == more


def test_a_key_lives_until_it_is_revoked_or_its_time_has_come():
    assert is_live(None, None, NOW)
    assert is_live(None, NOW + HOUR, NOW)
    assert not is_live(None, NOW, NOW)
    assert not is_live(NOW, None, NOW)


def test_a_successor_lives_as_long_as_the_key_was_made_for():
    assert successor_ends(NOW - HOUR, NOW + HOUR, NOW) == NOW + 2 * HOUR
    assert successor_ends(NOW, None, NOW) is None


def test_an_overlap_lengthens_no_life():
    assert overlap_ends(None, NOW, HOUR) == NOW + HOUR
    assert overlap_ends(NOW + HOUR, NOW, 2 * HOUR) == NOW + HOUR
