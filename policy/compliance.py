"""Whether a call may be made at all, and within which legal hours.

Every jurisdiction that the number or the address suggests is heard, and every zone the recipient
may be in: what remains is where all of them agree. What cannot be known is not dialed.
"""

from dataclasses import dataclass
from datetime import date, datetime

from policy.call import Facts
from policy.numbers import country_of, zones_of
from policy.reasons import Reason
from policy.rules import ANYWHERE, HoursRule, hours_rules
from policy.walltime import is_zone, utc
from policy.windows import ZonedWindow

#: Waives all calling-hours rules at once; a rule's own id waives that one.
WAIVE_CALLING_HOURS = "calling_hours"


@dataclass(frozen=True, slots=True)
class Clearance:
    """The verdict: if permitted, dial only inside all `windows`; else `reason` says why not.

    `zones` are the recipient's candidate zones and `rules` the ids consulted, "waived:<id>" for
    one that was set aside.
    """

    permitted: bool
    reason: Reason
    detail: str
    zones: tuple[str, ...] = ()
    windows: tuple[ZonedWindow, ...] = ()
    rules: tuple[str, ...] = ()


def may_dial(facts: Facts, now: datetime) -> Clearance:
    """Judges a call by the rules in force at `now`. Never raises for what the facts say."""
    zones = zones_of(facts)
    rules = _applicable(facts, utc(now).date())
    names = tuple(f"waived:{rule.id}" if _waived(facts, rule) else rule.id for rule in rules)
    binding = [rule for rule in rules if not _waived(facts, rule)]
    if not all(is_zone(name) for name in (*zones, facts.agent_zone)):
        return Clearance(False, Reason.UNKNOWN_TIMEZONE, "Unknown time zone", rules=names)
    if not zones and (binding or facts.call_window is not None):
        detail = "The recipient's time zone is not known; give it to have the call made"
        return Clearance(False, Reason.NEEDS_TIMEZONE, detail, rules=names)
    windows = tuple(ZonedWindow(rule.window, name) for rule in binding for name in zones)
    return Clearance(True, Reason.PERMITTED, "Permitted", zones, windows, names)


def _waived(facts: Facts, rule: HoursRule) -> bool:
    return not facts.waived_rules.isdisjoint({WAIVE_CALLING_HOURS, rule.id})


def _applicable(facts: Facts, day: date) -> tuple[HoursRule, ...]:
    found = [rule for country in _countries(facts) for rule in _rules_of(country, day)]
    return tuple({rule.id: rule for rule in found}.values())


def _rules_of(country: str, day: date) -> tuple[HoursRule, ...]:
    return hours_rules(country, day) or hours_rules(ANYWHERE, day)


def _countries(facts: Facts) -> list[str]:
    stated = facts.recipient_country.upper() if facts.recipient_country else None
    by_number = country_of(facts.endpoint, facts.endpoint_kind)
    known = [country for country in (by_number, stated) if country]
    return list(dict.fromkeys(known)) or [ANYWHERE]
