"""Rules grow old, and change on days to come."""

from datetime import date, timedelta
from typing import Any

import pytest

from policy.rules.book import RuleBook
from policy.rules.model import Rule, read_rule
from policy.rules.review import changes, unreviewed

TODAY = date(2026, 11, 30)


def rule(id_: str, **said: Any) -> Rule:
    about = {"source": "a law", "confidence": "primary", "verified_on": "2026-11-01"}
    kind = {"kind": "ring_time", "least_seconds": 15, "jurisdiction": "US"}
    return read_rule({"id": id_, **kind, **about, **said})


@pytest.mark.parametrize(("days", "old"), [(0, False), (90, False), (91, True)])
def test_a_source_is_looked_at_again_after_ninety_days(days: int, old: bool):
    one = rule("a", verified_on=(TODAY - timedelta(days=days)).isoformat())
    assert bool(unreviewed([one], TODAY)) is old


def test_the_oldest_comes_first():
    rules = [rule(name, verified_on=f"2026-0{n}-01") for n, name in ((3, "b"), (2, "a"))]
    assert [one.id for one in unreviewed(rules, TODAY)] == ["a", "b"]


BEGINS = rule("begins", effective_from="2027-01-31")
ENDS = rule("ends", effective_to="2027-01-31")
FAR = rule("far", effective_from="2029-01-01")
PAST = rule("past", effective_from="2020-01-01")


def test_what_begins_and_ends_on_a_day_stands_together_and_far_days_are_left_out():
    [change] = changes([BEGINS, ENDS, FAR, PAST], TODAY)
    assert (change.on, change.begins, change.ends) == (date(2027, 1, 31), (BEGINS,), (ENDS,))


def test_a_book_without_a_days_change_holds_what_ends_then_and_not_what_begins():
    day = date(2027, 1, 31)
    kept = RuleBook("v", [BEGINS, ENDS, PAST]).without_change(day)
    assert [one.id for one in kept.rules if one.in_force(day)] == ["ends", "past"]
