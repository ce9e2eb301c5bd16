"""What would become of a contact if its campaign started now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policy.calls.acceptance import examine
from policy.calls.call_times import CallTimes, call_times_of, start_slot, wanted_times
from policy.calls.decide import decide
from policy.compliance.compliance import may_dial
from policy.facts import Facts
from policy.model.call import Decision, DecisionKind
from policy.time.windows import HORIZON, Interval, ZonedWindow, merged, openings


class VerdictKind(StrEnum):
    #: May be called at once.
    READY = "ready"
    #: May be called, but not yet.
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is a stable code; `next_at` the first moment at which the call may be made."""

    kind: VerdictKind
    reason: str
    detail: str
    next_at: datetime | None = None


def verdict(facts: Facts, now: datetime) -> Verdict:
    """Asks what acceptance asks, then what the first decision will.

    A person with several numbers is refused for what is wrong with the first, if no other may be
    called.
    """
    refusals = [examine(one, now) for one in facts.at_each]
    if None not in refusals and (refusal := refusals[0]) is not None:
        return Verdict(VerdictKind.REFUSED, str(refusal.code), refusal.message)
    return _of_decision(decide(facts, now), now)


def _of_decision(decision: Decision, now: datetime) -> Verdict:
    if decision.kind is DecisionKind.END:
        return Verdict(VerdictKind.REFUSED, decision.reason, decision.detail)
    if decision.kind is DecisionKind.WAIT:
        return Verdict(VerdictKind.LATER, decision.reason, decision.detail, decision.until)
    return Verdict(VerdictKind.READY, decision.reason, decision.detail, now)


def call_times(facts: Facts, now: datetime) -> tuple[Interval, ...]:
    """When such a call may be made, from `now` or its start to its deadline or the horizon.

    Of an agent with best times, when it would be: it waits for those. Of a person with several
    numbers, to any of them.
    """
    if facts.numbers:
        return merged(one for number in facts.at_each for one in _times_of(number, now))
    return _times_of(facts, now)


def _times_of(facts: Facts, now: datetime) -> tuple[Interval, ...]:
    clearance = may_dial(facts, now)
    if not clearance.permitted:
        return ()
    times = call_times_of(facts, clearance)
    start = start_slot(facts, clearance, now).earliest
    end = min(now + HORIZON, facts.deadline) if facts.deadline else now + HORIZON
    if start >= end:
        return ()
    wanted = wanted_times(facts)
    best = () if wanted is None else (ZonedWindow(wanted, times.zones[0]),)
    held = _long_enough(openings((*times.windows, *best), start, end), times)
    # Where the best times never come, it is made when it may be.
    return held or _long_enough(openings(times.windows, start, end), times)


def _long_enough(found: Iterable[Interval], times: CallTimes) -> tuple[Interval, ...]:
    """A phone must not ring past the end of a window."""
    return tuple(
        Interval(one.start, one.end - times.ring_time)
        for one in found
        if one.end - one.start >= times.min_length
    )
