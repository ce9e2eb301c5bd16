"""Which of an agent's numbers suit the rules of the place that is called."""

from datetime import datetime

from policy.compliance.caller_id_ranges import within
from policy.compliance.case import case_of
from policy.compliance.compliance import caller_id_rules
from policy.facts import Facts


def suiting(facts: Facts, now: datetime) -> tuple[str, ...]:
    """Those of `facts.caller_ids` that suit; all where none does, so that the verdict says why."""
    found = within(caller_id_rules(case_of(facts, now)), facts.caller_ids)
    return found or facts.caller_ids
