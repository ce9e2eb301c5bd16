"""Which number of a pool people see while some of it are marked, and where a number stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.caller_ids.pool import Mark, chosen, moved, shown
from policy.caller_ids.standings import (
    CallerIdCheck,
    CallerIdStanding,
    Listed,
    refusal_of,
    standing_of,
)
from policy.location.caller_ids import choose

POOL = tuple(f"+1202555010{index}" for index in range(6))
PEOPLE = [f"+1202555{index:04}" for index in range(200, 1200)]
numbers = st.lists(st.sampled_from(POOL), unique=True, min_size=1)
marks = st.dictionaries(st.sampled_from(POOL), st.sampled_from([mark.value for mark in Mark]))
people = st.sampled_from(PEOPLE)


@given(pool=numbers, marked=marks, person=people)
def test_a_number_of_the_pool_is_always_found_and_a_marked_one_only_where_no_other_is(
    pool: list[str], marked: dict[str, str], person: str
) -> None:
    number = chosen(pool, marked, person)
    assert number in pool
    if any(one not in marked for one in pool):
        assert marked.get(number) in (None, Mark.PROBATION)


@given(pool=numbers, marked=marks, person=people)
def test_nobody_moves_whose_own_number_is_not_marked(
    pool: list[str], marked: dict[str, str], person: str
) -> None:
    own = choose(pool, person)
    if own not in marked:
        assert chosen(pool, marked, person) == own
        assert moved(pool, marked, person, own) == own


def test_those_of_a_rested_number_are_shared_out_and_come_back_to_it() -> None:
    theirs = [one for one in PEOPLE if choose(POOL, one) == POOL[0]]
    away = {chosen(POOL, {POOL[0]: Mark.RESTED}, one) for one in theirs}
    assert away == set(POOL[1:])
    assert {chosen(POOL, None, one) for one in theirs} == {POOL[0]}


def test_on_probation_a_number_is_seen_by_a_quarter_of_its_people_and_by_nobody_else() -> None:
    probation = {POOL[0]: Mark.PROBATION.value}
    theirs = [one for one in PEOPLE if choose(POOL, one) == POOL[0]]
    trying = [one for one in PEOPLE if chosen(POOL, probation, one) == POOL[0]]
    assert set(trying) < set(theirs)
    assert 0.15 < len(trying) / len(theirs) < 0.35


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ({POOL[0]: "rested", POOL[1]: "barred"}, POOL[:1]),
        ({POOL[0]: "rested", POOL[1]: "rested"}, POOL[:2]),
        ({POOL[0]: "rested", POOL[1]: "probation"}, POOL[1:2]),
        ({POOL[0]: "barred", POOL[1]: "barred"}, POOL[:2]),
    ],
)
def test_a_pool_is_never_empty_and_a_barred_number_is_its_last_resort(
    marked: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert shown(POOL[:2], marked) == expected


def test_a_call_whose_number_was_named_stays_with_it() -> None:
    person = next(one for one in PEOPLE if choose(POOL, one) == POOL[1])
    assert moved(POOL, {POOL[0]: Mark.BARRED}, person, POOL[0]) == POOL[0]
    assert moved(POOL, {POOL[1]: Mark.BARRED}, person, POOL[1]) != POOL[1]


@given(person=people, order=st.permutations(POOL))
def test_a_call_moves_on_as_one_number_after_another_is_barred(
    person: str, order: list[str]
) -> None:
    number, marked = chosen(POOL, None, person), dict[str, str]()
    for one in order[:-1]:
        marked[one] = Mark.BARRED.value
        number = moved(POOL, marked, person, number)
        assert number not in marked


OWNED = Listed(is_verified=False, voice=True, is_lost=False)


@pytest.mark.parametrize(
    ("number", "listed", "was_imported", "standing"),
    [
        (POOL[0], OWNED, True, CallerIdStanding.OWNED),
        (POOL[0], Listed(True, None, False), True, CallerIdStanding.VERIFIED),
        (POOL[0], Listed(False, False, False), True, CallerIdStanding.NO_VOICE),
        (POOL[0], Listed(False, True, True), True, CallerIdStanding.LOST),
        (POOL[0], None, True, CallerIdStanding.UNLISTED),
        (POOL[0], None, False, CallerIdStanding.NOT_IMPORTED),
        ("sip:desk@example.com", None, True, CallerIdStanding.NOT_A_NUMBER),
    ],
)
def test_a_number_stands_as_the_list_says(
    number: str, listed: Listed | None, was_imported: bool, standing: CallerIdStanding
) -> None:
    assert standing_of(number, listed, was_imported=was_imported) is standing


def test_what_is_refused_depends_on_how_strict_the_check_is_and_says_how_to_mend_it() -> None:
    refused = {
        check: {one for one in CallerIdStanding if refusal_of(one, check)}
        for check in CallerIdCheck
    }
    ours = {CallerIdStanding.DISABLED}
    barred = {*ours, CallerIdStanding.LOST, CallerIdStanding.UNLISTED, CallerIdStanding.NO_VOICE}
    assert refused == {
        CallerIdCheck.OFF: ours,
        CallerIdCheck.IMPORTED: barred,
        CallerIdCheck.REQUIRED: {*barred, CallerIdStanding.NOT_IMPORTED},
    }
    why = refusal_of(CallerIdStanding.NOT_IMPORTED, CallerIdCheck.REQUIRED)
    assert why is not None
    assert "/caller-ids/import" in why
