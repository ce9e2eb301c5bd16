"""Acceptance of a new call: what is better refused at once than accepted and missed."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from policy.calls.call_times import call_times_of, start_slot
from policy.compliance.compliance import Clearance, may_dial, unfit
from policy.facts import Facts
from policy.location.recipient_location import locate_recipient
from policy.model.call import Refusal
from policy.model.person import Person
from policy.model.reasons import Reason, RefusalCode
from policy.rules.book import RuleBook
from policy.time.wall_time import is_zone, utc


def examine(facts: Facts, now: datetime) -> Refusal | None:
    """The first thing that speaks against accepting a call at `now`, or None.

    The same windows and rules are asked as `decide` asks later; the endpoint itself has been
    checked by `policy.location.endpoints.parse_endpoint`.
    """
    return next(_objections(facts, utc(now)), None)


def unfit_refusal(facts: Facts, now: datetime) -> Refusal | None:
    """Why no such call can be made as its agent and its pathway are; see `compliance.unfit`."""
    found = unfit(facts, utc(now))
    return None if found is None else _of_clearance(found)


class Examiner:
    """`examine` for many calls at one instant, which have the `known` facts in common.

    Those that are `alike` share one answer.
    """

    def __init__(self, known: Facts, now: datetime) -> None:
        self._known = known
        self._now = now
        self._answers: dict[Hashable, Refusal | None] = {}

    def __call__(self, said: Mapping[str, Any], person: Person) -> Refusal | None:
        """`said`: the call's own facts by their names, its number and its places among them."""
        kind = alike(said, person, self._known.book)
        if kind not in self._answers:
            self._answers[kind] = examine(replace(self._known, person=person, **said), self._now)
        return self._answers[kind]


def alike(said: Mapping[str, Any], person: Person, book: RuleBook) -> Hashable:
    """The same for calls that differ only in their number, but not in where it may be.

    All that a call itself says is compared, so that no fact can be forgotten here.
    """
    place = locate_recipient(
        said["endpoint"],
        said["endpoint_kind"],
        zone=said["recipient_zone"],
        country=said["recipient_country"],
        postal_code=said["recipient_postal_code"],
    )
    rest = {**said}
    for name in _PLACES:
        del rest[name]
    if not book.asks_for_caller_ids(place.jurisdictions):
        rest.pop("caller_ids", None)
    return (place, person, *rest.values())


#: What only tells where the recipient may be, and whether a stated zone is one: also a place.
_PLACES = ("endpoint", "recipient_zone", "recipient_country", "recipient_postal_code")


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
    Reason.CONSENT_TOO_OLD: (RefusalCode.CONSENT_TOO_OLD, "consent"),
    Reason.CALLER_ID_RANGE: (RefusalCode.CALLER_ID_RANGE, "callerId"),
    Reason.NOT_ACKNOWLEDGED: (RefusalCode.NOT_ACKNOWLEDGED, "purpose"),
}


def _of_clearance(clearance: Clearance) -> Refusal:
    code, field = _REFUSED[clearance.reason]
    return Refusal(code, field, f"{clearance.detail}.")


def _of_windows(facts: Facts, now: datetime, clearance: Clearance) -> Iterator[Refusal]:
    slot = start_slot(facts, clearance, now)
    deadline = None if facts.deadline is None else utc(facts.deadline)
    if call_times_of(facts, clearance).place(slot, deadline) is not None:
        return
    if call_times_of(facts, clearance.lifted).place(slot, None) is None:
        message = "Calling hours, business hours and window are never open together long enough."
        yield Refusal(RefusalCode.NO_OPENING, "schedule.window", message)
    elif deadline is not None:
        message = "Calling hours, business hours and window do not open before the deadline."
        yield Refusal(RefusalCode.DEADLINE_UNREACHABLE, "callDeadline", message)
    # Else a blackout without an end closes all times: the call waits until it is lifted.
