"""What is on file about the people at some endpoints, in one query however many they are."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    literal,
    literal_column,
    null,
    type_coerce,
    union_all,
)
from sqlalchemy import select as sql_select
from sqlmodel import col, or_
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.facts import AttemptFact
from policy.location.number_forms import all_forms, person_key
from policy.model import person as policy
from policy.model.call import UNCOUNTED_RESULTS, AttemptResult, AttemptState
from policy.model.person import PastDial, Person, Scope, ScopeKind, Scrub
from policy.model.purposes import ConsentTier
from storage.database.core import rows_of
from storage.database.pagination import batches
from storage.number_hash import Hasher
from storage.tables import Attempt, Consent, Inbound, Registry, RegistryEntry, Suppression
from storage.tables.types import UtcDateTime

_TEXTS, _TIMES = ("a", "b", "c", "d"), ("t1", "t2", "t3")
_DIAL, _SUPPRESSION, _CONSENT, _ENTRY, _SCRUB = "dial", "suppression", "consent", "entry", "scrub"
_REVIEW = "review"
#: Dials that rang nowhere: they use nothing of a cap, as they use nothing of a call's budget.
_NO_DIALS = frozenset(UNCOUNTED_RESULTS)


class _Record(NamedTuple):
    """A row of the union; what its columns mean depends on the kind."""

    kind: str
    endpoint: str
    a: str
    b: str
    c: str
    d: str
    t1: datetime
    t2: datetime | None
    t3: datetime | None
    number: int
    seconds: int | None


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
) -> PersonRecord:
    """The person at one endpoint. `since`: how far back dials matter to any cap."""
    found = await _rows(session, account_id, [endpoint], since, hasher, call_id)
    return PersonRecord(_person(found, person_key(endpoint), found), _own(found, call_id))


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
) -> tuple[dict[str, Person], Person]:
    """The same, and what every stranger is like: as old as the registries are."""
    people: dict[str, Person] = {}
    found: list[_Record] | None = None
    for some in batches(endpoints):
        found = await _rows(session, account_id, some, since, hasher, None)
        of_person: defaultdict[str, list[_Record]] = defaultdict(list)
        for row in found:
            if row.kind != _SCRUB:
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
    statement = _select(_SCRUB, literal(""), *_OF_REGISTRY)
    rows = await rows_of(session, statement, {"account": account_id})
    return Person(scrubs=tuple(_scrub(_Record(*row), set()) for row in rows))


async def settled(
    session: AsyncSession, call_ids: Collection[str]
) -> dict[str, tuple[AttemptFact, ...]]:
    """The settled attempts of many calls, in their order; of most there is none."""
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
            )
            .where(
                col(Attempt.call_id).in_(some),
                col(Attempt.settled_at).is_not(None),
                col(Attempt.result).is_not(None),
            )
            .order_by(col(Attempt.call_id), col(Attempt.number))
        )
        for call_id, *row in await rows_of(session, statement):
            found[call_id].append(AttemptFact(*row))
    return {call_id: tuple(facts) for call_id, facts in found.items()}


# -- the query


async def _rows(
    session: AsyncSession,
    account_id: str,
    endpoints: Sequence[str],
    since: datetime,
    hasher: Hasher,
    call_id: str | None,
) -> list["_Record"]:
    """All under every form of the numbers; the endpoint of each is the key of its person."""
    forms = all_forms(endpoints)
    hashes = {hashed: one for one in forms if (hashed := hasher.lookup(one)) is not None}
    parameters: dict[str, Any] = {"account": account_id, "since": since, "call": call_id}
    if len(forms) == 1 and len(hashes) <= 1:
        sought = _OF_ONE
        parameters |= {"endpoint": forms[0], "hash": next(iter(hashes), None)}
    else:
        sought = _OF_MANY
        parameters |= {"endpoints": forms, "hashes": list(hashes)}
    rows = await rows_of(session, _question(sought), parameters)
    found = (_Record(*row) for row in rows)
    keys = {**{form: person_key(form) for form in forms}, "": ""}
    return [one._replace(endpoint=keys[hashes.get(one.endpoint, one.endpoint)]) for one in found]


_ACCOUNT = bindparam("account", type_=Text())
_SINCE = bindparam("since", type_=UtcDateTime())
_CALL = bindparam("call", type_=Text())


class _Sought(NamedTuple):
    """How a column is compared with the forms of the numbers, and with their hashes."""

    has_form: Callable[[Any], ColumnElement[bool]]
    has_hash: Callable[[Any], ColumnElement[bool]]


def _is(name: str) -> Callable[[Any], ColumnElement[bool]]:
    return lambda column: column == bindparam(name, type_=Text())


def _is_among(name: str) -> Callable[[Any], ColumnElement[bool]]:
    return lambda column: column.in_(bindparam(name, type_=Text(), expanding=True))


#: Most persons have one form. A list is written into the statement anew each time.
_OF_ONE = _Sought(_is("endpoint"), _is("hash"))
_OF_MANY = _Sought(_is_among("endpoints"), _is_among("hashes"))


@cache
def _question(sought: _Sought) -> Any:
    """Made once: putting it together costs several times what the database takes to answer."""
    return union_all(*_arms(sought))


def _arms(sought: _Sought) -> Iterator[Select[Any]]:
    yield _dialed(sought)
    yield _suppressed(col(Suppression.endpoint), sought.has_form)
    yield _suppressed(col(Suppression.endpoint_hash), sought.has_hash)
    yield _consented(sought)
    yield _select(
        _ENTRY,
        col(RegistryEntry.endpoint),
        {"a": col(RegistryEntry.registry_name)},
        {},
        [
            col(RegistryEntry.account_id) == _ACCOUNT,
            sought.has_form(col(RegistryEntry.endpoint)),
        ],
    )
    yield _select(
        _REVIEW,
        col(Inbound.from_endpoint),
        {"a": cast(col(Inbound.inbound_id), Text())},
        {},
        # As the partial index says it: on SQLite a boolean column would become `= 1`.
        [
            literal_column("holds"),
            col(Inbound.account_id) == _ACCOUNT,
            sought.has_form(col(Inbound.from_endpoint)),
        ],
    )
    yield _select(_SCRUB, literal(""), *_OF_REGISTRY)


def _dialed(sought: _Sought) -> Select[Any]:
    return _select(
        _DIAL,
        col(Attempt.to_endpoint),
        {
            "a": col(Attempt.call_id),
            "b": col(Attempt.result),
            "c": col(Attempt.subject),
            "d": col(Attempt.state),
        },
        {"t1": col(Attempt.dialed_at), "t2": col(Attempt.settled_at)},
        [
            col(Attempt.account_id) == _ACCOUNT,
            sought.has_form(col(Attempt.to_endpoint)),
            or_(col(Attempt.dialed_at) > _SINCE, col(Attempt.call_id) == _CALL),
        ],
        number=col(Attempt.number),
        seconds=col(Attempt.duration_seconds),
    )


def _consented(sought: _Sought) -> Select[Any]:
    return _select(
        _CONSENT,
        col(Consent.endpoint),
        {
            "a": col(Consent.consent_id),
            "b": col(Consent.tier),
            "c": col(Consent.scope),
            "d": col(Consent.scope_of),
        },
        {
            "t1": col(Consent.granted_time),
            "t2": col(Consent.expires_time),
            "t3": col(Consent.revoked_time),
        },
        [col(Consent.account_id) == _ACCOUNT, sought.has_form(col(Consent.endpoint))],
    )


def _suppressed(key: Any, is_sought: Callable[[Any], ColumnElement[bool]]) -> Select[Any]:
    return _select(
        _SUPPRESSION,
        key,
        {
            "a": col(Suppression.suppression_id),
            "b": col(Suppression.source),
            "c": col(Suppression.scope),
            "d": col(Suppression.scope_of),
        },
        {"t2": col(Suppression.expires_time)},
        [
            col(Suppression.account_id) == _ACCOUNT,
            col(Suppression.removed_time).is_(None),
            is_sought(key),
        ],
    )


_OF_REGISTRY: tuple[Any, Any, Any] = (
    {"a": col(Registry.registry_name)},
    {"t1": col(Registry.scrubbed_time)},
    [col(Registry.account_id) == _ACCOUNT],
)


def _select(
    kind: str,
    endpoint: Any,
    texts: Mapping[str, Any],
    times: Mapping[str, Any],
    where: Sequence[ColumnElement[bool]],
    number: Any = None,
    seconds: Any = None,
) -> Select[Any]:
    """One arm of the union: the same columns in the same order, whatever they mean."""
    no_text, no_time = cast(null(), Text()), cast(null(), UtcDateTime())
    columns = [
        literal(kind).label("kind"),
        type_coerce(endpoint, Text()).label("endpoint"),
        *(type_coerce(texts.get(name, no_text), Text()).label(name) for name in _TEXTS),
        *(times.get(name, no_time).label(name) for name in _TIMES),
        (literal(0) if number is None else number).label("number"),
        (cast(null(), Integer()) if seconds is None else seconds).label("seconds"),
    ]
    return sql_select(*columns).where(*where)


# -- the answer


def _person(rows: Sequence[_Record], endpoint: str, everything: Sequence[_Record]) -> Person:
    of_kind: defaultdict[str, list[_Record]] = defaultdict(list)
    for row in rows:
        if row.endpoint == endpoint:
            of_kind[row.kind].append(row)
    listed = {row.a for row in of_kind[_ENTRY]}
    return Person(
        suppressions=tuple(map(_suppression, of_kind[_SUPPRESSION])),
        consents=tuple(map(_consent, of_kind[_CONSENT])),
        scrubs=tuple(_scrub(row, listed) for row in everything if row.kind == _SCRUB),
        dials=tuple(_dial(row) for row in of_kind[_DIAL] if row.b not in _NO_DIALS),
        reviews=tuple(row.a for row in of_kind[_REVIEW]),
    )


def _own(rows: Sequence[_Record], call_id: str | None) -> tuple[AttemptFact, ...]:
    settled = [
        AttemptFact(row.number, row.t1, row.t2, AttemptResult(row.b), row.seconds)
        for row in rows
        if row.kind == _DIAL and row.a == call_id and row.t2 is not None and row.b is not None
    ]
    return tuple(sorted(settled, key=lambda one: one.number))


def _suppression(row: _Record) -> policy.Suppression:
    return policy.Suppression(row.a, Scope(ScopeKind(row.c), row.d), row.b, row.t2)


def _consent(row: _Record) -> policy.Consent:
    scope = Scope(ScopeKind(row.c), row.d)
    return policy.Consent(row.a, ConsentTier(row.b), scope, row.t1, row.t2, row.t3)


def _scrub(row: _Record, listed: set[str]) -> Scrub:
    return Scrub(row.a, row.t1, row.a in listed)


def _dial(row: _Record) -> PastDial:
    is_live = row.b is None and row.d == AttemptState.ANSWERED
    talked = is_live or row.b == AttemptResult.ANSWERED
    return PastDial(row.a, row.number, row.t1, talked, row.c)
