"""Acceptance of a new call: what is better refused at once than accepted and missed."""

from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime

from policy.call import Refusal, WeeklyWindow
from policy.compliance import Clearance, may_dial, unfit
from policy.facts import Facts
from policy.reasons import Reason, RefusalCode
from policy.schedule import schedule_of, start_slot
from policy.walltime import is_zone, utc
from policy.whereabouts import whereabouts_of


def examine(facts: Facts, now: datetime) -> Refusal | None:
    """The first thing that speaks against accepting a call at `now`, or None.

    The same windows and rules are asked as `decide` asks later; the endpoint itself has been
    checked by `policy.numbers.parse_endpoint`.
    """
    return next(_objections(facts, utc(now)), None)


def unfit_refusal(facts: Facts, now: datetime) -> Refusal | None:
    """Why no such call can be made as its agent and its pathway are; see `compliance.unfit`."""
    found = unfit(facts, utc(now))
    return None if found is None else _of_clearance(found)


class Examiner:
    """`examine` for many calls at one instant.

    Calls that differ only in their number, but not in where it may be, share one answer.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._answers: dict[Hashable, Refusal | None] = {}

    def __call__(self, facts: Facts) -> Refusal | None:
        kind = alike(facts)
        if kind not in self._answers:
            self._answers[kind] = examine(facts, self._now)
        return self._answers[kind]


def alike(facts: Facts) -> Hashable:
    """All that a new call is judged by; the number by the places it may be in only."""
    place = whereabouts_of(facts)
    return (
        place.zones,
        place.jurisdictions,
        facts.endpoint_kind,
        facts.agent_id,
        facts.campaign_id,
        facts.agent_enabled,
        facts.agent_zone,
        _spans(facts.business_hours),
        _spans(facts.call_window),
        facts.not_before,
        facts.deadline,
        facts.ring_timeout,
        facts.purpose,
        facts.voice,
        facts.subject,
        facts.recorded,
        facts.can_say,
        facts.stated_consent,
        facts.person,
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


#: What compliance objects to, as a refusal of the field that could help.
_REFUSED: Mapping[Reason, tuple[RefusalCode, str]] = {
    Reason.UNKNOWN_TIMEZONE: (RefusalCode.UNKNOWN_TIMEZONE, "recipient.timezone"),
    Reason.NEEDS_TIMEZONE: (RefusalCode.NEEDS_TIMEZONE, "recipient.timezone"),
    Reason.DO_NOT_CALL: (RefusalCode.SUPPRESSED, "endpoint"),
    Reason.NO_CONSENT: (RefusalCode.NO_CONSENT, "consent"),
    Reason.REGISTRY_STALE: (RefusalCode.REGISTRY_STALE, "purpose"),
    Reason.REGISTRY_LISTED: (RefusalCode.REGISTRY_LISTED, "endpoint"),
    Reason.RING_TOO_SHORT: (RefusalCode.RING_TOO_SHORT, "ringTimeout"),
    Reason.CANNOT_DISCLOSE: (RefusalCode.CANNOT_DISCLOSE, "agentId"),
}


def _of_clearance(clearance: Clearance) -> Refusal:
    code, field = _REFUSED[clearance.reason]
    return Refusal(code, field, f"{clearance.detail}.")


def _of_windows(facts: Facts, now: datetime, clearance: Clearance) -> Iterator[Refusal]:
    slot = start_slot(facts, clearance, now)
    deadline = None if facts.deadline is None else utc(facts.deadline)
    if schedule_of(facts, clearance).place(slot, deadline) is not None:
        return
    if schedule_of(facts, clearance.lifted).place(slot, None) is None:
        message = "Calling hours, business hours and window are never open together long enough."
        yield Refusal(RefusalCode.NO_OPENING, "schedule.window", message)
    elif deadline is not None:
        message = "Calling hours, business hours and window do not open before the deadline."
        yield Refusal(RefusalCode.DEADLINE_UNREACHABLE, "callDeadline", message)
    # Else a blackout without an end closes all times: the call waits until it is lifted.
