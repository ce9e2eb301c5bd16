"""A call as the rules see it: where it may be, which rules concern it, which do not bind it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from policy.facts import Facts
from policy.location.recipient_location import RecipientLocation, location_of
from policy.model.person import Consent, best_consent
from policy.model.purposes import ConsentTier
from policy.rules.model import ConsentAgeRule, RevocationRule, Rule
from policy.time.wall_time import utc

R = TypeVar("R", bound=Rule)
#: A waiver names a rule, or a kind such as "calling_hours" for all rules of it.
WAIVED, EXEMPT = "waived", "exempt"


@dataclass(frozen=True, slots=True)
class Case:
    """A call before the rules: its place, the rules consulted, and those that do not bind it.

    `consent`: the best that is not too old, `old_consent` the best of all.
    """

    facts: Facts
    at: datetime
    place: RecipientLocation
    rules: Sequence[Rule]
    aside: Mapping[str, str]
    consent: Consent | None
    old_consent: Consent | None

    def of(self, kind: type[R]) -> Iterator[R]:
        """The binding rules of a kind."""
        return (rule for rule in self.rules if isinstance(rule, kind) and rule.id not in self.aside)


def case_of(facts: Facts, now: datetime) -> Case:
    """The call with every rule that concerns it."""
    now = utc(now)
    place = location_of(facts)
    rules = facts.book.rules_for(place.jurisdictions, now.date(), facts.purpose, facts.voice)
    known = _left_by_revocations(facts, rules)
    found = best_consent(known, facts.scope, now)
    consent = best_consent(_young_enough(known, facts, rules, now), facts.scope, now)
    aside = {rule.id: why for rule in rules if (why := _set_aside(rule, facts, consent))}
    return Case(facts, now, place, rules, aside, consent, found)


def _left_by_revocations(facts: Facts, rules: Sequence[Rule]) -> Sequence[Consent]:
    """The consents; where taking one back takes all back, only those given since."""
    known = facts.consents
    if not any(isinstance(one, RevocationRule) and not _is_waived(one, facts) for one in rules):
        return known
    revoked = [one.revoked_at for one in known if one.revoked_at is not None]
    return [one for one in known if one.granted_at > max(revoked)] if revoked else known


def _young_enough(
    known: Sequence[Consent], facts: Facts, rules: Sequence[Rule], now: datetime
) -> Sequence[Consent]:
    ages = [
        one.max_age
        for one in rules
        if isinstance(one, ConsentAgeRule) and not _is_waived(one, facts)
    ]
    return [one for one in known if now < one.granted_at + min(ages)] if ages else known


def _is_waived(rule: Rule, facts: Facts) -> bool:
    return not facts.waived_rules.isdisjoint({rule.kind, rule.id})


def _set_aside(rule: Rule, facts: Facts, consent: Consent | None) -> str | None:
    """Why a rule does not bind this call."""
    if _is_waived(rule, facts):
        return WAIVED
    if rule.unless_consent is not None and agreed(consent, rule.unless_consent):
        return EXEMPT
    return None


def agreed(consent: Consent | None, tier: ConsentTier) -> bool:
    """Whether a consent goes as far as a tier."""
    return consent is not None and consent.tier.covers(tier)
