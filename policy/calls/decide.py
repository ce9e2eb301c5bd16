"""What a call does next: is it over? compliance, deadline, agent, window and retry, in that order.

`decide` reads as the list of its steps; each gives a decision or passes on.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from policy.calls import waits
from policy.calls.answers import held_to_answers, rules_of_answers
from policy.calls.call_times import CallTimes, call_times_of, start_slot
from policy.calls.ends import ENDINGS, before_deadline, end, over, versions
from policy.calls.number_choice import NumberVerdict, chosen, places_left, verdict_of
from policy.calls.retry import RetrySlot, next_attempt, outcome_so_far
from policy.calls.retry_placement import why_then
from policy.compliance.compliance import Clearance, may_dial
from policy.facts import Facts
from policy.model.call import Decision, DecisionKind, Outcome, WaitingFor
from policy.model.reasons import Reason
from policy.promises import told
from policy.reminders import is_under_way
from policy.time.wall_time import spoken, utc

#: How often a call looks whether its account has acknowledged what a rule asks; it is told, too.
ACKNOWLEDGED_RECHECK = timedelta(hours=6)

_CLOSED: Mapping[Reason, str] = {
    Reason.CALLING_HOURS: "Outside calling hours",
    Reason.BUSINESS_HOURS: "Outside the agent's business hours",
    Reason.CALL_WINDOW: "Outside the call's window",
    Reason.NUMBER_HOURS: "Outside the hours of that number",
    Reason.COMMON_WINDOW: "The windows are not open together",
    Reason.NOT_BEFORE: "Not to start",
    Reason.BEST_TIME: "Held for a time at which people answer",
    Reason.BLACKOUT: "Nobody may be called there",
    Reason.ATTEMPT_CAP: "The person was called as often as allowed; not",
}


def decide(facts: Facts, now: datetime) -> Decision:
    """The next step of a call at `now` (aware). Never raises for what the facts say."""
    return judge(facts, now).decision


def judge(facts: Facts, now: datetime) -> NumberVerdict:
    """`decide`, and which of the person's numbers it is about."""
    ended = over(facts)
    if ended is not None:
        return NumberVerdict(facts, ended)
    if facts.numbers:
        return chosen(facts, verdicts(facts, now))
    return NumberVerdict(facts, _decide_open(facts, utc(now)))


def verdicts(facts: Facts, now: datetime) -> tuple[NumberVerdict, ...]:
    """What is decided about each number of a person who has several, in their order.

    Of a call that is not over; see `policy.calls.ends.over`.
    """
    at_each = (facts.at(place) for place in places_left(facts))
    return tuple(verdict_of(one, _decide_open(one, utc(now))) for one in at_each)


def _decide_open(facts: Facts, now: datetime) -> Decision:
    """The next step of a call that is not over, to the number that its facts are about."""
    clearance = may_dial(facts, now)
    decision = (
        _suppressed(facts, now, clearance)
        or _past_deadline(facts, now)
        or waits.agent_disabled(facts, now)
        or waits.caller_id_barred(facts, now)
        or waits.called_back(facts)
        or waits.under_review(facts, now)
        or _timed(facts, now, clearance)
    )
    if facts.number_file is None and facts.last_word is None:
        return replace(decision, rules=clearance.rules, versions=versions(facts))
    return replace(
        held_to_answers(facts, now, decision),
        rules=(*clearance.rules, *rules_of_answers(facts)),
        versions=versions(facts),
    )


def _suppressed(facts: Facts, now: datetime, clearance: Clearance) -> Decision | None:
    if clearance.permitted:
        return None
    if clearance.reason is Reason.NOT_ACKNOWLEDGED:
        return _unacknowledged(facts, now, clearance)
    return end(Outcome.SUPPRESSED, clearance.reason, clearance.detail)


def _unacknowledged(facts: Facts, now: datetime, clearance: Clearance) -> Decision:
    """The account can still say that it is so: the call waits for it, as long as it may wait."""
    too_late = _past_deadline(facts, now)
    if too_late is not None:
        return too_late
    return Decision(
        DecisionKind.WAIT,
        clearance.reason,
        clearance.detail,
        until=before_deadline(facts, now + ACKNOWLEDGED_RECHECK),
        waiting_for=WaitingFor.WINDOW,
    )


def _past_deadline(facts: Facts, now: datetime) -> Decision | None:
    if facts.deadline is None or now < utc(facts.deadline):
        return None
    return _too_late(facts, Reason.DEADLINE_PASSED, "The deadline has passed")


def _too_late(facts: Facts, reason: Reason, detail: str) -> Decision:
    """No time is left. What was dialed ends as it was found; nothing else was missed."""
    found = outcome_so_far(facts)
    if facts.dialing_paused is not None:
        detail = f"{detail}. Dialing is paused: {facts.dialing_paused}"
    if found is None:
        return end(Outcome.DEADLINE_MISSED, reason, detail)
    return end(found, reason, f"{ENDINGS[found]}. {detail}")


def _timed(facts: Facts, now: datetime, clearance: Clearance) -> Decision:
    times = call_times_of(facts, clearance)
    slot = start_slot(facts, clearance, now)
    deadline = None if facts.deadline is None else utc(facts.deadline)
    placed = times.place(slot, deadline)
    if placed is None:
        return _no_instant(facts, clearance, now, times, slot)
    if placed > now:
        return _wait(facts, clearance, now, times, slot, placed)
    if is_under_way(facts.siblings):
        return waits.after_sibling(facts, now)
    if facts.person.on_line:
        return waits.after_line(facts, now)
    return _dial(facts, times, slot, placed, deadline)


def _no_instant(
    facts: Facts, clearance: Clearance, now: datetime, times: CallTimes, slot: RetrySlot
) -> Decision:
    if times.place(slot, None) is None:
        lifted = call_times_of(facts, clearance.lifted)
        if lifted.place(slot, facts.deadline) is not None:
            return waits.until_lifted(facts, now, times.zones[0])
        if lifted.place(slot, None) is None:
            detail = "The windows leave no time at which the call may be made"
            return _too_late(facts, Reason.NO_OPENING, detail)
    detail = "The call may not be made again before its deadline"
    if slot.reason is Reason.FIRST_ATTEMPT:
        detail = "The windows leave no time before the deadline"
    return _too_late(facts, Reason.DEADLINE_UNREACHABLE, detail)


def _dial(
    facts: Facts, times: CallTimes, slot: RetrySlot, placed: datetime, deadline: datetime | None
) -> Decision:
    number = 1 + max((attempt.number for attempt in facts.attempts), default=0)
    valid_until = times.valid_until(placed, deadline)
    until = spoken(valid_until, times.zones[0])
    detail = f"Attempt {number} is dialed now; the permission ends {until}"
    return Decision(
        DecisionKind.DIAL, slot.reason, detail, valid_until=valid_until, attempt_number=number
    )


def _wait(
    facts: Facts,
    clearance: Clearance,
    now: datetime,
    times: CallTimes,
    slot: RetrySlot,
    placed: datetime,
) -> Decision:
    is_held = _is_held(times, slot, placed, facts)
    reason = _why_waiting(facts, clearance, now, times, slot, placed, is_held)
    when = spoken(placed, times.zones[0])
    closed = _CLOSED.get(reason)
    if facts.promise is not None and slot.reason is Reason.PROMISED:
        promised = told(facts.promise.at, times.zones[0])
        why = f"{promised}. {closed} until {when}" if closed else promised
        is_first = closed or not facts.attempts
        waits_for = WaitingFor.WINDOW if is_first else WaitingFor.RETRY
        return Decision(DecisionKind.WAIT, reason, why, until=placed, waiting_for=waits_for)
    held = f". {facts.best_times.told}" if is_held and facts.best_times is not None else ""
    then = held or why_then(slot, placed, times.zones)
    return Decision(
        DecisionKind.WAIT,
        reason,
        f"{closed} until {when}{held}" if closed else f"{slot.detail}; trying again {when}{then}",
        until=placed,
        waiting_for=WaitingFor.WINDOW if closed else WaitingFor.RETRY,
    )


def _is_held(times: CallTimes, slot: RetrySlot, placed: datetime, facts: Facts) -> bool:
    """Whether it could be made before, and waits for a time that is better."""
    if slot.wanted is None:
        return False
    deadline = None if facts.deadline is None else utc(facts.deadline)
    plain = times.place(replace(slot, wanted=None), deadline)
    return plain is not None and plain < placed


def _why_waiting(
    facts: Facts,
    clearance: Clearance,
    now: datetime,
    times: CallTimes,
    slot: RetrySlot,
    placed: datetime,
    is_held: bool,
) -> Reason:
    retry = next_attempt(facts)
    is_late = slot.reason is Reason.PROMISED and placed > slot.earliest
    if retry is not None and now < retry.earliest == slot.earliest and not is_late:
        return slot.reason
    if is_held:
        return Reason.BEST_TIME
    if clearance.capped is not None and clearance.capped.until == slot.earliest:
        return Reason.ATTEMPT_CAP
    closed = times.closed_at(slot.earliest)
    if closed is not None:
        return closed
    if placed == slot.earliest:
        return Reason.NOT_BEFORE
    return slot.reason if retry is not None and slot.avoid_daypart else Reason.COMMON_WINDOW
