"""Rules in words, and the page that lists them."""

import pytest

from policy.rules import STANDARD
from policy.rules.model import read_rule
from policy.rules.rule_text import concerned, describe, in_force
from tools.rules_page import PAGE, page

CAP = {"kind": "attempt_cap", "most": 3, "within": "P1D"}
BLACKOUT = {"kind": "blackout", "starts_at": "2026-09-01T06:00:00Z"}


def rule(**given):
    about = {"source": "a law", "confidence": "primary", "verified_on": "2026-01-01"}
    return read_rule({"id": "x", "jurisdiction": "US", **about, **given})


def hours(**windows):
    return rule(kind="calling_hours", windows=windows)


def test_the_page_of_rules_is_what_its_generator_writes():
    assert PAGE.read_text(encoding="utf-8") == page(STANDARD), (
        "the rules have changed: run .venv/bin/python -m tools.rules_page"
    )


def test_no_word_of_a_rule_breaks_the_table():
    for each in STANDARD.rules:
        assert not {"|", "\n"} & set(f"{describe(each)}{each.source}{each.note}")


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        ("us.al.hours", "Mon–Sat 08:00–20:00; not on holidays of US-AL"),
        ("us.ri.hours", "Mon–Fri 09:00–18:00, Sat 10:00–17:00; not on holidays of US-RI"),
        ("fr.hours", "Mon–Fri 10:00–13:00 and 14:00–20:00; not on holidays of FR"),
        ("us.sd.hours", "Mon–Fri 09:00–21:00; artificial voices only"),
        ("us.debt.conversation", "at most 1 conversation per subject within any 7 days"),
        (
            "us.me.attempts",
            "at most 1 attempt per number within any 8 hours; artificial voices only",
        ),
        ("us.ct.consent", "written consent is on file"),
        (
            "us.federal.dnc",
            "checked against us.national_dnc within the last 31 days; "
            "unless written consent is on file",
        ),
        (
            "us.federal.identity",
            "says at the beginning who calls and a number to call back; artificial voices only",
        ),
        ("us.federal.ring_time", "rings for at least 15 seconds"),
        (
            "eu.hours",
            "Mon–Fri 09:00–18:00; only where the country has no rule of this kind",
        ),
    ],
)
def test_a_rule_of_the_packs_is_said_in_a_phrase(id_, words):
    found = STANDARD.rule(id_)
    assert found is not None
    assert describe(found) == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (hours(mon=[["00:00", "24:00"]]), "Mon 00:00–24:00"),
        (hours(fri=[["22:00", "02:00"]], sun=[]), "Fri 22:00–02:00"),
        (
            hours(mon=[["09:00", "12:00"]], wed=[["09:00", "12:00"]]),
            "Mon 09:00–12:00, Wed 09:00–12:00",
        ),
        (rule(**CAP), "at most 3 attempts per number within any 24 hours"),
        (rule(**{**CAP, "within": "PT90M"}), "at most 3 attempts per number within any 90 minutes"),
        (rule(**{**CAP, "within": "PT1M"}), "at most 3 attempts per number within any 1 minute"),
        (rule(**BLACKOUT), "no calls from 2026-09-01 06:00 UTC until it is taken away"),
        (
            rule(**BLACKOUT, ends_at="2026-09-02T06:00:00Z"),
            "no calls from 2026-09-01 06:00 UTC until 2026-09-02 06:00 UTC",
        ),
    ],
)
def test_any_rule_is_said_in_a_phrase(given, words):
    assert describe(given) == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "all"),
        ({"purposes": ["telemarketing", "survey"]}, "telemarketing, survey"),
        ({"except_purposes": ["emergency"]}, "all but emergency"),
    ],
)
def test_purposes_are_named(given, words):
    assert concerned(rule(**CAP, **given)) == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ""),
        ({"effective_from": "2026-08-02"}, "from 2026-08-02"),
        ({"effective_to": "2027-01-01"}, "before 2027-01-01"),
        (
            {"effective_from": "2026-08-02", "effective_to": "2027-01-01"},
            "from 2026-08-02 before 2027-01-01",
        ),
    ],
)
def test_the_days_in_force_are_named(given, words):
    assert in_force(rule(**CAP, **given)) == words
