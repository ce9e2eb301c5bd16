"""Variants: who gets which, how they compare, and how shares move towards what is better."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.campaigns.splits import (
    ENOUGH,
    FLOOR,
    Split,
    Variant,
    leader,
    learned_shares,
    place_of,
    sample_of,
    split_of,
    standings,
    variant_at,
)
from policy.model.call import Outcome
from policy.statistics import Sample

TWO = Split((Variant("a"), Variant("b")), frozenset({Outcome.CONFIRMED}))
LEARNS = replace(TWO, learns=True)
WEIGHTED = Split((Variant("a", 3), Variant("b", 1)), frozenset({Outcome.CONFIRMED}))


def parts(split: Split, shares: dict[str, float], size: int = 4000) -> dict[str, float]:
    places = (place_of("campaign", f"+1212555{n:04}") for n in range(size))
    found = [variant_at(split, place, shares).name for place in places]
    return {one.name: found.count(one.name) / size for one in split.variants}


def test_contacts_are_split_by_weight_and_stay_where_they_are() -> None:
    assert parts(WEIGHTED, WEIGHTED.shares)["a"] == pytest.approx(0.75, abs=0.03)
    assert place_of("campaign", "+12125550101") == place_of("campaign", "+12125550101")


def test_another_campaign_splits_the_same_people_another_way() -> None:
    people = [f"+1212555{n:04}" for n in range(1000)]
    alike = [
        (place_of("one", person) < 0.5) == (place_of("other", person) < 0.5) for person in people
    ]
    assert sum(alike) == pytest.approx(500, abs=80)


@given(st.floats(0, 1, exclude_max=True))
def test_everybody_gets_a_variant(place: float) -> None:
    assert variant_at(WEIGHTED, place, WEIGHTED.shares).name == ("a" if place < 0.75 else "b")


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=2, max_size=2),
    st.text(max_size=5),
)
def test_learned_shares_are_bounded_whole_and_the_same_for_a_seed(pairs, seed: str) -> None:
    samples = {
        name: Sample(min(hits, trials), trials)
        for name, (hits, trials) in zip("ab", pairs, strict=True)
    }
    shares = learned_shares(LEARNS, samples, seed)
    assert sum(shares.values()) == pytest.approx(1)
    assert min(shares.values()) >= FLOOR - 1e-9
    assert shares == learned_shares(LEARNS, samples, seed)


def test_nothing_is_learned_of_few_calls_or_where_it_is_not_wished() -> None:
    few = {"a": Sample(0, ENOUGH), "b": Sample(ENOUGH - 1, ENOUGH - 1)}
    assert learned_shares(LEARNS, few, "") == TWO.shares
    many = {"a": Sample(0, 200), "b": Sample(200, 200)}
    assert learned_shares(TWO, many, "") == TWO.shares


def test_shares_move_to_what_is_better() -> None:
    shares = learned_shares(LEARNS, {"a": Sample(20, 200), "b": Sample(60, 200)}, "")
    assert shares["b"] == pytest.approx(1 - FLOOR, abs=0.01)


@pytest.mark.parametrize(
    ("a", "b", "ahead"),
    [
        (Sample(10, 100), Sample(30, 100), "b"),
        (Sample(30, 100), Sample(10, 100), "a"),
        (Sample(10, 100), Sample(13, 100), None),
        (Sample(0, 0), Sample(1, 1), None),
    ],
)
def test_a_leader_is_named_only_where_chance_does_not_explain_it(a, b, ahead) -> None:
    assert leader(standings(TWO, {"a": a, "b": b}, "")) == ahead


def test_only_calls_that_were_made_count() -> None:
    outcomes = {Outcome.CONFIRMED: 3, Outcome.NO_ANSWER: 5, Outcome.CANCELED: 9}
    assert sample_of(TWO, outcomes) == Sample(3, 8)


def test_what_is_kept_is_read_again() -> None:
    spec = {"success": ["confirmed"], "variants": [{"name": "a"}, {"name": "b", "weight": 1}]}
    assert split_of(spec) == TWO
    assert split_of(None) is None
