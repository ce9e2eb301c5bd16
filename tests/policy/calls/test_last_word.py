"""The customer's own last word: what an answer has to be like, and what becomes of the call."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.calls.decide import decide
from policy.calls.last_word import MOST_BYTES, Answer, read_answer
from policy.compliance.evidence import evidence
from policy.model.call import DecisionKind, Outcome
from policy.model.last_word import RULE, LastWord, LastWordFile, Verdict
from tests.policy.make import NEW_YORK, NOW, facts

MINUTE = timedelta(minutes=1)
DIAL, WAIT, END = DecisionKind.DIAL, DecisionKind.WAIT, DecisionKind.END
DECLARED = frozenset({"name", "when"})


def word(verdict: Verdict | None = None, ago: timedelta = MINUTE / 2, **more: Any) -> LastWordFile:
    return LastWordFile(3, LastWord(NOW - ago, verdict=verdict, **more))


SITUATIONS: dict[str, tuple[LastWordFile | None, DecisionKind, str]] = {
    "nobody is asked": (None, DIAL, "first_attempt"),
    "not asked yet": (LastWordFile(3), DIAL, "first_attempt"),
    "an earlier dial was allowed": (word(Verdict.ALLOW), DIAL, "first_attempt"),
    "no": (word(Verdict.DENY), END, "last_word_denied"),
    "later": (word(Verdict.LATER, until=NOW + MINUTE), WAIT, "last_word_later"),
    "it is later": (word(Verdict.LATER, MINUTE, until=NOW), DIAL, "first_attempt"),
    "later, and at once": (word(Verdict.LATER, until=NOW), WAIT, "last_word_later"),
    "not answered just now": (word(), WAIT, "last_word_pending"),
    "not answered a while ago": (word(ago=MINUTE), DIAL, "first_attempt"),
    "not answered twice": (word(ago=MINUTE, tries=2), WAIT, "last_word_pending"),
    "not answered as often as is tried": (word(tries=3), END, "last_word_unanswered"),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_word_decides(name: str):
    file, kind, reason = SITUATIONS[name]
    told = facts(last_word=file, recipient_zone=NEW_YORK)
    decision = decide(told, NOW)
    assert (decision.kind, decision.reason) == (kind, reason)
    assert (RULE in decision.rules) == (file is not None and file.word is not None)
    if kind is END:
        denied = reason == "last_word_denied"
        assert decision.outcome is (Outcome.SUPPRESSED if denied else Outcome.FAILED)


def test_the_verdict_is_in_the_evidence_and_the_customers_words_are_in_neither():
    told = facts(last_word=word(Verdict.DENY, reason="Paid yesterday"), recipient_zone=NEW_YORK)
    found = {one.rule: one for one in evidence(told, NOW).findings}[RULE]
    assert found.verdict == "deny"
    assert "Paid" not in found.detail + decide(told, NOW).detail


def read(said: Any, status: int = 200) -> Answer:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return read_answer(status, body, DECLARED, NOW)


SOON = (NOW + timedelta(hours=1)).isoformat()


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"verdict": "allow"}, Answer(Verdict.ALLOW)),
        ({"verdict": "allow", "context": {"name": "Ada"}, "more": 1},
         Answer(Verdict.ALLOW, context={"name": "Ada"})),
        ({"verdict": "deny", "reason": "Paid"}, Answer(Verdict.DENY, reason="Paid")),
        ({"verdict": "deny"}, Answer(Verdict.DENY)),
        ({"verdict": "later", "until": SOON},
         Answer(Verdict.LATER, until=NOW + timedelta(hours=1))),
    ],
)  # fmt: skip
def test_an_answer_is_read(said: Any, answer: Answer):
    assert read(said) == answer


@pytest.mark.parametrize(
    "said",
    [
        b"", b"yes", b"[]", b"\xff\xfe", b"{" * 9000, b" " * (MOST_BYTES + 1),
        {}, {"verdict": "maybe"}, {"verdict": True}, {"verdict": ["allow"]},
        {"verdict": "allow", "context": []},
        {"verdict": "allow", "context": {"account": "1"}},
        {"verdict": "allow", "context": {"name": {"first": "Ada"}}},
        {"verdict": "allow", "context": {"name": "x" * 2001}},
        {"verdict": "allow", "context": {"name": "\0"}},
        {"verdict": "later"}, {"verdict": "later", "until": "tomorrow"},
        {"verdict": "later", "until": "2026-11-18T15:30:00"},
        {"verdict": "later", "until": NOW.isoformat()},
        {"verdict": "later", "until": (NOW + timedelta(days=31)).isoformat()},
    ],
)  # fmt: skip
def test_what_is_not_exactly_an_answer_is_none(said: Any):
    answer = read(said)
    assert answer.verdict is None
    assert answer.error


@pytest.mark.parametrize("status", [204, 301, 400, 404, 429, 500, 503])
def test_only_a_good_status_with_a_body_is_an_answer(status: int):
    body = b"" if status == 204 else b'{"verdict": "allow"}'
    assert read_answer(status, body, DECLARED, NOW).verdict is None


@given(st.binary(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(
        ["allow", "deny", "later"]),
    lambda inner: st.dictionaries(st.sampled_from(["verdict", "context", "until", "name"]), inner),
    max_leaves=8,
))  # fmt: skip
def test_nothing_that_is_answered_raises_or_changes_more_than_is_declared(said: Any):
    answer = read(said)
    assert set(answer.context) <= DECLARED
    assert answer.until is None or isinstance(answer.until, datetime)
