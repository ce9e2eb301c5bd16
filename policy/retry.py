"""What a call's attempts so far mean: is it over, and if not, when may it be tried again.

`conclude` and `next_attempt` return values and look at nothing but the facts; `place_retry` puts
the next try into the windows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import takewhile

from policy.call import (
    UNCOUNTED_RESULTS,
    AttemptResult,
    Outcome,
    RetryPlan,
    VoicemailAction,
)
from policy.facts import AttemptFact, Facts
from policy.numbers import zones_of
from policy.reasons import Reason
from policy.walltime import bound_of_wall, utc, zone
from policy.windows import HORIZON, Window, next_opening, openings

#: A day in parts by local time, each from its minute on; the hours before the first belong to
#: the evening before. People at home at one of them are often out at another.
DAYPARTS: tuple[tuple[int, str], ...] = (
    (6 * 60, "morning"),
    (11 * 60 + 30, "midday"),
    (14 * 60, "afternoon"),
    (17 * 60 + 30, "evening"),
)
#: Shorter delays are somebody's deliberate haste, which moving by hours would undo.
DAYPART_RULE_FROM = timedelta(hours=12)
#: How much later than the first allowed instant a try may be put to reach another daypart.
DAYPART_REACH = timedelta(hours=24)

THROTTLE_FIRST = timedelta(seconds=5)
THROTTLE_LONGEST = timedelta(minutes=5)
THROTTLES_TO_FAIL = 20

_CONCLUSIVE: Mapping[AttemptResult, Outcome] = {
    AttemptResult.INVALID: Outcome.INVALID,
    AttemptResult.REFUSED: Outcome.FAILED,
    AttemptResult.CANCELED: Outcome.CANCELED,
}
_EXHAUSTED: Mapping[AttemptResult, Outcome] = {
    AttemptResult.BUSY: Outcome.BUSY,
    AttemptResult.NO_ANSWER: Outcome.NO_ANSWER,
    AttemptResult.NETWORK_ERROR: Outcome.FAILED,
    AttemptResult.VOICEMAIL: Outcome.VOICEMAIL,
    AttemptResult.UNKNOWN: Outcome.UNKNOWN,
}
_REASONS: Mapping[AttemptResult, tuple[Reason, str]] = {
    AttemptResult.BUSY: (Reason.RETRY_BUSY, "The line was busy"),
    AttemptResult.NO_ANSWER: (Reason.RETRY_NO_ANSWER, "Nobody answered"),
    AttemptResult.NETWORK_ERROR: (Reason.RETRY_NETWORK_ERROR, "The network failed"),
    AttemptResult.VOICEMAIL: (Reason.RETRY_VOICEMAIL, "A machine answered"),
    AttemptResult.UNKNOWN: (Reason.RETRY_UNKNOWN, "The last attempt's fate is unknown"),
    AttemptResult.THROTTLED: (Reason.RETRY_THROTTLED, "The carrier had no capacity"),
    AttemptResult.NOT_SENT: (Reason.RETRY_NOT_SENT, "The last attempt was not sent"),
}


@dataclass(frozen=True, slots=True)
class RetrySlot:
    """The next try by the plan alone: not before `earliest`, better not in `avoid_daypart`."""

    earliest: datetime
    avoid_daypart: str | None
    reason: Reason
    detail: str


def conclude(facts: Facts) -> Outcome | None:
    """The call's outcome if its attempts have settled it, else None."""
    found = conclusion(facts)
    return found[0] if found else None


def conclusion(facts: Facts) -> tuple[Outcome, Reason] | None:
    """`conclude` with its reason: `concluded` or `attempts_exhausted`.

    A reported opt-out ends the call whatever else happened. Otherwise the last attempt that
    counts decides, and then twenty throttled requests in a row are a failure.
    """
    if facts.reported_outcome is Outcome.OPTED_OUT:
        return Outcome.OPTED_OUT, Reason.CONCLUDED
    counted = _counted(facts)
    if counted:
        final = _final_outcome(facts, counted[-1].result)
        if final is not None:
            return final, Reason.CONCLUDED
        if len(counted) >= facts.retry.max_attempts:
            return _EXHAUSTED[counted[-1].result], Reason.ATTEMPTS_EXHAUSTED
    if _throttles_in_a_row(facts) >= THROTTLES_TO_FAIL:
        return Outcome.FAILED, Reason.ATTEMPTS_EXHAUSTED
    return None


def _final_outcome(facts: Facts, result: AttemptResult) -> Outcome | None:
    if result is AttemptResult.ANSWERED:
        return facts.reported_outcome or Outcome.COMPLETED
    if result is AttemptResult.VOICEMAIL:
        again = facts.voicemail_action is VoicemailAction.RETRY_LATER
        return None if again else Outcome.VOICEMAIL
    if result is AttemptResult.UNKNOWN:
        return None if facts.redial_unknown else Outcome.UNKNOWN
    return _CONCLUSIVE.get(result)


def next_attempt(facts: Facts) -> RetrySlot | None:
    """When the plan allows another try, or None if there was none yet.

    Meant for facts of which `conclude` says None. The delay runs from the end of the last attempt
    that counts; one that was throttled or never sent adds its own short delay but takes nothing
    of the other away.
    """
    slots = [slot for slot in (_after_counted(facts), _after_uncounted(facts)) if slot]
    if not slots:
        return None
    latest = max(slots, key=lambda slot: slot.earliest)
    return replace(latest, avoid_daypart=slots[0].avoid_daypart)


def _after_counted(facts: Facts) -> RetrySlot | None:
    counted = _counted(facts)
    if not counted:
        return None
    last = counted[-1]
    delay = _delay(facts.retry, last.result)
    avoid = None
    unmet = last.result in (AttemptResult.NO_ANSWER, AttemptResult.VOICEMAIL)
    if unmet and delay >= DAYPART_RULE_FROM:
        avoid = daypart(last.dialed_at, _clock_zone(facts))
    return RetrySlot(utc(last.settled_at) + delay, avoid, *_REASONS[last.result])


def _after_uncounted(facts: Facts) -> RetrySlot | None:
    attempts = _in_order(facts)
    if not attempts or attempts[-1].result not in UNCOUNTED_RESULTS:
        return None
    last = attempts[-1]
    delay = timedelta()
    if last.result is AttemptResult.THROTTLED:
        delay = throttle_delay(_throttles_in_a_row(facts))
    return RetrySlot(utc(last.settled_at) + delay, None, *_REASONS[last.result])


def _delay(plan: RetryPlan, result: AttemptResult) -> timedelta:
    delays: Mapping[AttemptResult, timedelta] = {
        AttemptResult.BUSY: plan.busy,
        AttemptResult.NO_ANSWER: plan.no_answer,
        AttemptResult.NETWORK_ERROR: plan.network_error,
        AttemptResult.VOICEMAIL: plan.no_answer if plan.voicemail is None else plan.voicemail,
        AttemptResult.UNKNOWN: plan.network_error,
    }
    return delays[result]


def throttle_delay(in_a_row: int) -> timedelta:
    """Back-off after the n-th throttled request in a row: 5 s, doubled each time, up to 5 min."""
    doublings = min(in_a_row - 1, 10)
    return min(THROTTLE_FIRST * (1 << doublings), THROTTLE_LONGEST)


def _in_order(facts: Facts) -> list[AttemptFact]:
    return sorted(facts.attempts, key=lambda attempt: attempt.number)


def _counted(facts: Facts) -> list[AttemptFact]:
    return [one for one in _in_order(facts) if one.result not in UNCOUNTED_RESULTS]


def _throttles_in_a_row(facts: Facts) -> int:
    sent = [one for one in _in_order(facts) if one.result is not AttemptResult.NOT_SENT]
    tail = takewhile(lambda one: one.result is AttemptResult.THROTTLED, reversed(sent))
    return len(list(tail))


def _clock_zone(facts: Facts) -> str:
    zones = zones_of(facts)
    return zones[0] if zones else facts.agent_zone


def daypart(instant: datetime, zone_name: str) -> str:
    """The part of the day on the clocks of `zone_name`; see `DAYPARTS`."""
    local = utc(instant).astimezone(zone(zone_name))
    minute = local.hour * 60 + local.minute
    begun = [name for start, name in DAYPARTS if start <= minute]
    return begun[-1] if begun else DAYPARTS[-1][1]


def _daypart_end(instant: datetime, zone_name: str) -> datetime:
    local = instant.astimezone(zone(zone_name))
    minute = local.hour * 60 + local.minute
    start = next((start for start, _ in DAYPARTS if start > minute), DAYPARTS[0][0] + 24 * 60)
    midnight = datetime.combine(local.date(), time())
    return bound_of_wall(midnight + timedelta(minutes=start), zone_name, fold="later")


def place_retry(
    slot: RetrySlot,
    windows: Sequence[Window],
    zones: Sequence[str],
    deadline: datetime | None,
    min_length: timedelta,
) -> datetime | None:
    """The instant of the next try, or None if the windows leave none before `deadline`.

    It is the first instant from `slot.earliest` on from which all windows stay open for
    `min_length` and whose daypart, on the clocks of the first of `zones`, is not the one to avoid.
    Where none is found within a further day it is simply the first the windows allow.
    """
    after = utc(slot.earliest)
    first = next_opening(windows, after, after + HORIZON + min_length, min_length)
    if first is None or (deadline is not None and first.start >= deadline):
        return None
    if slot.avoid_daypart is None or not zones:
        return first.start
    better = _in_another_daypart(slot.avoid_daypart, windows, zones[0], first.start, min_length)
    if better is None or (deadline is not None and better >= deadline):
        return first.start
    return better


def _in_another_daypart(
    avoid: str,
    windows: Sequence[Window],
    zone_name: str,
    after: datetime,
    min_length: timedelta,
) -> datetime | None:
    for interval in openings(windows, after, after + DAYPART_REACH + min_length):
        start = interval.start
        if daypart(start, zone_name) == avoid:
            start = _daypart_end(start, zone_name)
        if interval.end - start >= min_length:
            return start
    return None
