"""What is said at the beginning of a call, and by which words people ask to be left alone."""

import itertools
from datetime import date
from typing import Any

import pytest

from policy.compliance.disclosures import (
    ORDER,
    Identity,
    Preamble,
    needed,
    opts_out,
    plain_words,
    preamble,
)
from policy.model.purposes import Notice
from policy.rules.model import DisclosureRule

OPT_OUT_PHRASES = (
    "stop calling",
    "do not call",
    "don't call",
    "remove me",
    "take me off",
    "opt out",
    "unsubscribe",
)
CLINIC = Identity("Blue Clinic", "+12125550100")
GERMAN = Identity(
    "Blaue Klinik",
    "+4930123456",
    {
        Notice.IDENTITY: "Hier ist {{name}}.",
        Notice.CALLBACK_NUMBER: "Rückruf: {{ callbackNumber }}.",
        Notice.AI: "Sie sprechen mit einer Maschine.",
    },
)


def rule(*say: Notice, id_: str = "xx.rule") -> DisclosureRule:
    said: dict[str, Any] = {"id": id_, "jurisdiction": "*", "kind": "disclosure", "say": say}
    dated = {"source": "tests", "confidence": "convention", "verified_on": date(2026, 11, 25)}
    return DisclosureRule(**said, **dated)


@pytest.mark.parametrize(
    ("identity", "notice", "said"),
    [
        (CLINIC, Notice.IDENTITY, "This is Blue Clinic."),
        (CLINIC, Notice.AI, "You are speaking with an automated assistant."),
        (CLINIC, Notice.CALLBACK_NUMBER, "You can reach us at 1 2 1 2 5 5 5 0 1 0 0."),
        (CLINIC, Notice.RECORDING, "This call is recorded."),
        (CLINIC, Notice.OPT_OUT, "To stop these calls, press 9 at any time."),
        (GERMAN, Notice.IDENTITY, "Hier ist Blaue Klinik."),
        (GERMAN, Notice.CALLBACK_NUMBER, "Rückruf: 4 9 3 0 1 2 3 4 5 6."),
        (GERMAN, Notice.AI, "Sie sprechen mit einer Maschine."),
        (GERMAN, Notice.RECORDING, "This call is recorded."),
        (Identity(), Notice.IDENTITY, ""),
        (Identity(words={Notice.IDENTITY: "It is us."}), Notice.IDENTITY, ""),
        (Identity("Blue Clinic"), Notice.CALLBACK_NUMBER, ""),
        (Identity("Blue Clinic"), Notice.AI, "You are speaking with an automated assistant."),
    ],
)
def test_a_notice_is_a_sentence_of_the_agents_or_none(identity, notice, said):
    assert identity.says(notice) == said


def test_a_name_is_not_a_template():
    assert Identity("{{callbackNumber}}", "+1").says(Notice.IDENTITY) == (
        "This is {{callbackNumber}}."
    )


@pytest.mark.parametrize("notices", list(itertools.permutations(Notice, 3)))
def test_who_calls_comes_first_and_the_way_out_last(notices):
    said = preamble(notices, CLINIC).text
    expected = [CLINIC.says(notice) for notice in ORDER if notice in notices]
    assert said == " ".join(expected)


def test_a_preamble_says_what_it_can_and_offers_the_key_only_where_it_is_named():
    assert preamble([], CLINIC) == Preamble("", offers_opt_out=False)
    assert preamble([Notice.IDENTITY, Notice.AI], Identity()).text == (
        "You are speaking with an automated assistant."
    )
    assert preamble([Notice.OPT_OUT], CLINIC).offers_opt_out
    assert not preamble(set(Notice) - {Notice.OPT_OUT}, CLINIC).offers_opt_out


# -- what is asked for


def test_the_first_rule_that_asks_for_a_notice_is_named():
    rules = [
        rule(Notice.OPT_OUT, id_="one"),
        rule(Notice.AI, Notice.OPT_OUT, id_="two"),
        rule(Notice.IDENTITY, id_="three"),
    ]
    asked = needed(rules, recorded=False)
    assert list(asked.items()) == [
        (Notice.IDENTITY, "three"),
        (Notice.AI, "two"),
        (Notice.OPT_OUT, "one"),
    ]


@pytest.mark.parametrize("recorded", [True, False])
def test_a_recording_is_announced_where_there_is_one(recorded):
    asked = needed([rule(Notice.RECORDING, Notice.AI)], recorded=recorded)
    assert (Notice.RECORDING in asked) is recorded
    assert Notice.AI in asked


def test_every_notice_has_its_place_and_its_words():
    assert set(ORDER) == set(Notice)
    assert all(CLINIC.says(notice) for notice in Notice)


# -- opting out


@pytest.mark.parametrize(
    ("digits", "speech", "by_key", "is_out"),
    [
        ("9", None, True, True),
        ("9", None, False, False),
        ("99", None, True, False),
        ("19", None, True, False),
        ("1", None, True, False),
        (None, None, True, False),
        ("", "", True, False),
        (None, "Please stop calling me!", False, True),
        (None, "DO NOT CALL", False, True),
        (None, "don't call me again", False, True),
        (None, "Don’t call here", False, True),
        (None, "take me off the list", False, True),
        (None, "remove   me, please", False, True),
        (None, "I'd like to opt-out", False, True),
        (None, "Unsubscribe.", False, True),
        (None, "nonstop calling", False, False),
        (None, "stop calling-cards", False, True),
        (None, "remove melons", False, False),
        (None, "You may call me", False, False),
        (None, "yes", True, False),
        ("1", "stop calling", True, True),
    ],
)
def test_somebody_opts_out_by_the_key_that_was_offered_or_in_plain_words(
    digits, speech, by_key, is_out
):
    assert opts_out(digits, speech, by_key=by_key) is is_out


@pytest.mark.parametrize("phrase", OPT_OUT_PHRASES)
def test_every_phrase_is_heard_in_any_case_and_between_other_words(phrase):
    assert opts_out(None, f"Oh, {phrase.upper()}, thanks.", by_key=False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  Don't   CALL! ", "dont call"),
        ("Ça va?", "ça va"),
        ("opt-out", "opt out"),
        ("...", ""),
        ("Straße", "strasse"),
    ],
)
def test_what_is_heard_is_compared_by_its_words(text, words):
    assert plain_words(text) == words
