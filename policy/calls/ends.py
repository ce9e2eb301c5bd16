"""How calls end that are over, whatever the rules, the clock and the person's records say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from policy.calls.retry import conclusion, outcome_so_far
from policy.facts import Facts
from policy.model.call import AttemptResult, Decision, DecisionKind, Outcome
from policy.model.person import Returned
from policy.model.reasons import Reason
from policy.reminders import reached
from policy.time.wall_time import TZDATA_VERSION, utc

#: Somebody, or a machine, picked up: the call took place and cannot be canceled any more.
_PICKED_UP = frozenset({AttemptResult.ANSWERED, AttemptResult.VOICEMAIL})

ENDINGS: Mapping[Outcome, str] = {
    Outcome.COMPLETED: "The call was answered",
    Outcome.CONFIRMED: "The recipient confirmed",
    Outcome.DECLINED: "The recipient declined",
    Outcome.OPTED_OUT: "The recipient asked not to be called again",
    Outcome.HUNG_UP_EARLY: "The call was answered, and hung up again at once",
    Outcome.VOICEMAIL: "A machine answered",
    Outcome.NO_ANSWER: "Nobody answered",
    Outcome.BUSY: "The line was busy",
    Outcome.FAILED: "The carrier could not place the call",
    Outcome.INVALID: "The carrier says that the endpoint does not exist",
    Outcome.CANCELED: "Hung up before anybody answered",
    Outcome.NOT_SERVED: "Answered, but our API was away and could not speak",
    Outcome.UNKNOWN: "It could not be found out whether the carrier placed the call",
}


def over(facts: Facts) -> Decision | None:
    """The end of a call that is over whatever the rules, the clock and the person's records say.

    Looks at none of them, so it may be asked before they are known.
    """
    ended = (
        _finished(facts) or _agent_deleted(facts) or _sequence_done(facts) or _goal_reached(facts)
    )
    return None if ended is None else replace(ended, versions=versions(facts))


def versions(facts: Facts) -> tuple[str, ...]:
    """Of all the data a decision rests on besides the facts."""
    return (f"tzdata={TZDATA_VERSION}", f"rules={facts.book.version}")


def end(outcome: Outcome, reason: Reason, detail: str) -> Decision:
    """A decision that ends the call; it names no rules and no versions yet."""
    return Decision(DecisionKind.END, reason, detail, outcome=outcome)


def _finished(facts: Facts) -> Decision | None:
    found = conclusion(facts)
    if facts.cancel_requested and not (found and _took_place(facts, found[0])):
        return end(Outcome.CANCELED, Reason.CANCEL_REQUESTED, "Canceled on request")
    if found is None and facts.returned is Returned.COMPLETE:
        return end(Outcome.COMPLETED, Reason.CALLED_BACK, "The recipient called back")
    if found is None:
        return None
    outcome, reason = found
    detail = ENDINGS[outcome]
    if reason is Reason.ATTEMPTS_EXHAUSTED:
        detail += "; no attempts are left"
    return end(outcome, reason, detail)


def _took_place(facts: Facts, outcome: Outcome) -> bool:
    if outcome is Outcome.OPTED_OUT:
        return True
    last = max(facts.attempts, key=lambda attempt: attempt.number, default=None)
    return last is not None and last.result in _PICKED_UP


def _agent_deleted(facts: Facts) -> Decision | None:
    if not facts.agent_deleted:
        return None
    return end(Outcome.CANCELED, Reason.AGENT_DELETED, "The agent was deleted")


def _sequence_done(facts: Facts) -> Decision | None:
    outcome = reached(facts.siblings)
    return None if outcome is None else not_needed(outcome)


def _goal_reached(facts: Facts) -> Decision | None:
    """What was dialed ends as it was found; the others never have to be called."""
    if not facts.goal_reached:
        return None
    detail = "Not needed any more: the campaign has reached its goal"
    found = outcome_so_far(facts)
    if found is None:
        return end(Outcome.CANCELED, Reason.GOAL_REACHED, detail)
    return end(found, Reason.GOAL_REACHED, f"{ENDINGS[found]}. {detail}")


def not_needed(outcome: Outcome) -> Decision:
    """The end of a reminder after another one of its appointment ended as `outcome`."""
    detail = f"Not needed: another reminder of the appointment ended as {outcome}"
    return end(Outcome.CANCELED, Reason.SEQUENCE_DONE, detail)


def before_deadline(facts: Facts, until: datetime) -> datetime:
    """`until`, or the call's deadline if that is earlier."""
    return until if facts.deadline is None else min(until, utc(facts.deadline))
