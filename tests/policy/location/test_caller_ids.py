"""Which number a person is called from: near ones first, and always the same."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.location.area_codes import area
from policy.location.caller_ids import choose, home_of, local_to

NEW_YORK, BROOKLYN, BUFFALO = "+12125550100", "+13475550100", "+17165550100"
CHICAGO, DALLAS, TORONTO = "+13125550100", "+12145550100", "+14165550100"
LONDON, PARIS = "+442079460100", "+33199000100"
POOL = (CHICAGO, NEW_YORK, BUFFALO, DALLAS, TORONTO, LONDON)

NEAREST = [
    ("the same area code", "+12125550123", {NEW_YORK}),
    ("an overlay of the area", "+16465550123", {NEW_YORK}),
    ("another area of the state", "+15165550123", {NEW_YORK, BUFFALO}),
    ("an overlay of two areas", "+18725550123", {CHICAGO}),
    ("another state", "+13055550123", {NEW_YORK, CHICAGO, BUFFALO, DALLAS}),
    ("another province", "+16045550123", {TORONTO}),
    ("a toll-free number", "+18005550123", {NEW_YORK, CHICAGO, BUFFALO, DALLAS}),
    ("another country", "+447700900123", {LONDON}),
    ("a country without a number", "+493023125012", set(POOL)),
    ("an area that is a country of its own", "+18095550123", set(POOL)),
    ("a SIP address", "sip:anna@example.com", set(POOL)),
]


@pytest.mark.parametrize(
    ("endpoint", "near"), [row[1:] for row in NEAREST], ids=[row[0] for row in NEAREST]
)
def test_the_nearest_numbers_are_taken(endpoint, near):
    homes = {number: home_of(number) for number in POOL}
    assert set(local_to(home_of(endpoint), homes)) == near
    assert choose(POOL, endpoint) in near


def test_a_single_number_is_taken_for_everybody():
    for endpoint in ("+12125550123", "+447700900123", "sip:anna@example.com"):
        assert choose([PARIS], endpoint) == PARIS


def people(count: int) -> list[str]:
    """Near to no number, so that all are chosen from."""
    return [f"sip:{number}@example.com" for number in range(count)]


TEN = [f"+130555501{number:02}" for number in range(10)]


def test_the_order_of_the_numbers_does_not_matter():
    for person in people(50):
        assert choose(POOL, person) == choose(tuple(reversed(POOL)), person)


def test_people_are_spread_evenly():
    counts = Counter(choose(TEN, person) for person in people(5000))
    assert len(counts) == 10
    assert max(counts.values()) < 2 * min(counts.values())


def test_most_people_keep_their_number_when_one_is_added_or_taken_away():
    before = {person: choose(TEN, person) for person in people(2000)}
    moved = {person for person in before if choose(TEN[1:], person) != before[person]}
    assert moved == {person for person, number in before.items() if number == TEN[0]}


CODES = st.sampled_from(["212", "646", "716", "312", "872", "214", "416", "604", "787", "800"])
NANP = st.builds("+1{}555{:04}".format, CODES, st.integers(100, 199))
ABROAD = st.builds("+4420794{:05}".format, st.integers(60000, 60999))
NUMBERS = st.one_of(NANP, ABROAD, st.just("sip:anna@example.com"))


@given(st.lists(NUMBERS, min_size=1, max_size=20, unique=True), NUMBERS)
def test_it_is_one_of_the_numbers_the_same_each_time_and_local_where_one_is(pool, endpoint):
    chosen = choose(pool, endpoint)
    assert chosen in pool
    assert choose(list(reversed(pool)), endpoint) == chosen
    if any(_same_area(number, endpoint) for number in pool):
        assert _same_area(chosen, endpoint)
    elif any(_same_region(number, endpoint) for number in pool):
        assert _same_region(chosen, endpoint)


def _same_area(one: str, other: str) -> bool:
    found = area(other[2:5]) if other.startswith("+1") else None
    return found is not None and one[:2] == "+1" and one[2:5] in (other[2:5], *found.overlays)


def _same_region(one: str, other: str) -> bool:
    return bool(_regions(one) & _regions(other))


def _regions(number: str) -> set[str]:
    found = area(number[2:5]) if number.startswith("+1") else None
    return set(found.regions) if found else set()
