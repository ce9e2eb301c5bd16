"""When an appointment is reminded of, and when that is enough."""

from datetime import timedelta

import pytest

from policy.calls.decide import decide
from policy.calls.waits import SIBLING_RECHECK
from policy.model.call import AttemptResult, DecisionKind, Outcome, WaitingFor
from policy.model.reasons import Reason
from policy.reminders import Sibling, plan, reached, repeated
from tests.policy.make import NOW, attempts, facts

HOUR = timedelta(hours=1)
DAY_BEFORE, TWO_HOURS = 24 * HOUR, 2 * HOUR

STOP = {
    Outcome.COMPLETED,
    Outcome.CONFIRMED,
    Outcome.DECLINED,
    Outcome.OPTED_OUT,
    Outcome.INVALID,
}


def test_each_reminder_ends_where_the_next_begins_and_the_last_at_the_appointment():
    appointment = NOW + 48 * HOUR
    first, second = plan(appointment, [TWO_HOURS, DAY_BEFORE], NOW)
    assert (first.place, second.place) == (1, 0)
    assert first.not_before == appointment - DAY_BEFORE
    assert first.deadline == second.not_before == appointment - TWO_HOURS
    assert second.deadline == appointment


def test_a_reminder_that_is_due_already_is_left_out_and_one_due_now_is_not():
    befores = [DAY_BEFORE, TWO_HOURS]
    assert [one.place for one in plan(NOW + 24 * HOUR, befores, NOW)] == [0, 1]
    assert [one.place for one in plan(NOW + 23 * HOUR, befores, NOW)] == [1]
    assert plan(NOW + HOUR, befores, NOW) == []


def test_two_spellings_of_a_span_are_one():
    assert repeated([DAY_BEFORE, TWO_HOURS, timedelta(days=1)]) == 2
    assert repeated([DAY_BEFORE, TWO_HOURS]) is None


@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_reached_the_person_ends_the_rest_and_what_did_not_does_not(outcome):
    waits = facts(not_before=NOW + HOUR, siblings=(Sibling(outcome),))
    decision = decide(waits, NOW)
    assert (reached(waits.siblings) is outcome) is (outcome in STOP)
    if outcome in STOP:
        assert decision.kind is DecisionKind.END
        assert (decision.outcome, decision.reason) == (Outcome.CANCELED, Reason.SEQUENCE_DONE)
        assert outcome.value in decision.detail
    else:
        assert (decision.kind, decision.reason) == (DecisionKind.WAIT, Reason.NOT_BEFORE)


def test_a_reminder_that_is_due_waits_while_another_is_being_made():
    busy = (Sibling(is_under_way=True),)
    decision = decide(facts(siblings=busy, deadline=NOW + HOUR), NOW)
    assert (decision.kind, decision.waiting_for) == (DecisionKind.WAIT, WaitingFor.WINDOW)
    assert decision.reason == Reason.SEQUENCE_UNDER_WAY
    assert decision.until == NOW + SIBLING_RECHECK
    assert decide(facts(siblings=(Sibling(),)), NOW).kind is DecisionKind.DIAL


def test_it_looks_again_at_its_deadline_at_the_latest():
    soon = NOW + timedelta(seconds=20)
    decision = decide(facts(siblings=(Sibling(is_under_way=True),), deadline=soon), NOW)
    assert decision.until == soon


def test_a_reminder_that_is_not_due_sleeps_until_it_is_whatever_the_others_do():
    later = facts(siblings=(Sibling(is_under_way=True),), not_before=NOW + HOUR)
    assert decide(later, NOW).until == NOW + HOUR


def test_its_own_conversation_goes_before_that_of_another():
    both = facts(
        siblings=(Sibling(Outcome.CONFIRMED),),
        attempts=attempts(AttemptResult.ANSWERED),
        reported_outcome=Outcome.DECLINED,
    )
    assert decide(both, NOW + HOUR).outcome is Outcome.DECLINED


def test_after_a_failed_try_it_ends_when_another_has_reached_the_person():
    tried = facts(siblings=(Sibling(Outcome.CONFIRMED),), attempts=attempts(AttemptResult.BUSY))
    assert decide(tried, NOW + HOUR).reason == Reason.SEQUENCE_DONE
