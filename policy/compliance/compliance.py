"""Whether a call may be made at all, within which hours, how soon, and what it has to say first.

Every jurisdiction that the number or the address suggests is heard, and every zone the recipient
may be in: what remains is where all of them agree. What cannot be known is not dialed.
`may_dial` reads as the list of its questions; the first one with an objection decides.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from policy.compliance.attempt_caps import Capped, next_by_caps
from policy.compliance.caller_id_ranges import binds, unmet
from policy.compliance.case import Case, agreed, case_of
from policy.compliance.disclosures import needed
from policy.facts import Facts
from policy.model.acknowledgement import Acknowledgement, acknowledged
from policy.model.person import Scrub
from policy.model.purposes import Notice
from policy.model.reasons import Reason
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
    RingRule,
)
from policy.time.wall_time import is_zone
from policy.time.windows import Blackout, ZonedWindow


@dataclass(frozen=True, slots=True)
class Clearance:
    """The verdict: if permitted, dial only inside all `windows` and not before `capped`; else
    `reason` says why not.

    `zones` are the recipient's candidate zones, `rules` the ids consulted ("waived:<id>" for one
    that was set aside), `notices` what must be said, each with the rule that asks for it.
    """

    permitted: bool
    reason: Reason
    detail: str
    zones: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    windows: tuple[ZonedWindow, ...] = ()
    #: Those of `windows` that no account or operator can take away.
    lasting: tuple[ZonedWindow, ...] = ()
    blackouts: tuple[Blackout, ...] = ()
    capped: Capped | None = None
    notices: Mapping[Notice, str] = field(default_factory=dict)
    rules: tuple[str, ...] = ()

    @property
    def lifted(self) -> "Clearance":
        """As it would be if whoever closed a time for now opened it again."""
        return replace(self, windows=self.lasting, blackouts=())


@dataclass(frozen=True, slots=True)
class _Objection:
    reason: Reason
    detail: str


def may_dial(facts: Facts, now: datetime) -> Clearance:
    """Judges a call by the rules in force at `now`. Never raises for what the facts say."""
    case = case_of(facts, now)
    aside = case.aside
    names = (f"{aside[one.id]}:{one.id}" if one.id in aside else one.id for one in case.rules)
    place = case.place
    return replace(
        _judged(case), zones=place.zones, jurisdictions=place.jurisdictions, rules=tuple(names)
    )


def _judged(case: Case) -> Clearance:
    for objects in _OBJECTIONS:
        found = objects(case)
        if found is not None:
            return Clearance(False, found.reason, found.detail)
    book = case.facts.book
    return Clearance(
        True,
        Reason.PERMITTED,
        "Permitted",
        windows=_windows(case, case.of(HoursRule)),
        lasting=_windows(case, (one for one in case.of(HoursRule) if not book.adds(one))),
        blackouts=tuple(Blackout(rule.starts_at, rule.ends_at) for rule in case.of(BlackoutRule)),
        capped=next_by_caps(case.of(CapRule), case.facts.person.dials, case.facts.subject, case.at),
        notices=notices_of(case),
    )


# -- the questions


def _do_not_call(case: Case) -> _Objection | None:
    for entry in case.facts.person.suppressions:
        if entry.holds(case.facts.scope, case.at):
            # A forecast does not tell entries apart by how they came there.
            source = f" ({entry.source})" if entry.source else ""
            return _Objection(Reason.DO_NOT_CALL, f"The number is on the do-not-call list{source}")
    return None


def _bad_zone(case: Case) -> _Objection | None:
    if all(is_zone(name) for name in (*case.place.zones, case.facts.agent_zone)):
        return None
    return _Objection(Reason.UNKNOWN_TIMEZONE, "Unknown time zone")


def _consent(case: Case) -> _Objection | None:
    for rule in case.of(ConsentRule):
        if not agreed(case.consent, rule.tier):
            if agreed(case.old_consent, rule.tier):
                return _too_old(case, rule)
            detail = f"No {rule.tier} consent is on file, and {rule.id} asks for it"
            return _Objection(Reason.NO_CONSENT, detail)
    return None


def _too_old(case: Case, rule: ConsentRule) -> _Objection:
    assert case.old_consent is not None
    age = min(case.of(ConsentAgeRule), key=lambda one: one.max_age)
    given = f"The consent that {rule.id} asks for is of {case.old_consent.granted_at:%Y-%m-%d}"
    detail = f"{given}: {age.id} lets it count for {age.max_age.days} days"
    return _Objection(Reason.CONSENT_TOO_OLD, detail)


def caller_id_rules(case: Case) -> Iterator[CallerIdRule]:
    """Those that are about such a business."""
    return (rule for rule in case.of(CallerIdRule) if binds(rule, case.facts.sector))


def _caller_id(case: Case) -> _Objection | None:
    rule = unmet(caller_id_rules(case), case.facts.caller_ids)
    if rule is None:
        return None
    wanted = " or ".join(rule.prefixes)
    detail = f"{rule.id} asks for a caller ID that begins with {wanted}"
    if rule.sectors and case.facts.sector is None:
        detail = f"{detail}, unless the account says of what sector it is"
    return _Objection(Reason.CALLER_ID_RANGE, detail)


def acknowledgement_of(case: Case, rule: PrerequisiteRule) -> Acknowledgement | None:
    """What the account has said about a prerequisite, if it meets it."""
    return acknowledged(
        case.facts.acknowledgements,
        rule.prerequisite,
        case.at,
        needs_reference=rule.needs_reference,
    )


def _prerequisite(case: Case) -> _Objection | None:
    for rule in case.of(PrerequisiteRule):
        if acknowledgement_of(case, rule) is None:
            detail = f"{rule.id} asks the account to acknowledge {rule.prerequisite}: {rule.asks}"
            return _Objection(Reason.NOT_ACKNOWLEDGED, detail)
    return None


def _registry(case: Case) -> _Objection | None:
    for rule in case.of(RegistryRule):
        scrub = scrub_of(case, rule)
        if scrub is None or case.at >= scrub.at + rule.max_age:
            days = rule.max_age.days
            detail = f"{rule.registry} was not scrubbed against within {days} days ({rule.id})"
            return _Objection(Reason.REGISTRY_STALE, detail)
        if scrub.lists:
            return _Objection(Reason.REGISTRY_LISTED, f"The number stands in {rule.registry}")
    return None


def scrub_of(case: Case, rule: RegistryRule) -> Scrub | None:
    """The account's newest copy of the registry that a rule names."""
    found = (one for one in case.facts.person.scrubs if one.registry == rule.registry)
    return max(found, key=lambda one: one.at, default=None)


def _rings_long_enough(case: Case) -> _Objection | None:
    for rule in case.of(RingRule):
        if case.facts.ring_timeout < rule.least_seconds:
            detail = f"A phone must ring {rule.least_seconds} seconds at least ({rule.id})"
            return _Objection(Reason.RING_TOO_SHORT, detail)
    return None


def _can_say(case: Case) -> _Objection | None:
    for notice, rule_id in notices_of(case).items():
        if notice not in case.facts.can_say:
            detail = f"{rule_id} asks for a notice that cannot be given: {_LACKS[notice]}"
            return _Objection(Reason.CANNOT_DISCLOSE, detail)
    return None


_LACKS: Mapping[Notice, str] = {
    Notice.IDENTITY: "the agent's identity has no name",
    Notice.CALLBACK_NUMBER: "the agent's identity has no callback number",
    Notice.AI: "the pathway cannot say that an assistant speaks",
    Notice.RECORDING: "the pathway cannot say that the call is recorded",
    Notice.OPT_OUT: "the pathway uses key 9 for something else",
}


def unfit(facts: Facts, now: datetime) -> Clearance | None:
    """What agent, pathway and ring time-out cannot do that rules ask for, whoever is called.

    The other questions are about the person, and may have another answer tomorrow.
    """
    case = case_of(facts, now)
    found = _rings_long_enough(case) or _can_say(case)
    return None if found is None else Clearance(False, found.reason, found.detail)


def _knows_the_clock(case: Case) -> _Objection | None:
    windows = (case.facts.call_window, case.facts.number_hours)
    timed = any(case.of(HoursRule)) or any(one is not None for one in windows)
    if case.place.zones or not timed:
        return None
    detail = "The recipient's time zone is not known; give it to have the call made"
    return _Objection(Reason.NEEDS_TIMEZONE, detail)


_OBJECTIONS: tuple[Callable[[Case], _Objection | None], ...] = (
    _do_not_call,
    _bad_zone,
    _knows_the_clock,
    _caller_id,
    _consent,
    _registry,
    _rings_long_enough,
    _can_say,
    # Last: it is the one that can still be met while the call waits.
    _prerequisite,
)


# -- what a permitted call is held to


def windows_of(rule: HoursRule, zones: Sequence[str]) -> tuple[ZonedWindow, ...]:
    """A rule's hours on all the clocks the recipient may have."""
    return tuple(ZonedWindow(rule.window, name, rule.holidays) for name in zones)


def _windows(case: Case, rules: Iterable[HoursRule]) -> tuple[ZonedWindow, ...]:
    return tuple(window for rule in rules for window in windows_of(rule, case.place.zones))


def notices_of(case: Case) -> dict[Notice, str]:
    """What must be said first, in its order, each with the rule that asks for it."""
    return needed(case.of(DisclosureRule), recorded=case.facts.recorded)
