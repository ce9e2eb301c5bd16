"""What is on file about the people at some endpoints, in one query however many they are."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.facts import AttemptFact
from policy.location.number_forms import person_key
from policy.model import person as policy
from policy.model.call import UNCOUNTED_RESULTS, AttemptResult, AttemptState
from policy.model.person import PastDial, Person, Scope, ScopeKind, Scrub, together
from policy.model.purposes import ConsentTier
from storage.database.core import rows_of
from storage.database.pagination import batches
from storage.facts.person_query import (
    CONSENT,
    DIAL,
    ENTRY,
    FATE_OPEN,
    LINE,
    OF_REGISTRIES,
    REVIEW,
    SCRUB,
    SUPPRESSION,
    UP,
    Record,
    rows_about,
)
from storage.number_hash import Hasher
from storage.tables import Attempt

_NO_PLACES: Mapping[str, Mapping[str, int]] = {}
_NO_NUMBERS: Mapping[str, int] = {}
#: Dials that rang nowhere: they use nothing of a cap, as they use nothing of a call's budget.
_NO_DIALS = frozenset(UNCOUNTED_RESULTS)


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person, and the settled attempts of the call that is looked at."""

    person: Person
    attempts: tuple[AttemptFact, ...] = ()


async def about(
    session: AsyncSession,
    account_id: str,
    endpoint: str,
    since: datetime,
    hasher: Hasher,
    *,
    call_id: str | None = None,
    up_since: datetime | None = None,
) -> PersonRecord:
    """The person at one endpoint. `since`: how far back dials matter to any cap.

    `up_since`: see `person_query.rows_about`.
    """
    found = await rows_about(session, account_id, [endpoint], since, hasher, call_id, up_since)
    return PersonRecord(_person(found, person_key(endpoint), found), _own(found, call_id))


@dataclass(frozen=True, slots=True)
class SeveralRecord:
    """A person at each of their numbers, and the call's attempts by the places of these."""

    people: tuple[Person, ...]
    attempts: tuple[AttemptFact, ...] = ()


async def about_several(
    session: AsyncSession,
    account_id: str,
    endpoints: Sequence[str],
    since: datetime,
    hasher: Hasher,
    *,
    call_id: str,
    up_since: datetime | None = None,
) -> SeveralRecord:
    """The same of a person with several numbers, in one query all the same."""
    found = await rows_about(session, account_id, endpoints, since, hasher, call_id, up_since)
    keys = [person_key(one) for one in endpoints]
    people = together([_person(found, key, found) for key in keys], call_id)
    return SeveralRecord(people, _own(found, call_id, {key: n for n, key in enumerate(keys)}))


async def about_many(
    session: AsyncSession,
    account_id: str,
    endpoints: Collection[str],
    since: datetime,
    hasher: Hasher,
) -> dict[str, Person]:
    """Those of the endpoints of which anything is on file. Scrubs are in all of them."""
    return (await known_among(session, account_id, endpoints, since, hasher))[0]


async def known_among(
    session: AsyncSession,
    account_id: str,
    endpoints: Collection[str],
    since: datetime,
    hasher: Hasher,
    up_since: datetime | None = None,
) -> tuple[dict[str, Person], Person]:
    """The same, and what every stranger is like: as old as the registries are."""
    people: dict[str, Person] = {}
    found: list[Record] | None = None
    for some in batches(endpoints):
        found = await rows_about(session, account_id, some, since, hasher, None, up_since)
        of_person: defaultdict[str, list[Record]] = defaultdict(list)
        for row in found:
            if row.kind != SCRUB:
                of_person[row.endpoint].append(row)
        for endpoint in some if of_person else ():
            key = person_key(endpoint)
            if key in of_person:
                people[endpoint] = _person(of_person[key], key, found)
    if found is None:
        return people, await stranger(session, account_id)
    return people, _person((), "", found)


async def stranger(session: AsyncSession, account_id: str) -> Person:
    """Somebody of whom nothing is on file: only how old the registries are."""
    rows = await rows_of(session, OF_REGISTRIES, {"account": account_id})
    return Person(scrubs=tuple(_scrub(Record(*row), set()) for row in rows))


async def settled(
    session: AsyncSession,
    call_ids: Collection[str],
    places: Mapping[str, Mapping[str, int]] = _NO_PLACES,
) -> dict[str, tuple[AttemptFact, ...]]:
    """The settled attempts of many calls, in their order; of most there is none.

    `places`: of calls whose person has several numbers, where each stands.
    """
    found: defaultdict[str, list[AttemptFact]] = defaultdict(list)
    for some in batches(call_ids):
        statement = (
            sql_select(
                col(Attempt.call_id),
                col(Attempt.number),
                col(Attempt.dialed_at),
                col(Attempt.settled_at),
                col(Attempt.result),
                col(Attempt.duration_seconds),
                col(Attempt.to_endpoint),
            )
            .where(
                col(Attempt.call_id).in_(some),
                col(Attempt.settled_at).is_not(None),
                col(Attempt.result).is_not(None),
            )
            .order_by(col(Attempt.call_id), col(Attempt.number))
        )
        for call_id, number, dialed, ended, result, seconds, to in await rows_of(
            session, statement
        ):
            known = places.get(call_id)
            place = 0 if known is None else known.get(person_key(to), 0)
            fact = AttemptFact(number, dialed, ended, result, seconds, place)
            found[call_id].append(fact)
    return {call_id: tuple(facts) for call_id, facts in found.items()}


# -- the answer


def _person(rows: Sequence[Record], endpoint: str, everything: Sequence[Record]) -> Person:
    of_kind: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows:
        if row.endpoint == endpoint:
            of_kind[row.kind].append(row)
    listed = {row.a for row in of_kind[ENTRY]}
    return Person(
        suppressions=tuple(map(_suppression, of_kind[SUPPRESSION])),
        consents=tuple(map(_consent, of_kind[CONSENT])),
        scrubs=tuple(_scrub(row, listed) for row in everything if row.kind == SCRUB),
        dials=tuple(_dial(row) for row in of_kind[DIAL] if row.b not in _NO_DIALS),
        reviews=tuple(row.a for row in of_kind[REVIEW]),
        on_line=tuple(dict.fromkeys(row.a for row in of_kind[LINE])),
    )


def _own(
    rows: Sequence[Record], call_id: str | None, places: Mapping[str, int] = _NO_NUMBERS
) -> tuple[AttemptFact, ...]:
    settled = [
        AttemptFact(
            row.number,
            row.t1,
            row.t2,
            AttemptResult(row.b),
            row.seconds,
            places.get(row.endpoint, 0),
        )
        for row in rows
        if row.kind == DIAL and row.a == call_id and row.t2 is not None and row.b is not None
    ]
    return tuple(sorted(settled, key=lambda one: one.number))


def _suppression(row: Record) -> policy.Suppression:
    scope = Scope(ScopeKind(row.c), row.d)
    return policy.Suppression(row.a, scope, row.b, row.t2, of_person=bool(row.number))


def _consent(row: Record) -> policy.Consent:
    scope = Scope(ScopeKind(row.c), row.d)
    return policy.Consent(row.a, ConsentTier(row.b), scope, row.t1, row.t2, row.t3)


def _scrub(row: Record, listed: set[str]) -> Scrub:
    return Scrub(row.a, row.t1, row.a in listed)


def _dial(row: Record) -> PastDial:
    is_live = row.b is None and row.d == AttemptState.ANSWERED
    talked = is_live or row.b == AttemptResult.ANSWERED
    is_up = row.d in UP or (row.t2 is None and row.d in FATE_OPEN)
    return PastDial(row.a, row.number, row.t1, talked, row.c, is_up)
