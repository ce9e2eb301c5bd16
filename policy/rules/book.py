"""All the rules at hand, and which of them concern a call."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property, lru_cache

from policy.model.purposes import Purpose, Voice
from policy.rules.loader import distinct
from policy.rules.model import (
    ANYWHERE,
    KINDS,
    CallerIdRule,
    CapRule,
    ConsentAgeRule,
    DutyRule,
    Rule,
)


def packs_of(version: str) -> str:
    """Of a book's version the part that names its packs, without the digest of what was added."""
    return version.partition("+")[0]


#: The jurisdiction of rules that hold in every member state.
EU = "EU"


class RuleBook:
    """Rules by jurisdiction. `extra` ones only add: they are no fallbacks and take no one's place.

    Raises `BadRules` when two rules have the same id.
    """

    def __init__(self, version: str, rules: Iterable[Rule], extra: Iterable[Rule] = ()) -> None:
        self._packs, self._base, self._extra = version, tuple(rules), tuple(extra)
        self._by_id = {rule.id: rule for rule in distinct((*self._base, *self._extra))}
        self._added = frozenset(rule.id for rule in self._extra)
        #: Of the packs, such as "2026-11-25", and "+" a digest of the extra rules.
        self.version = f"{version}+{_digest(self._extra)}" if self._extra else version
        self._find = lru_cache(maxsize=4096)(self._rules_for)

    @property
    def rules(self) -> tuple[Rule, ...]:
        return (*self._base, *self._extra)

    @cached_property
    def longest_cap(self) -> timedelta:
        """How far back a dial can matter to any cap."""
        spans = (rule.within for rule in self.rules if isinstance(rule, CapRule))
        return max(spans, default=timedelta())

    @cached_property
    def _caller_id_places(self) -> frozenset[str]:
        return frozenset(rule.jurisdiction for rule in self.rules if isinstance(rule, CallerIdRule))

    @cached_property
    def _ranges(self) -> tuple[str, ...]:
        rules = (rule for rule in self.rules if isinstance(rule, CallerIdRule))
        return tuple({prefix for rule in rules for prefix in rule.prefixes})

    def has_range_of(self, caller_ids: Iterable[str]) -> bool:
        """Whether one of the numbers is of a range that some rule prescribes."""
        ranges = self._ranges
        return bool(ranges) and any(one.startswith(ranges) for one in caller_ids)

    def suiting_alike(self, caller_id: str, caller_ids: Iterable[str]) -> tuple[str, ...]:
        """Those of the numbers that no rule turns away which takes this one, wherever one calls."""
        rules = (rule for rule in self.rules if isinstance(rule, CallerIdRule))
        met = [rule.prefixes for rule in rules if caller_id.startswith(rule.prefixes)]
        return tuple(one for one in caller_ids if all(one.startswith(some) for some in met))

    def asks_for_caller_ids(self, jurisdictions: Sequence[str]) -> bool:
        """Whether any rule there, of whatever purpose and day, prescribes a range of numbers."""
        places = self._caller_id_places
        return bool(places) and (ANYWHERE in places or not places.isdisjoint(jurisdictions))

    @cached_property
    def oldest_consent(self) -> timedelta | None:
        """How old a consent may be where the rules are strictest about it; None: of any age."""
        ages = (rule.max_age for rule in self.rules if isinstance(rule, ConsentAgeRule))
        return min(ages, default=None)

    def rule(self, id_: str) -> Rule | None:
        return self._by_id.get(id_)

    def adds(self, rule: Rule) -> bool:
        """Whether it comes on top of the packs, and so may be taken away any day."""
        return rule.id in self._added

    def with_rules(self, extra: Iterable[Rule]) -> "RuleBook":
        """This book and more rules: it can only become stricter."""
        added = tuple(extra)
        return RuleBook(self._packs, self._base, (*self._extra, *added)) if added else self

    def without_change(self, day: date) -> "RuleBook":
        """The book as if nothing changed on that day: what begins then never does, nor what ends
        then ever ends."""
        kept = (_unchanged(rule, day) for rule in self._base if rule.effective_from != day)
        own = (_unchanged(rule, day) for rule in self._extra if rule.effective_from != day)
        return RuleBook(self._packs, kept, own)

    def rules_for(
        self, jurisdictions: Sequence[str], day: date, purpose: Purpose | None, voice: Voice
    ) -> tuple[Rule, ...]:
        """The rules in force on `day` for such calls, by jurisdiction and then by kind.

        Those of `ANYWHERE` are always heard. A fallback holds where a country has no rule of its
        kind: the EU's if the EU is named, else the one that holds anywhere.
        """
        return self._find(tuple(jurisdictions), day, purpose, voice)

    def _rules_for(
        self, jurisdictions: tuple[str, ...], day: date, purpose: Purpose | None, voice: Voice
    ) -> tuple[Rule, ...]:
        places = tuple(dict.fromkeys((*jurisdictions, ANYWHERE)))
        live = [rule for rule in self._base if _is_live(rule, places, day)]
        found = {rule.id: rule for rule in self._extra if _is_live(rule, places, day)}
        found = {id_: rule for id_, rule in found.items() if rule.concerns(purpose, voice)}
        # A call that names no purpose might be of any.
        for each in (purpose,) if purpose else Purpose:
            concerned = [rule for rule in live if rule.concerns(each, voice)]
            found |= {rule.id: rule for rule in _binding(concerned, places)}
        return tuple(sorted(found.values(), key=lambda rule: _rank(rule, places)))


def _unchanged(rule: Rule, day: date) -> Rule:
    return rule.model_copy(update={"effective_to": None}) if rule.effective_to == day else rule


def _digest(rules: Iterable[Rule]) -> str:
    texts = sorted(rule.model_dump_json() for rule in rules)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:8]


def _is_live(rule: Rule, places: Sequence[str], day: date) -> bool:
    if isinstance(rule, DutyRule):
        return False  # No call can break it.
    return rule.jurisdiction in places and rule.in_force(day)


def _rank(rule: Rule, places: Sequence[str]) -> tuple[int, int]:
    return places.index(rule.jurisdiction), KINDS.index(rule.kind)


def _binding(rules: Sequence[Rule], places: Sequence[str]) -> Iterator[Rule]:
    """The rules without the fallbacks of which the place is taken."""
    yield from (rule for rule in rules if not rule.fallback)
    countries = tuple(dict.fromkeys(filter(None, map(_country, places))))
    for kind in {rule.kind for rule in rules if rule.fallback}:
        of_kind = [rule for rule in rules if rule.kind == kind]
        for country in countries or (None,):
            yield from _fallbacks(of_kind, country, several=len(countries) > 1)


def _country(jurisdiction: str) -> str | None:
    return None if jurisdiction in (EU, ANYWHERE) else jurisdiction[:2]


def _fallbacks(rules: Sequence[Rule], country: str | None, *, several: bool) -> Sequence[Rule]:
    """Of one kind's rules the fallbacks nearest to a country; none if it has a rule itself."""
    own = [rule for rule in rules if country and _country(rule.jurisdiction) == country]
    if own:
        return [rule for rule in own if all(one.fallback for one in own)]
    union = [rule for rule in rules if rule.jurisdiction == EU and rule.fallback]
    anywhere = [rule for rule in rules if rule.jurisdiction == ANYWHERE and rule.fallback]
    # Which of several countries is in the union is not known here: then both hold.
    return [*union, *anywhere] if several else union or anywhere
