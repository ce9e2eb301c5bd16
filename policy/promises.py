"""Promises: somebody asked to be called at another time, and that is when the call comes back.

A promise goes before the retry plan and outlives the attempt budget by one attempt. It goes before
no rule: what is closed at its time is waited for, and told as its reason.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from policy.model.call import (
    UNCOUNTED_RESULTS,
    AttemptResult,
    Decision,
    DecisionKind,
    Outcome,
    Refusal,
)
from policy.model.reasons import Reason, RefusalCode
from policy.time.wall_time import WallTimeGap, resolve_local, spoken, utc, zone

#: Later than this is a date to be made with the person, and no callback.
FARTHEST = timedelta(days=90)
#: Who is called so much later than was promised, or than it was permitted, was called too late.
KEPT_WITHIN = timedelta(minutes=1)
#: A promise is worth this priority at least; emergencies go before it.
PRIORITY = 9

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DELAY = re.compile(r"P(?:(\d{1,2})D)?(?:T(?=\d)(?:(\d{1,3})H)?(?:(\d{1,4})M)?)?")
_WALL = re.compile(rf"(today|tomorrow|{'|'.join(_DAYS)}) ([01]\d|2[0-3]):([0-5]\d)")
#: How `when` of a pathway's node is written.
WHEN_EXAMPLES = "PT2H, P1D, today 16:00, tomorrow 10:00 or tue 16:00"


class PromiseState(StrEnum):
    OPEN = "open"
    #: The phone rang within a minute of the time, or of the first time that was permitted.
    KEPT = "kept"
    #: It did not; the reason says why.
    MISSED = "missed"
    #: Nobody waits for it any more: canceled, promised anew, or the person called us.
    WITHDRAWN = "withdrawn"


class PromiseSource(StrEnum):
    """Who asked for the other time."""

    AGENT = "agent"
    PATHWAY = "pathway"
    API = "api"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Promise:
    """To call at `at`. `after`: the number of the last attempt there was; a later one keeps it."""

    at: datetime
    after: int


@dataclass(frozen=True, slots=True)
class PromisedTime:
    """`assumed_zone`: whose clock a time without an offset was read by; None: it had an offset."""

    at: datetime
    assumed_zone: str | None = None


def read_time(
    said: datetime, zones: Sequence[str], agent_zone: str, now: datetime, field: str
) -> PromisedTime | Refusal:
    """When somebody wants to be called. Without an offset it is a time on the callee's clock.

    `zones`: all that the callee may be in; with none the agent's clock is taken. What could mean
    two instants is refused with both of them, so that it can be asked again.
    """
    # So far off that other clocks may not know the year.
    if abs(said.year - now.year) > 1:
        return _past(field) if said.year < now.year else _too_far(field)
    found: PromisedTime | Refusal
    if said.utcoffset() is not None:
        found = PromisedTime(utc(said))
    else:
        found = _by_clock(said.replace(tzinfo=None), zones or (agent_zone,), field)
    if isinstance(found, Refusal):
        return found
    if found.at <= now:
        return _past(field)
    return _too_far(field) if found.at > now + FARTHEST else found


def _past(field: str) -> Refusal:
    return Refusal(RefusalCode.PROMISE_PAST, field, "The time is past.")


def _too_far(field: str) -> Refusal:
    message = f"A call back is promised {FARTHEST.days} days ahead at most."
    return Refusal(RefusalCode.PROMISE_TOO_FAR, field, message)


def _by_clock(naive: datetime, zones: Sequence[str], field: str) -> PromisedTime | Refusal:
    try:
        early = {resolve_local(naive, name, fold="earlier") for name in zones}
        late = {resolve_local(naive, name, fold="later") for name in zones}
    except WallTimeGap as exc:
        return Refusal(RefusalCode.WALL_TIME_GAP, field, f"{exc}.")
    if len(early) > 1:
        message = f"The callee may be in {' or '.join(zones)}, where that is not the same instant."
        return Refusal(RefusalCode.AMBIGUOUS_ZONE, field, f"{message} Say it with an offset.")
    first, second = early.pop(), max(late)
    if first != second:
        both = " or ".join(one.astimezone(zone(zones[0])).isoformat() for one in (first, second))
        message = f"The clocks of {zones[0]} show that time twice: say {both}."
        return Refusal(RefusalCode.WALL_TIME_TWICE, field, message)
    return PromisedTime(first, zones[0])


def check_when(text: object) -> str | None:
    """What is wrong with the `when` of a pathway's node; None: nothing."""
    if isinstance(text, str):
        if _WALL.fullmatch(text):
            return None
        delay = _delay(text)
        if delay is not None and timedelta() < delay <= FARTHEST:
            return None
    return f"Written as {WHEN_EXAMPLES}; {FARTHEST.days} days ahead at most."


def when_of(
    text: str, zones: Sequence[str], agent_zone: str, now: datetime, field: str
) -> PromisedTime | Refusal:
    """The time that a checked `when` means at `now`, on the callee's clock."""
    delay = _delay(text)
    if delay is not None:
        return PromisedTime(utc(now) + delay)
    match = _WALL.fullmatch(text)
    assert match is not None
    today = utc(now).astimezone(zone((zones or (agent_zone,))[0])).date()
    days = {"today": 0, "tomorrow": 1}.get(match[1])
    if days is None:
        # "On Tuesday", said on a Tuesday, is a week ahead.
        days = (_DAYS.index(match[1]) - today.weekday() - 1) % 7 + 1
    wall = datetime.combine(today + timedelta(days=days), time(int(match[2]), int(match[3])))
    return read_time(wall, zones, agent_zone, now, field)


def _delay(text: str) -> timedelta | None:
    match = _DELAY.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes = (int(one or 0) for one in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


#: What may keep a call from its promised time and leaves the promise kept, if it is made then.
_PERMITS_LATER = frozenset(
    {
        Reason.CALLING_HOURS,
        Reason.BUSINESS_HOURS,
        Reason.CALL_WINDOW,
        Reason.NUMBER_HOURS,
        Reason.COMMON_WINDOW,
        Reason.BLACKOUT,
        Reason.ATTEMPT_CAP,
        Reason.NOT_BEFORE,
    }
)


@dataclass(frozen=True, slots=True)
class Due:
    """When the call is to come back, and why not at the promised time; None: then it is."""

    at: datetime
    reason: str | None = None


def due(promised_at: datetime, so_far: Due, decision: Decision) -> Due:
    """When a promise falls due after a decision about its call."""
    if decision.kind is DecisionKind.WAIT and decision.until is not None:
        if decision.reason in _PERMITS_LATER and decision.until > promised_at:
            return Due(utc(decision.until), str(decision.reason))
        if decision.reason == Reason.PROMISED:
            return Due(promised_at)
    return so_far


#: The phone rang, or whoever was called was told of it.
_RANG = frozenset(
    {
        AttemptResult.ANSWERED,
        AttemptResult.VOICEMAIL,
        AttemptResult.NO_ANSWER,
        AttemptResult.BUSY,
        AttemptResult.DECLINED,
        AttemptResult.NOT_SERVED,
    }
)
_NOBODY_WAITS = frozenset({Outcome.CANCELED, Outcome.OPTED_OUT})


def keeps(after: int, number: int, result: AttemptResult | None) -> bool:
    """Whether an attempt is the one that the promise was about."""
    return number > after and result is not None and result not in UNCOUNTED_RESULTS


def judged(
    due_at: datetime, dialed_at: datetime, result: AttemptResult, waited_for: str | None
) -> tuple[PromiseState, str | None]:
    """What became of a promise whose attempt is over, and why it was missed, if it was.

    `waited_for`: the last reason for which the call was not dialed, such as `no_free_slot`.
    """
    if result is AttemptResult.CANCELED:
        return PromiseState.WITHDRAWN, Reason.CANCEL_REQUESTED.value
    if result not in _RANG:
        return PromiseState.MISSED, result.value
    if utc(dialed_at) - utc(due_at) > KEPT_WITHIN:
        return PromiseState.MISSED, waited_for or Reason.PROMISED.value
    return PromiseState.KEPT, None


def ended(decision: Decision) -> tuple[PromiseState, str]:
    """What became of a promise whose call ended without the attempt."""
    no_more = decision.outcome in _NOBODY_WAITS or decision.reason == Reason.CALLED_BACK
    state = PromiseState.WITHDRAWN if no_more else PromiseState.MISSED
    return state, str(decision.reason)


def told(at: datetime, zone_name: str) -> str:
    """For people: what was promised, on the callee's clock."""
    return f"Promised for {spoken(at, zone_name)}"
