"""What others are asked before a dial that policy permits: carriers about the number, the customer.

Only of agents that ask for it; see docs/clearances.md and docs/last-word.md.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from policy.calls import last_word
from policy.calls.ends import before_deadline, end
from policy.compliance.number_checks import CheckStanding, cleared_until, objection
from policy.facts import Facts
from policy.model.call import Decision, DecisionKind, Outcome, WaitingFor

#: How often a call looks whether its number is cleared; it is told of that, too.
CLEARANCE_RECHECK = timedelta(minutes=10)


def rules_of_answers(facts: Facts) -> tuple[str, ...]:
    """What was asked, as the rules of a decision name it."""
    file = facts.number_file
    demands = () if file is None else tuple(one.rule for one in file.requirements)
    is_asked = facts.last_word is not None and facts.last_word.word is not None
    return (*demands, *((last_word.RULE,) if is_asked else ()))


def held_to_answers(facts: Facts, now: datetime, decision: Decision) -> Decision:
    """A dial only with fresh answers, and not after the customer's own no."""
    return _with_last_word(facts, now, _cleared(facts, now, decision))


def _with_last_word(facts: Facts, now: datetime, decision: Decision) -> Decision:
    """No dial after the customer's own no, nor before the time that was said."""
    if decision.kind is not DecisionKind.DIAL:
        return decision
    return last_word.objection(facts, now) or decision


def _cleared(facts: Facts, now: datetime, decision: Decision) -> Decision:
    """A dial only while every answer about the number that the agent demands is fresh."""
    if decision.kind is not DecisionKind.DIAL:
        return decision
    found = objection(facts, now)
    if found is None:
        ends = (decision.valid_until, cleared_until(facts, now))
        until = min((one for one in ends if one is not None), default=None)
        return replace(decision, valid_until=until)
    if found.standing is CheckStanding.REFUSED:
        return end(Outcome.SUPPRESSED, found.reason, found.detail)
    detail = f"The number is not cleared ({found.requirement.rule}): {found.detail}"
    return Decision(
        DecisionKind.WAIT,
        found.reason,
        detail,
        until=before_deadline(facts, now + CLEARANCE_RECHECK),
        waiting_for=WaitingFor.WINDOW,
    )
