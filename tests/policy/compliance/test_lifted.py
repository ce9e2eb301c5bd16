"""What closes all times and may be lifted any day is waited for, and nothing is missed by it."""

from datetime import timedelta
from typing import Any

import pytest

from policy.calls.acceptance import examine
from policy.calls.decide import decide
from policy.calls.decision_changes import LastDecision, moves
from policy.calls.waits import LIFTED_RECHECK
from policy.facts import Facts
from policy.model.call import AttemptResult, CallStatus, DecisionKind, Outcome, WaitingFor
from policy.rules import STANDARD
from policy.rules.model import Rule, read_rule
from tests.policy.make import NEW_YORK, NOW, at, attempts, daily, facts

DAY = timedelta(days=1)


def own(kind: str, **said: Any) -> Rule:
    usual = {"source": "tests", "confidence": "convention", "verified_on": "2026-11-18"}
    return read_rule({"id": f"own.{kind}", "kind": kind, "jurisdiction": "US", **usual, **said})


def under(*rules: Rule, **given: Any) -> Facts:
    return facts(book=STANDARD.with_rules(rules), **given)


FOREVER = own("blackout", startsAt=NOW - DAY)
LATER_ON = own("blackout", startsAt=NOW + timedelta(hours=1))
AT_NIGHT = own("calling_hours", windows={"mon": [["02:00", "03:00"]]})


def months(many: int) -> Rule:
    return own("blackout", startsAt=NOW - DAY, endsAt=NOW + timedelta(days=30 * many))


@pytest.mark.parametrize("rule", [FOREVER, AT_NIGHT])
def test_a_call_waits_while_nobody_knows_an_end_and_looks_again(rule: Rule):
    decision = decide(under(rule), NOW)
    assert (decision.kind, decision.reason) == (DecisionKind.WAIT, "closed_without_end")
    assert (decision.until, decision.waiting_for) == (NOW + LIFTED_RECHECK, WaitingFor.WINDOW)
    assert decision.detail == (
        "A blackout, or a rule of your own, leaves no time until it is taken away; "
        "looking again Thu 19 Nov 10:00 (America/New_York)"
    )


def test_a_blackout_that_is_still_to_come_is_waited_for_too():
    night = daily("20:00", "20:30")
    decision = decide(under(LATER_ON, call_window=night), NOW)
    assert (decision.kind, decision.reason) == (DecisionKind.WAIT, "closed_without_end")


@pytest.mark.parametrize("many", [1, 3, 12, 24])
def test_a_blackout_that_ends_in_some_months_is_waited_out(many: int):
    decision = decide(under(months(many)), NOW)
    assert (decision.kind, decision.reason) == (DecisionKind.WAIT, "blackout")
    assert decision.until is not None
    assert timedelta() <= decision.until - (NOW + timedelta(days=30 * many)) < 2 * DAY


def test_a_blackout_that_ends_beyond_all_calendars_has_no_end_in_sight():
    beyond = own("blackout", startsAt=NOW - DAY, endsAt="9999-12-31T00:00:00Z")
    assert decide(under(beyond), NOW).reason == "closed_without_end"


def test_of_several_blackouts_the_last_is_waited_out():
    second = own("blackout", id="own.second", startsAt=NOW + 29 * DAY, endsAt=NOW + 100 * DAY)
    decision = decide(under(months(1), second), NOW)
    assert decision.until == at("2027-02-26 10:00", NEW_YORK)


def test_an_opening_before_a_long_blackout_is_used():
    ahead = own("blackout", startsAt=NOW + timedelta(hours=4), endsAt=NOW + 90 * DAY)
    decision = decide(under(ahead, not_before=NOW + timedelta(hours=2)), NOW)
    assert (decision.reason, decision.until) == ("not_before", NOW + timedelta(hours=2))


def test_a_retry_waits_out_a_blackout_as_a_first_try_does():
    tried = attempts(AttemptResult.NO_ANSWER, dialed_at=NOW - timedelta(hours=1))
    decision = decide(under(months(3), attempts=tried), NOW)
    assert decision.kind is DecisionKind.WAIT
    assert decision.until is not None
    assert decision.until >= NOW + 90 * DAY


@pytest.mark.parametrize(
    ("rule", "deadline", "kind", "reason"),
    [
        # It may be lifted before the deadline.
        (FOREVER, NOW + 5 * DAY, DecisionKind.WAIT, "closed_without_end"),
        (FOREVER, NOW, DecisionKind.END, "deadline_passed"),
        # It is known that nothing opens in time.
        (months(3), NOW + 5 * DAY, DecisionKind.END, "deadline_unreachable"),
        (months(3), NOW + 100 * DAY, DecisionKind.WAIT, "blackout"),
    ],
)
def test_only_a_deadline_is_missed(rule: Rule, deadline, kind, reason):
    decision = decide(under(rule, deadline=deadline), NOW)
    assert (decision.kind, decision.reason) == (kind, reason)
    if kind is DecisionKind.END:
        assert decision.outcome is Outcome.DEADLINE_MISSED


def test_the_next_look_is_not_after_the_deadline():
    deadline = NOW + timedelta(hours=3)
    assert decide(under(FOREVER, deadline=deadline), NOW).until == deadline


def test_windows_that_never_meet_end_the_call_whatever_may_be_lifted():
    decision = decide(under(FOREVER, call_window=daily("22:00", "23:00")), NOW)
    assert (decision.kind, decision.reason) == (DecisionKind.END, "no_opening")


@pytest.mark.parametrize(
    ("rule", "given", "code"),
    [
        (FOREVER, {}, None),
        (AT_NIGHT, {}, None),
        (months(3), {}, None),
        (months(3), {"deadline": NOW + 100 * DAY}, None),
        (FOREVER, {"deadline": NOW + 5 * DAY}, "deadline_unreachable"),
        (months(3), {"deadline": NOW + 5 * DAY}, "deadline_unreachable"),
        (FOREVER, {"call_window": daily("22:00", "23:00")}, "no_opening"),
    ],
)
def test_a_new_call_is_taken_unless_its_deadline_speaks_against_it(rule, given, code):
    refusal = examine(under(rule, **given), NOW)
    assert (refusal and refusal.code) == code


def test_each_look_is_about_the_next_one_and_a_lifted_blackout_moves_the_call():
    first = decide(under(FOREVER), NOW)
    last = LastDecision(CallStatus.QUEUED, first.waiting_for, first.until, first.reason)
    soon = NOW + timedelta(minutes=7)
    assert not moves(last, decide(under(FOREVER), soon), soon)
    assert moves(last, decide(under(), soon), soon)
    assert moves(last, decide(under(months(1)), soon), soon)
