"""What the customer's last word makes of a call, and how an answer is read.

The word is asked for after the slot is granted. What was not answered is no yes: it is asked again,
and after so many tries the call ends.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from policy.calls.ends import end
from policy.facts import Facts
from policy.model.call import Decision, DecisionKind, Outcome, WaitingFor
from policy.model.last_word import RULE as RULE
from policy.model.last_word import LastWord, Verdict
from policy.model.reasons import Reason
from policy.time.wall_time import spoken, utc

#: An answer is no longer, and says no more.
MOST_BYTES = 16_384
MOST_NAMES, LONGEST_TEXT, LONGEST_REASON = 50, 2_000, 200
LATEST = timedelta(days=30)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


def objection(facts: Facts, now: datetime) -> Decision | None:
    """Why the last word leaves no dial at `now`; None: it is (still) to be asked for, or allows."""
    file = facts.last_word
    if file is None or file.word is None:
        return None
    word = file.word
    if word.verdict is Verdict.ALLOW:
        return None
    if word.verdict is Verdict.DENY:
        detail = "The customer's own last word was no"
        return end(Outcome.SUPPRESSED, Reason.LAST_WORD_DENIED, detail)
    if word.verdict is None and word.tries >= file.most_tries:
        detail = f"The customer's last word was asked for {word.tries} times and not given"
        return end(Outcome.FAILED, Reason.LAST_WORD_UNANSWERED, detail)
    until = _not_before(word)
    if now >= until:
        return None
    return _wait(facts, word, until)


def _not_before(word: LastWord) -> datetime:
    if word.verdict is Verdict.LATER and word.until is not None:
        # Each question takes a slot: "in a second", again and again, would keep it busy.
        return max(utc(word.until), utc(word.asked_at) + FIRST_PAUSE)
    doublings = min(word.tries - 1, 10)
    return utc(word.asked_at) + min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def _wait(facts: Facts, word: LastWord, until: datetime) -> Decision:
    if facts.deadline is not None:
        until = min(until, utc(facts.deadline))
    when = spoken(until, facts.agent_zone)
    why = "The customer's last word was: later" if word.verdict else "It was not answered"
    reason = Reason.LAST_WORD_LATER if word.verdict else Reason.LAST_WORD_PENDING
    detail = f"{why}; asking again {when}"
    return Decision(DecisionKind.WAIT, reason, detail, until=until, waiting_for=WaitingFor.WINDOW)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered. `error`: why it is no answer; then the rest says nothing."""

    verdict: Verdict | None = None
    reason: str = ""
    until: datetime | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


def read_answer(
    status: int | None, body: bytes, declared: Collection[str], now: datetime
) -> Answer:
    """Reads an answer; whatever is not exactly as it should be is none. Never raises.

    `declared`: the variables that an answer may change.
    """
    if status is None or not 200 <= status < 300:
        return Answer(error=f"HTTP {status}" if status else "no answer")
    if len(body) > MOST_BYTES:
        return Answer(error="the answer is too long")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return Answer(error="the answer is no JSON")
    if not isinstance(said, dict):
        return Answer(error="the answer is no JSON object")
    try:
        verdict = Verdict(str(said.get("verdict")))
    except ValueError:
        return Answer(error="the answer has no verdict: allow, deny or later")
    return _READ[verdict](said, declared, now)


def _allow(said: Mapping[str, Any], declared: Collection[str], now: datetime) -> Answer:
    context = said.get("context")
    if context is None:
        return Answer(Verdict.ALLOW)
    if not isinstance(context, dict) or len(context) > MOST_NAMES:
        return Answer(error=f"the context is no object of {MOST_NAMES} names at most")
    if not context.keys() <= set(declared):
        return Answer(error="the context names what the pathway does not declare")
    if not all(_is_plain(value) for value in context.values()):
        return Answer(error=f"the context has more than texts of {LONGEST_TEXT} and numbers")
    return Answer(Verdict.ALLOW, context=context)


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        # No database keeps this one.
        return len(value) <= LONGEST_TEXT and "\0" not in value and value.isprintable()
    return isinstance(value, bool) or (isinstance(value, int | float) and abs(value) < 10**15)


def _deny(said: Mapping[str, Any], declared: Collection[str], now: datetime) -> Answer:
    reason = said.get("reason")
    text = reason if isinstance(reason, str) and reason.isprintable() else ""
    return Answer(Verdict.DENY, reason=text[:LONGEST_REASON])


def _later(said: Mapping[str, Any], declared: Collection[str], now: datetime) -> Answer:
    try:
        until = datetime.fromisoformat(said.get("until"))  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return Answer(error="later has no time")
    if until.tzinfo is None or not now < until <= now + LATEST:
        return Answer(error="the time of later is not ahead, or too far, or has no zone")
    return Answer(Verdict.LATER, until=utc(until))


_READ = {Verdict.ALLOW: _allow, Verdict.DENY: _deny, Verdict.LATER: _later}
