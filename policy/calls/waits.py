"""Waits for what nobody knows the end of: a call looks again now and then; most are told, too."""

from datetime import datetime, timedelta

from policy.calls.ends import before_deadline
from policy.facts import Facts
from policy.model.call import Decision, DecisionKind, WaitingFor
from policy.model.person import Returned
from policy.model.reasons import Reason
from policy.time.wall_time import spoken, utc

#: How often a call of a disabled agent looks whether it is enabled again, and one whose caller ID
#: the carrier would refuse whether that is over.
AGENT_RECHECK = timedelta(minutes=15)

#: How often a call looks whether what closes all times was lifted; it is told of that, too.
LIFTED_RECHECK = timedelta(days=1)

#: How often a reminder looks whether another one is still being made; it is told, too.
SIBLING_RECHECK = timedelta(minutes=1)

#: How often a call looks whether a text of its recipient was read; it is told, too.
REVIEW_RECHECK = timedelta(hours=6)

#: How often a call looks whether its person is still on another line.
ON_LINE_RECHECK = timedelta(minutes=1)


def agent_disabled(facts: Facts, now: datetime) -> Decision | None:
    if facts.agent_enabled:
        return None
    until = before_deadline(facts, now + AGENT_RECHECK)
    detail = f"The agent is disabled; looking again {spoken(until, facts.agent_zone)}"
    return _wait(Reason.AGENT_DISABLED, detail, until)


def caller_id_barred(facts: Facts, now: datetime) -> Decision | None:
    """The carrier would refuse it. The call is told when that is over."""
    if not facts.caller_id_is_barred:
        return None
    detail = "The account at the carrier may not show the call's caller ID"
    return _wait(
        Reason.CALLER_ID_BARRED,
        f"{detail}; import its numbers, enable it, or give the agent others",
        before_deadline(facts, now + AGENT_RECHECK),
    )


def called_back(facts: Facts) -> Decision | None:
    """Paused until somebody reschedules it, or its deadline passes."""
    if facts.returned is not Returned.PAUSE:
        return None
    detail = "The recipient called back; reschedule the call to have it made all the same"
    return _wait(
        Reason.CALLED_BACK, detail, None if facts.deadline is None else utc(facts.deadline)
    )


def under_review(facts: Facts, now: datetime) -> Decision | None:
    """Held until a person has read what the recipient wrote."""
    if not facts.person.reviews:
        return None
    return _wait(
        Reason.OPT_OUT_REVIEW,
        "The recipient wrote what may be an opt-out; somebody has to read it first",
        before_deadline(facts, now + REVIEW_RECHECK),
    )


def after_sibling(facts: Facts, now: datetime) -> Decision:
    return _wait(
        Reason.SEQUENCE_UNDER_WAY,
        "Another reminder of the appointment is being made",
        before_deadline(facts, now + SIBLING_RECHECK),
    )


def after_line(facts: Facts, now: datetime) -> Decision:
    return _wait(
        Reason.PERSON_ON_LINE,
        "Another call has the person on the line, or is about to",
        before_deadline(facts, now + ON_LINE_RECHECK),
    )


def until_lifted(facts: Facts, now: datetime, zone_name: str) -> Decision:
    """A blackout without an end, or hours of one's own, leave no time: they may be lifted."""
    until = before_deadline(facts, now + LIFTED_RECHECK)
    detail = "A blackout, or a rule of your own, leaves no time until it is taken away"
    return _wait(
        Reason.CLOSED_WITHOUT_END, f"{detail}; looking again {spoken(until, zone_name)}", until
    )


def _wait(reason: Reason, detail: str, until: datetime | None) -> Decision:
    return Decision(DecisionKind.WAIT, reason, detail, until=until, waiting_for=WaitingFor.WINDOW)
