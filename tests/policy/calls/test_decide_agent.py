"""What becomes of a call whose agent is disabled or deleted."""

from datetime import timedelta

from policy.calls.decide import decide
from policy.calls.waits import AGENT_RECHECK
from policy.model.call import AttemptResult, DecisionKind, Outcome, WaitingFor
from tests.policy.make import NOW, attempts, facts

DISABLED = {"agent_enabled": False}


def test_a_disabled_agents_call_looks_again_soon_but_not_past_its_deadline():
    decision = decide(facts(**DISABLED), NOW)
    assert (decision.kind, decision.reason) == (DecisionKind.WAIT, "agent_disabled")
    assert decision.waiting_for is WaitingFor.WINDOW
    assert decision.until == NOW + AGENT_RECHECK
    soon = NOW + timedelta(minutes=5)
    assert decide(facts(**DISABLED, deadline=soon), NOW).until == soon


def test_a_call_of_a_deleted_agent_ends_whatever_it_waits_for():
    tomorrow = NOW + timedelta(days=1)
    decision = decide(facts(**DISABLED, agent_deleted=True, not_before=tomorrow), NOW)
    assert (decision.kind, decision.outcome) == (DecisionKind.END, Outcome.CANCELED)
    assert (decision.reason, decision.detail) == ("agent_deleted", "The agent was deleted")


def test_what_took_place_before_the_agent_was_deleted_stands():
    tried = attempts(AttemptResult.ANSWERED)
    assert decide(facts(agent_deleted=True, attempts=tried), NOW).outcome is Outcome.COMPLETED
