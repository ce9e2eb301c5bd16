"""Acceptance of a new call: what is better refused at once than accepted and missed."""

from collections.abc import Hashable, Iterator
from datetime import datetime

from policy.call import Facts, Refusal, WeeklyWindow
from policy.compliance import Clearance, may_dial
from policy.numbers import country_of, zones_of
from policy.reasons import Reason, RefusalCode
from policy.schedule import schedule_of, start_slot
from policy.walltime import is_zone, utc


def examine(facts: Facts, now: datetime) -> Refusal | None:
    """The first thing that speaks against accepting a call at `now`, or None.

    The same windows and rules are asked as `decide` asks later; the endpoint itself has been
    checked by `policy.numbers.parse_endpoint`.
    """
    return next(_objections(facts, utc(now)), None)


class Examiner:
    """`examine` for many calls at one instant.

    Calls that differ only in their number, but not in where it may be, share one answer.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._answers: dict[Hashable, Refusal | None] = {}

    def __call__(self, facts: Facts) -> Refusal | None:
        alike = _alike(facts)
        if alike not in self._answers:
            self._answers[alike] = examine(facts, self._now)
        return self._answers[alike]


def _alike(facts: Facts) -> Hashable:
    """All that `examine` looks at; the number by its zones and its country only."""
    return (
        zones_of(facts),
        country_of(facts.endpoint, facts.endpoint_kind),
        facts.recipient_zone,
        facts.recipient_country,
        facts.agent_enabled,
        facts.agent_zone,
        _spans(facts.business_hours),
        _spans(facts.call_window),
        facts.not_before,
        facts.deadline,
        facts.ring_timeout,
        facts.waived_rules,
        facts.attempts,
    )


def _spans(window: WeeklyWindow | None) -> Hashable:
    return None if window is None else tuple(window.days.items())


def _objections(facts: Facts, now: datetime) -> Iterator[Refusal]:
    yield from _of_zones(facts)
    if not facts.agent_enabled:
        yield Refusal(RefusalCode.AGENT_DISABLED, "agentId", "The agent is disabled.")
    yield from _of_deadline(facts, now)
    clearance = may_dial(facts, now)
    if clearance.permitted:
        yield from _of_windows(facts, now, clearance)
    else:
        yield _of_clearance(clearance)


def _of_zones(facts: Facts) -> Iterator[Refusal]:
    unknown = "This is not a name in the tz database, like America/New_York."
    if facts.recipient_zone is not None and not is_zone(facts.recipient_zone):
        yield Refusal(RefusalCode.UNKNOWN_TIMEZONE, "recipient.timezone", unknown)
    if not is_zone(facts.agent_zone):
        yield Refusal(RefusalCode.UNKNOWN_TIMEZONE, "agentId", f"The agent's time zone: {unknown}")


def _of_deadline(facts: Facts, now: datetime) -> Iterator[Refusal]:
    if facts.deadline is None:
        return
    if utc(facts.deadline) <= now:
        yield Refusal(RefusalCode.DEADLINE_PAST, "callDeadline", "The deadline is in the past.")
    if facts.not_before is not None and utc(facts.deadline) <= utc(facts.not_before):
        message = "The deadline is not after schedule.notBefore."
        yield Refusal(RefusalCode.DEADLINE_BEFORE_START, "callDeadline", message)


def _of_clearance(clearance: Clearance) -> Refusal:
    code = RefusalCode.UNKNOWN_TIMEZONE
    if clearance.reason is Reason.NEEDS_TIMEZONE:
        code = RefusalCode.NEEDS_TIMEZONE
    return Refusal(code, "recipient.timezone", f"{clearance.detail}.")


def _of_windows(facts: Facts, now: datetime, clearance: Clearance) -> Iterator[Refusal]:
    schedule, slot = schedule_of(facts, clearance), start_slot(facts, now)
    if schedule.place(slot, None) is None:
        message = "Calling hours, business hours and window are never open together long enough."
        yield Refusal(RefusalCode.NO_OPENING, "schedule.window", message)
    elif schedule.place(slot, None if facts.deadline is None else utc(facts.deadline)) is None:
        message = "Calling hours, business hours and window do not open before the deadline."
        yield Refusal(RefusalCode.DEADLINE_UNREACHABLE, "callDeadline", message)
