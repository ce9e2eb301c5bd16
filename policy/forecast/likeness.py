"""Which contacts policy cannot tell apart: all that it looks at is the same, or comes to the same.

What differs from person to person but changes no answer is taken away first: ids, when somebody
agreed, who put a number on a list. Dials on file stay with each person, for the caps.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from policy.facts import Facts, NumberFacts
from policy.forecast.callee_groups import CalendarShelf, CalleeGroup
from policy.forecast.retry_book import RetryBook
from policy.forecast.ticks import instant_of
from policy.location.recipient_location import location_of
from policy.model.call import EndpointKind
from policy.model.person import NOBODY, CallScope, Consent, Person, Suppression

_NOWHERE: dict[str, Any] = {
    "endpoint": "",
    "endpoint_kind": EndpointKind.PHONE,
    "recipient_zone": None,
    "recipient_country": None,
    "recipient_postal_code": None,
}


_ANY_NUMBER = NumberFacts("", EndpointKind.PHONE)


@dataclass(slots=True)
class CalleeGroups:
    """The groups of a forecast that begins at a tick."""

    shelf: CalendarShelf
    _groups: dict[Hashable, CalleeGroup] = field(default_factory=dict)
    _retries: dict[Hashable, RetryBook] = field(default_factory=dict)
    _commons: dict[int, tuple[Facts, Facts]] = field(default_factory=dict)

    @property
    def groups(self) -> tuple[CalleeGroup, ...]:
        return tuple(self._groups.values())

    def of(self, facts: Facts, common: Facts | None = None) -> CalleeGroup:
        """The group of a call. `common`: what these facts share with others, if it is known."""
        person = self._alike(facts)
        key = (self._common(common or facts), location_of(facts), person)
        found = self._groups.get(key)
        if found is None:
            others = tuple(_ANY_NUMBER for _ in facts.numbers)
            of_any = replace(facts, person=person, attempts=(), numbers=others)
            found = CalleeGroup(of_any, self._retry_book(of_any), self.shelf)
            self._groups[key] = found
        return found

    def _alike(self, facts: Facts) -> Person:
        begin, until = instant_of(self.shelf.begin), instant_of(self.shelf.until)
        return alike_person(facts.person, facts.scope, begin, until, facts.book.oldest_consent)

    def _common(self, facts: Facts) -> Facts:
        """The facts without what is the person's or the place's."""
        known = self._commons.get(id(facts))
        if known is None or known[0] is not facts:
            # Of further numbers it matters how many there are, and what their dials came to.
            others = tuple(_ANY_NUMBER for _ in facts.numbers)
            plain = replace(facts, **_NOWHERE, person=NOBODY, attempts=(), numbers=others, place=0)
            known = self._commons[id(facts)] = (facts, plain)
        return known[1]

    def _retry_book(self, facts: Facts) -> RetryBook:
        key = (
            *(facts.retry, facts.voicemail_action, facts.dayparts, facts.redial_unknown),
            *(facts.hung_up_early_seconds, facts.reported_outcome, location_of(facts).zones),
            len(facts.numbers),
        )
        found = self._retries.get(key)
        if found is None:
            found = self._retries[key] = RetryBook(facts)
        return found


def alike_person(
    person: Person,
    call: CallScope,
    now: datetime,
    until: datetime,
    oldest_consent: timedelta | None = None,
) -> Person:
    """Somebody of whom policy says the same from `now` to `until`, the caps aside."""
    if person is NOBODY:
        return person
    return Person(
        suppressions=tuple(sorted(set(_forbidding(person, call, now, until)), key=repr)),
        consents=tuple(sorted(set(_agreed(person, call, now, until, oldest_consent)), key=repr)),
        scrubs=person.scrubs,
        reviews=("",) if person.reviews else (),
    )


def _forbidding(
    person: Person, call: CallScope, now: datetime, until: datetime
) -> Iterator[Suppression]:
    for one in person.suppressions:
        if one.scope.forbids(call) and not _is_over(one.expires_at, now):
            ends = _foreseen(one.expires_at, until)
            yield replace(one, suppression_id="", source="", expires_at=ends)


def _agreed(
    person: Person, call: CallScope, now: datetime, until: datetime, oldest: timedelta | None
) -> Iterator[Consent]:
    revoked = max((one.revoked_at for one in person.consents if one.revoked_at), default=None)
    for one in person.consents:
        if one.revoked_at is not None:
            # When it was taken back counts against a consent that the call states.
            yield replace(one, consent_id="")
        elif one.scope.allows(call) and not _is_over(one.expires_at, now):
            # When it was given matters where it may grow too old, or end with another one.
            ages = oldest is not None and one.granted_at + oldest <= until
            ends_with_other = revoked is not None and one.granted_at <= revoked
            granted = one.granted_at if ages or ends_with_other else max(one.granted_at, now)
            ends = _foreseen(one.expires_at, until)
            yield replace(one, consent_id="", granted_at=granted, expires_at=ends)


def _is_over(ends: datetime | None, now: datetime) -> bool:
    return ends is not None and ends <= now


def _foreseen(ends: datetime | None, until: datetime) -> datetime | None:
    """An end behind all that is looked at is none."""
    return None if ends is None or ends > until else ends
