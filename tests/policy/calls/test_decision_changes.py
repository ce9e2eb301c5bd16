"""Whether a decision says something else about a waiting call than the last one did."""

from datetime import timedelta

import pytest

from policy.calls.decide import decide
from policy.calls.decision_changes import LastDecision, moves
from policy.model.call import CallStatus, Decision, DecisionKind, Outcome, WaitingFor
from tests.policy.make import NOW, at, daily, facts

SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
WINDOW, SLOT, RETRY = WaitingFor.WINDOW, WaitingFor.SLOT, WaitingFor.RETRY
CREATED = LastDecision(CallStatus.CREATED, WINDOW, SOON, "not_before")
ASLEEP = LastDecision(CallStatus.QUEUED, WINDOW, SOON, "calling_hours")
IN_LINE = LastDecision(CallStatus.QUEUED, SLOT, None, "no_free_slot")
DUE = LastDecision(CallStatus.QUEUED, WINDOW, NOW, "calling_hours")
PAUSED = LastDecision(CallStatus.QUEUED, WINDOW, None, "called_back")
DISABLED = LastDecision(CallStatus.QUEUED, WINDOW, SOON, "agent_disabled")


def wait(until, reason="calling_hours", why=WINDOW) -> Decision:
    return Decision(DecisionKind.WAIT, reason, "x", until=until, waiting_for=why)


DIAL = Decision(DecisionKind.DIAL, "first_attempt", "x", valid_until=LATER, attempt_number=1)
END = Decision(DecisionKind.END, "do_not_call", "x", outcome=Outcome.SUPPRESSED)


@pytest.mark.parametrize(
    ("last", "decision", "goes_otherwise"),
    [
        # An end is news to all of them.
        (CREATED, END, True),
        (ASLEEP, END, True),
        (IN_LINE, END, True),
        # The first decision of a new call is still to come.
        (CREATED, wait(LATER), False),
        (CREATED, DIAL, False),
        # Another time, reason or kind of waiting.
        (ASLEEP, wait(SOON), False),
        (ASLEEP, wait(LATER), True),
        (ASLEEP, wait(SOON, "blackout"), True),
        (ASLEEP, wait(SOON, "calling_hours", RETRY), True),
        (ASLEEP, wait(None), True),
        (IN_LINE, wait(SOON), True),
        (PAUSED, wait(None, "called_back"), False),
        (PAUSED, wait(SOON, "not_before"), True),
        # A dial is news to who sleeps, but not to who is in line, or wakes up at this moment.
        (ASLEEP, DIAL, True),
        (PAUSED, DIAL, True),
        (IN_LINE, DIAL, False),
        (DUE, DIAL, False),
        # Every look at a disabled agent is about the next one.
        (DISABLED, wait(LATER, "agent_disabled"), False),
        (DISABLED, wait(SOON, "calling_hours"), True),
        (ASLEEP, wait(LATER, "agent_disabled"), True),
    ],
)
def test_a_call_moves_when_it_would_go_on_otherwise(last, decision, goes_otherwise):
    assert moves(last, decision, NOW) is goes_otherwise


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"not_before": LATER},
        {"agent_enabled": False},
        {"call_window": daily("10:00", "12:00")},
    ],
)
def test_what_is_decided_again_of_the_same_facts_moves_nobody(given):
    """Also a little later: or each change would wake every call that sleeps."""
    night = at("2026-11-18 23:00", "America/New_York")
    first = decide(facts(**given), night)
    assert first.kind is DecisionKind.WAIT
    last = LastDecision(CallStatus.QUEUED, first.waiting_for, first.until, first.reason)
    soon = night + timedelta(minutes=7)
    assert not moves(last, decide(facts(**given), soon), soon)
