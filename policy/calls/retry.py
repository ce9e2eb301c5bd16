"""What a call's attempts so far mean: is it over, and if not, when may it be tried again.

Looks at nothing but the facts; `retry_placement` puts the next try into the windows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from policy.calls.attempt_counts import (
    counted_of,
    in_order,
    not_sent_delay,
    not_sent_in_a_row,
    served_of,
    throttle_delay,
    throttles_in_a_row,
)
from policy.facts import AttemptFact, Facts
from policy.location.endpoints import zones_of
from policy.model.call import (
    UNCOUNTED_RESULTS,
    AttemptResult,
    DaypartChoice,
    Outcome,
    RetryPlan,
    VoicemailAction,
    WeeklyWindow,
)
from policy.model.reasons import Reason
from policy.promises import keeps
from policy.time.dayparts import NIGHT, DaypartRate, best_first, daypart
from policy.time.wall_time import utc

#: Shorter delays are somebody's deliberate haste, which moving by hours would undo.
DAYPART_RULE_FROM = timedelta(hours=12)
#: The person has just picked up in vain: soon, but not before our API can be well again.
NOT_SERVED_DELAY = timedelta(minutes=10)

THROTTLES_TO_FAIL = 20

_CONCLUSIVE: Mapping[AttemptResult, Outcome] = {
    AttemptResult.INVALID: Outcome.INVALID,
    AttemptResult.DECLINED: Outcome.DECLINED,
    AttemptResult.REFUSED: Outcome.FAILED,
    AttemptResult.CANCELED: Outcome.CANCELED,
}
#: They are about the number alone: another one of the same person may be dialed.
_DEAD = frozenset({AttemptResult.INVALID, AttemptResult.REFUSED})
_EXHAUSTED: Mapping[AttemptResult, Outcome] = {
    AttemptResult.BUSY: Outcome.BUSY,
    AttemptResult.NO_ANSWER: Outcome.NO_ANSWER,
    AttemptResult.NETWORK_ERROR: Outcome.FAILED,
    AttemptResult.VOICEMAIL: Outcome.VOICEMAIL,
    AttemptResult.UNKNOWN: Outcome.UNKNOWN,
    AttemptResult.NOT_SERVED: Outcome.NOT_SERVED,
}
_REASONS: Mapping[AttemptResult, tuple[Reason, str]] = {
    AttemptResult.BUSY: (Reason.RETRY_BUSY, "The line was busy"),
    AttemptResult.NO_ANSWER: (Reason.RETRY_NO_ANSWER, "Nobody answered"),
    AttemptResult.NETWORK_ERROR: (Reason.RETRY_NETWORK_ERROR, "The network failed"),
    AttemptResult.VOICEMAIL: (Reason.RETRY_VOICEMAIL, "A machine answered"),
    AttemptResult.UNKNOWN: (Reason.RETRY_UNKNOWN, "The last attempt's fate is unknown"),
    AttemptResult.NOT_SERVED: (Reason.RETRY_NOT_SERVED, "Somebody answered and was not served"),
    AttemptResult.THROTTLED: (Reason.RETRY_THROTTLED, "The carrier had no capacity"),
    AttemptResult.NOT_SENT: (Reason.RETRY_NOT_SENT, "The last attempt was not sent"),
    AttemptResult.ACCOUNT_REFUSED: (
        Reason.RETRY_ACCOUNT_REFUSED,
        "The carrier refused the account's requests",
    ),
}


@dataclass(frozen=True, slots=True)
class RetrySlot:
    """The next try by the plan alone: not before `earliest`, better not in `avoid_daypart`.

    `better` are the dayparts to be tried before the others, the best first. They are held out for
    from `planned` on, the plan's own time: `earliest` moves on with the clock.
    """

    earliest: datetime
    avoid_daypart: str | None
    reason: Reason
    detail: str
    better: tuple[DaypartRate, ...] = ()
    planned: datetime | None = None
    #: Times of the week to be tried before others that are not better.
    wanted: WeeklyWindow | None = None


def conclude(facts: Facts) -> Outcome | None:
    """The call's outcome if its attempts have settled it, else None."""
    found = conclusion(facts)
    return found[0] if found else None


def conclusion(facts: Facts) -> tuple[Outcome, Reason] | None:
    """`conclude` with its reason: `concluded` or `attempts_exhausted`.

    A reported opt-out ends the call whatever else happened. A promised attempt is still to come,
    whatever was so far. Otherwise the last attempt that
    counts decides, and then twenty throttled requests in a row are a failure.
    """
    if facts.reported_outcome is Outcome.OPTED_OUT:
        return Outcome.OPTED_OUT, Reason.CONCLUDED
    counted = counted_of(facts)
    if counted and not is_promised(facts):
        final = _final_outcome(facts, counted[-1])
        if final is not None:
            return final, Reason.CONCLUDED
        if (
            len(served := served_of(counted)) >= facts.retry.max_attempts
            and served[-1] is counted[-1]
        ):
            return _exhausted(counted), Reason.ATTEMPTS_EXHAUSTED
    if throttles_in_a_row(facts) >= THROTTLES_TO_FAIL:
        return Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED
    return None


def is_promised(facts: Facts) -> bool:
    """Whether an attempt was promised that has not been made."""
    promise = facts.promise
    if promise is None:
        return False
    return not any(keeps(promise.after, one.number, one.result) for one in facts.attempts)


def may_promise(facts: Facts, *, is_live: bool) -> bool:
    """Whether the call may come back once more: a promise outlives the budget by one attempt.

    `is_live`: an attempt is under way, which will count.
    """
    return len(served_of(counted_of(facts))) + is_live <= facts.retry.max_attempts


def outcome_so_far(facts: Facts) -> Outcome | None:
    """What the call ends as if it may not be tried again; None if no phone can have rung yet."""
    counted = counted_of(facts)
    if not counted:
        return None
    if counted[-1].result is AttemptResult.ANSWERED:
        # Somebody was spoken to, and is to be called again as was promised.
        return facts.reported_outcome or Outcome.COMPLETED
    return _EXHAUSTED.get(counted[-1].result) or (_exhausted(counted) if facts.numbers else None)


def _exhausted(counted: Sequence[AttemptFact]) -> Outcome:
    """What was found last of a number that there is; of a person with one number, of that."""
    real = [one for one in counted if one.result in _EXHAUSTED]
    return _EXHAUSTED[real[-1].result] if real else _CONCLUSIVE[counted[-1].result]


def dead_places(facts: Facts) -> frozenset[int]:
    """Which of the person's numbers are not dialed again: none such, or the carrier refuses it."""
    return frozenset(one.place for one in counted_of(facts) if one.result in _DEAD)


def _has_another(facts: Facts) -> bool:
    return len(dead_places(facts)) < len(facts.numbers)


def _final_outcome(facts: Facts, last: AttemptFact) -> Outcome | None:
    result = last.result
    if result is AttemptResult.ANSWERED:
        return facts.reported_outcome or _unreported(facts, last)
    if result is AttemptResult.VOICEMAIL:
        again = facts.voicemail_action is VoicemailAction.RETRY_LATER
        return None if again else Outcome.VOICEMAIL
    if result is AttemptResult.NOT_SERVED:
        unserved = len(counted_of(facts)) - len(served_of(counted_of(facts)))
        return Outcome.NOT_SERVED if unserved > facts.retry.not_served else None
    if result is AttemptResult.UNKNOWN:
        return None if facts.redial_unknown else Outcome.UNKNOWN
    if result in _DEAD and _has_another(facts):
        return None
    return _CONCLUSIVE.get(result)


def _unreported(facts: Facts, answered: AttemptFact) -> Outcome:
    """Of an answered call of which nobody said what it came to."""
    limit = facts.hung_up_early_seconds
    early = answered.seconds is not None and answered.seconds <= limit
    return Outcome.HUNG_UP_EARLY if limit and early else Outcome.COMPLETED


def next_attempt(facts: Facts) -> RetrySlot | None:
    """When the plan allows another try, or None if there was none yet.

    Meant for facts of which `conclude` says None. The delay runs from the end of the last attempt
    that counts; one that was throttled or never sent adds its own short delay, one that was
    refused for the account none, and neither takes anything of the other away.
    """
    planned = _promised(facts) or _after_counted(facts)
    slots = [slot for slot in (planned, _after_uncounted(facts)) if slot]
    if not slots:
        return None
    latest = max(slots, key=lambda slot: slot.earliest)
    avoid = slots[0].avoid_daypart
    better = _better(facts, avoid)
    return replace(latest, avoid_daypart=avoid, better=better, planned=latest.earliest)


def _better(facts: Facts, avoid: str | None) -> tuple[DaypartRate, ...]:
    if avoid is None or facts.retry.daypart is not DaypartChoice.BEST:
        return ()
    others = (rate for rate in best_first(facts.dayparts) if rate.daypart != avoid)
    return tuple(rate for rate in others if rate.daypart != NIGHT)


def _promised(facts: Facts) -> RetrySlot | None:
    """The promised time is the person's own choice: no time of day is avoided for it."""
    if facts.promise is None or not is_promised(facts):
        return None
    return RetrySlot(utc(facts.promise.at), None, Reason.PROMISED, "A call back was promised")


def _after_counted(facts: Facts) -> RetrySlot | None:
    counted = counted_of(facts)
    if not counted:
        return None
    if facts.numbers:
        return _after_several(facts, counted)
    return _again(facts, counted[-1])


def _after_several(facts: Facts, counted: Sequence[AttemptFact]) -> RetrySlot | None:
    """The number that is looked at waits out its own last try, and a pause after another one's."""
    last = counted[-1]
    own = [one for one in counted if one.place == facts.place and one.result in _EXHAUSTED]
    slots = [_again(facts, own[-1])] if own else []
    if last.place != facts.place:
        slots.append(_in_its_turn(facts, last))
    return max(slots, key=lambda slot: slot.earliest, default=None)


def stays_with_number(facts: Facts) -> bool:
    """Whether the person is best called again where they were: there they asked for it, or did
    not get to hear us."""
    counted = counted_of(facts)
    unserved = bool(counted) and counted[-1].result is AttemptResult.NOT_SERVED
    return unserved or is_promised(facts)


def _in_its_turn(facts: Facts, last: AttemptFact) -> RetrySlot:
    """After another number: at once if there is none such, else when its phone has been seen."""
    if last.result in _DEAD:
        pause, why = timedelta(), "That number cannot be called"
    elif last.result is AttemptResult.NOT_SERVED:
        # Whoever picked up is at that one.
        pause, why = _delay(facts.retry, last.result), _REASONS[last.result][1]
    else:
        pause, why = facts.retry.next_number, _REASONS[last.result][1]
    return RetrySlot(utc(last.settled_at) + pause, None, Reason.NEXT_NUMBER, why)


def _again(facts: Facts, last: AttemptFact) -> RetrySlot:
    delay = _delay(facts.retry, last.result)
    avoid = None
    unmet = last.result in (AttemptResult.NO_ANSWER, AttemptResult.VOICEMAIL)
    if unmet and delay >= DAYPART_RULE_FROM:
        avoid = daypart(last.dialed_at, _clock_zone(facts))
    return RetrySlot(utc(last.settled_at) + delay, avoid, *_REASONS[last.result])


def _after_uncounted(facts: Facts) -> RetrySlot | None:
    attempts = in_order(facts)
    if not attempts or attempts[-1].result not in UNCOUNTED_RESULTS:
        return None
    last = attempts[-1]
    # Who was refused for the account waits in the queue, until dialing goes on.
    delay = timedelta()
    if last.result is AttemptResult.THROTTLED:
        delay = throttle_delay(throttles_in_a_row(facts))
    elif last.result is AttemptResult.NOT_SENT:
        delay = not_sent_delay(not_sent_in_a_row(attempts))
    return RetrySlot(utc(last.settled_at) + delay, None, *_REASONS[last.result])


def _delay(plan: RetryPlan, result: AttemptResult) -> timedelta:
    delays: Mapping[AttemptResult, timedelta] = {
        AttemptResult.BUSY: plan.busy,
        AttemptResult.NO_ANSWER: plan.no_answer,
        AttemptResult.NETWORK_ERROR: plan.network_error,
        AttemptResult.VOICEMAIL: plan.no_answer if plan.voicemail is None else plan.voicemail,
        AttemptResult.UNKNOWN: plan.network_error,
        AttemptResult.NOT_SERVED: min(NOT_SERVED_DELAY, plan.network_error),
    }
    return delays[result]


def _clock_zone(facts: Facts) -> str:
    zones = zones_of(facts)
    return zones[0] if zones else facts.agent_zone
