"""The proof of a verdict: what each rule said, and a digest of all it was told."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from policy.compliance.attempt_caps import next_by_caps
from policy.compliance.caller_id_ranges import binds, within
from policy.compliance.case import Case, agreed, case_of
from policy.compliance.compliance import acknowledgement_of, notices_of, scrub_of, windows_of
from policy.compliance.number_checks import findings
from policy.facts import Facts, NumberFacts
from policy.location.jurisdictions import likeliest
from policy.model.last_word import RULE
from policy.model.person import Person, best_consent
from policy.model.purposes import Notice
from policy.rules.model import (
    BlackoutRule,
    CallerIdRule,
    CapRule,
    ConsentAgeRule,
    ConsentRule,
    DisclosureRule,
    HoursRule,
    PrerequisiteRule,
    RegistryRule,
    RevocationRule,
    RingRule,
)
from policy.time.wall_time import spoken
from policy.time.windows import HORIZON, next_opening

_MOMENT = timedelta(seconds=1)
#: The endpoint is left out, or the digest of a known person could be found by trying numbers.
_NOT_DIGESTED = frozenset({"endpoint", "book"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's verdict, in a word and in a sentence."""

    rule: str
    verdict: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is kept with a decision: every rule's verdict, and a digest of what it was told.

    `notices`: what must be said at the beginning, each with the rule that asks for it.
    `jurisdiction` and `zone`: where the recipient most likely is; None: nothing tells.
    """

    findings: tuple[Finding, ...] = ()
    inputs_sha256: str = ""
    notices: Mapping[Notice, str] = field(default_factory=dict)
    jurisdiction: str | None = None
    zone: str | None = None


def evidence(facts: Facts, now: datetime) -> Evidence:
    """The evidence of a decision about a call at `now`."""
    case = case_of(facts, now)
    found = tuple(_finding(case, rule) for rule in case.rules)
    checked = (Finding(one.requirement.rule, one.word, one.detail) for one in findings(facts, now))
    place = case.place
    return Evidence(
        (*found, *checked, *_last_word(facts)),
        digest(facts),
        notices_of(case),
        jurisdiction=likeliest(place.jurisdictions),
        zone=next(iter(place.zones), None),
    )


def _last_word(facts: Facts) -> tuple[Finding, ...]:
    """What the customer said last; their own words stay with the question, and can be erased."""
    word = None if facts.last_word is None else facts.last_word.word
    if word is None:
        return ()
    said = [f"Asked {word.asked_at:%Y-%m-%d %H:%M:%S} UTC, try {word.tries}"]
    if word.until is not None:
        said.append(f"not before {word.until:%Y-%m-%d %H:%M} UTC")
    return (Finding(RULE, word.verdict or "unanswered", "; ".join(said)),)


def unasked(facts: Facts) -> Evidence:
    """The evidence of a decision for which no rule had to be asked."""
    return Evidence(inputs_sha256=digest(facts))


def digest(facts: Facts) -> str:
    """SHA-256 of the facts, the same in every process; the book's version is kept beside it."""
    return hashlib.sha256(repr(_plain(facts)).encode()).hexdigest()


def _plain(facts: Facts | NumberFacts) -> list[tuple[str, Any]]:
    named = ((one.name, getattr(facts, one.name)) for one in fields(facts))
    return [(name, _stable(value)) for name, value in named if name not in _NOT_DIGESTED]


def _stable(value: Any) -> Any:
    """Sets have no order of their own, nor has what a database gives about a person."""
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, tuple) and value and isinstance(value[0], NumberFacts):
        return [_plain(one) for one in value]
    if isinstance(value, Person):
        return [sorted(map(repr, getattr(value, one.name))) for one in fields(value)]
    return value


def _finding(case: Case, rule: Any) -> Finding:
    if rule.id in case.aside:
        return Finding(rule.id, case.aside[rule.id])
    return Finding(rule.id, *_SAYS[type(rule)](case, rule))


Says = tuple[str] | tuple[str, str]


def _hours(case: Case, rule: HoursRule) -> Says:
    windows = windows_of(rule, case.place.zones)
    if not windows:
        return ("unknown", "The recipient's clock is not known")
    found = next_opening(windows, case.at, case.at + HORIZON, _MOMENT)
    if found is None:
        return ("closed", "Never open")
    where = case.place.zones[0]
    if found.start <= case.at:
        return ("open", f"Until {spoken(found.end, where)}")
    return ("closed", f"Until {spoken(found.start, where)}")


def _cap(case: Case, rule: CapRule) -> Says:
    capped = next_by_caps([rule], case.facts.person.dials, case.facts.subject, case.at)
    if capped is None:
        return ("room",)
    zone = case.place.zones[0] if case.place.zones else case.facts.agent_zone
    return ("full", f"Until {spoken(capped.until, zone)}")


def _consent(case: Case, rule: ConsentRule) -> Says:
    if case.consent is None or not agreed(case.consent, rule.tier):
        return ("missing", f"{rule.tier} consent")
    if case.consent is case.facts.stated_consent:
        return ("met", "Stated with the call")
    return ("met", f"Consent {case.consent.consent_id}")


def _consent_age(case: Case, rule: ConsentAgeRule) -> Says:
    newest = case.old_consent
    if newest is None:
        return ("nothing",)
    dated = f"Consent of {newest.granted_at:%Y-%m-%d}"
    return ("met" if case.at < newest.granted_at + rule.max_age else "stale", dated)


def _caller_id(case: Case, rule: CallerIdRule) -> Says:
    if not binds(rule, case.facts.sector):
        return ("not_concerned", f"The account's sector is {case.facts.sector}")
    return ("met",) if within([rule], case.facts.caller_ids) else ("out_of_range",)


def _prerequisite(case: Case, rule: PrerequisiteRule) -> Says:
    found = acknowledgement_of(case, rule)
    if found is None:
        return ("missing", f"Nothing is acknowledged of {rule.prerequisite}")
    return ("met", f"Acknowledged, reference {found.reference}" if found.reference else "")


def _revocation(case: Case, rule: RevocationRule) -> Says:
    """Whether a consent that would hold has ended with another one."""
    facts = case.facts
    ended = best_consent(facts.consents, facts.scope, case.at) is not case.old_consent
    return ("taken_back", "With another consent of theirs") if ended else ("nothing",)


def _registry(case: Case, rule: RegistryRule) -> Says:
    scrub = scrub_of(case, rule)
    if scrub is None:
        return ("missing", f"{rule.registry} was never imported")
    if case.at >= scrub.at + rule.max_age:
        return ("stale", f"Scrubbed {scrub.at:%Y-%m-%d}")
    return ("listed" if scrub.lists else "clear", f"Scrubbed {scrub.at:%Y-%m-%d}")


def _disclosure(case: Case, rule: DisclosureRule) -> Says:
    asked = [notice for notice in notices_of(case) if notice in rule.say]
    missing = [notice for notice in asked if notice not in case.facts.can_say]
    if missing:
        return ("impossible", ", ".join(missing))
    return ("said", ", ".join(asked)) if asked else ("nothing",)


def _ring(case: Case, rule: RingRule) -> Says:
    return ("met",) if case.facts.ring_timeout >= rule.least_seconds else ("short",)


def _blackout(case: Case, rule: BlackoutRule) -> Says:
    ended = rule.ends_at is not None and rule.ends_at <= case.at
    return ("open",) if ended or case.at < rule.starts_at else ("closed", rule.note)


_SAYS: Mapping[type, Callable[[Case, Any], Says]] = {
    HoursRule: _hours,
    CapRule: _cap,
    ConsentRule: _consent,
    ConsentAgeRule: _consent_age,
    CallerIdRule: _caller_id,
    PrerequisiteRule: _prerequisite,
    RevocationRule: _revocation,
    RegistryRule: _registry,
    DisclosureRule: _disclosure,
    RingRule: _ring,
    BlackoutRule: _blackout,
}
