"""Which of a person's several numbers a call goes to next.

One call, one budget of attempts over all numbers, one attempt at a time. Each number is asked about
by itself, with its own clock, hours, consent and lists. When it may be tried again is in `retry`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from policy.calls.retry import dead_places, stays_with_number
from policy.compliance.evidence import Evidence, Finding
from policy.facts import Facts
from policy.model.call import Decision, DecisionKind
from policy.time.wall_time import utc

#: How a finding about one of the numbers is named, with its place from 1.
NUMBER = "number:"
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NumberVerdict:
    """A decision, and the call's facts at the number that it is about."""

    facts: Facts
    decision: Decision


def places_left(facts: Facts) -> Sequence[int]:
    """The numbers that are not out: there is such a number, and the carrier takes it."""
    dead = dead_places(facts)
    return [place for place in range(len(facts.numbers)) if place not in dead] or [facts.place]


def verdict_of(facts: Facts, decision: Decision) -> NumberVerdict:
    """The decision, saying for people which number it is about."""
    if len(facts.numbers) == 1:
        return NumberVerdict(facts, decision)
    detail = f"{decision.detail} (number {facts.place + 1} of {len(facts.numbers)})"
    return NumberVerdict(facts, replace(decision, detail=detail))


def chosen(facts: Facts, verdicts: Sequence[NumberVerdict]) -> NumberVerdict:
    """The first number in their order that may be dialed now; else the one that may soonest.

    After a promise, and after a call that was answered and not served, the number it was made at
    goes first among those that may as soon. Where no number is left to call, the first says why.
    """
    stays_at = facts.place if stays_with_number(facts) else None
    return min(verdicts, key=lambda one: _turn(one, stays_at))


def _turn(verdict: NumberVerdict, stays_at: int | None) -> tuple[int, datetime, int]:
    decision, place = verdict.decision, verdict.facts.place
    order = -1 if place == stays_at else place
    if decision.kind is DecisionKind.END:
        return 3, _NEVER, order
    if decision.kind is not DecisionKind.WAIT:
        return 0, _NEVER, order
    return (2, _NEVER, order) if decision.until is None else (1, utc(decision.until), order)


def with_numbers(proof: Evidence, facts: Facts, verdicts: Sequence[NumberVerdict]) -> Evidence:
    """The evidence with a finding for each of the person's numbers: why it, or why not it."""
    said = {one.facts.place: one.decision for one in verdicts}
    found = (
        Finding(
            f"{NUMBER}{place + 1}",
            said[place].kind.value if place in said else "out",
            f"{said[place].reason}: {said[place].detail}" if place in said else _OUT,
        )
        for place in range(len(facts.numbers))
    )
    return replace(proof, findings=(*found, *proof.findings))


_OUT = "There is no such number, or the carrier refuses it"
