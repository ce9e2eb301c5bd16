"""Which passwords are taken, and why others are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.accounts.passwords import LONGEST, SHORTEST, complaint, normal

KNOWN = ["ada.novak@example.com", "Ada Novak", "Blue Clinic"]


@pytest.mark.parametrize(
    "password",
    [
        "some words in a row",
        "correct horse battery staple",
        "ünïcödé ist hier erlaubt",
        "パスワードは十五文字以上であればよい",
        "               x    y  z        q w",
        "novak walks to the river",
        "x" * 10 + " and nine others",
        "qm" * 3 + "v8#kL0-wrtz" * 2,
    ],
)
def test_long_ones_are_taken_whatever_they_are_made_of(password: str):
    assert complaint(password, KNOWN) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "at least 15"),
        ("Tr0ub4dor&3", "at least 15"),
        ("a" * (LONGEST + 1), "at most 200"),
        ("a" * 15, "repeats or counts"),
        ("abcabcabcabcabcabc", "repeats or counts"),
        ("abcdefghijklmnop", "repeats or counts"),
        ("ponmlkjihgfedcba", "repeats or counts"),
        ("012345678901234", "repeats or counts"),
        ("1234567890123456", "repeats or counts"),
        ("qwertyuiopasdfgh", "repeats or counts"),
        ("ada.novak@example.com", "known word or name"),
        ("AdaNovak@example", "known word or name"),
        ("blue clinic 2027", "known word or name"),
        ("trunklinepassword1", "known word or name"),
        ("Welcome Welcome 1!", "known word or name"),
    ],
)
def test_what_anybody_would_try_first_is_not(password: str, why: str):
    said = complaint(password, KNOWN)
    assert said is not None
    assert why in said
    assert not password or password not in said


@given(st.text(max_size=LONGEST + 5), st.lists(st.text(max_size=30), max_size=3))
def test_it_never_fails_and_only_asks_for_length_at_both_ends(password: str, known: list[str]):
    said, length = complaint(password, known), len(normal(password))
    if length < SHORTEST or length > LONGEST:
        assert said is not None


@given(st.text(min_size=1, max_size=50))
def test_what_looks_alike_is_one_password(password: str):
    assert normal(normal(password)) == normal(password)
