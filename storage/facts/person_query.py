"""The one query for all that is on file about people: a union of selects, each by an index."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    cast,
    literal,
    literal_column,
    not_,
    null,
    type_coerce,
    union_all,
)
from sqlalchemy import select as sql_select
from sqlmodel import and_, col, or_
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import all_forms, person_key
from policy.model.call import AttemptState
from storage.database.core import rows_of
from storage.number_hash import Hasher
from storage.tables import (
    Attempt,
    CallNumber,
    Consent,
    Inbound,
    Registry,
    RegistryEntry,
    Suppression,
)
from storage.tables.types import UtcDateTime

_TEXTS, _TIMES = ("a", "b", "c", "d"), ("t1", "t2", "t3")
DIAL, SUPPRESSION, CONSENT, ENTRY, SCRUB = "dial", "suppression", "consent", "entry", "scrub"
REVIEW, LINE = "review", "line"
#: In these a leg is up, or may be; in the others only until its fate is known.
UP = (AttemptState.SENT, AttemptState.RINGING, AttemptState.ANSWERED)
FATE_OPEN = (AttemptState.SENDING, AttemptState.UNKNOWN)


class Record(NamedTuple):
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


async def rows_about(
    session: AsyncSession,
    account_id: str,
    endpoints: Sequence[str],
    since: datetime,
    hasher: Hasher,
    call_id: str | None,
    up_since: datetime | None = None,
) -> list["Record"]:
    """All under every form of the numbers; the endpoint of each is the key of its person.

    `up_since`: a leg dialed before is over if its attempt was settled, though nobody told of its
    end; None: `since`.
    """
    forms = all_forms(endpoints)
    hashes = {hashed: one for one in forms if (hashed := hasher.lookup(one)) is not None}
    parameters: dict[str, Any] = {"account": account_id, "since": since, "call": call_id}
    parameters["up_since"] = up_since or since
    if len(forms) == 1 and len(hashes) <= 1:
        sought = _OF_ONE
        parameters |= {"endpoint": forms[0], "hash": next(iter(hashes), None)}
    else:
        sought = _OF_MANY
        parameters |= {"endpoints": forms, "hashes": list(hashes)}
    rows = await rows_of(session, _question(sought), parameters)
    found = (Record(*row) for row in rows)
    keys = {**{form: person_key(form) for form in forms}, "": ""}
    return [one._replace(endpoint=keys[hashes.get(one.endpoint, one.endpoint)]) for one in found]


_ACCOUNT = bindparam("account", type_=Text())
_SINCE = bindparam("since", type_=UtcDateTime())
_CALL = bindparam("call", type_=Text())
_UP_SINCE = bindparam("up_since", type_=UtcDateTime())
#: Nobody told of its end, as after a restore, or where a callback was lost.
_OVER_UNHEARD = and_(col(Attempt.settled_at).is_not(None), col(Attempt.dialed_at) <= _UP_SINCE)


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
        ENTRY,
        col(RegistryEntry.endpoint),
        {"a": col(RegistryEntry.registry_name)},
        {},
        [
            col(RegistryEntry.account_id) == _ACCOUNT,
            sought.has_form(col(RegistryEntry.endpoint)),
        ],
    )
    yield _select(
        REVIEW,
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
    yield _on_line(sought)
    yield _select(SCRUB, literal(""), *_OF_REGISTRY)


def _on_line(sought: _Sought) -> Select[Any]:
    """Legs that are up in calls which list the number among several: to whichever of them."""
    state = col(Attempt.state)
    return _select(
        LINE,
        col(CallNumber.person_key),
        {"a": col(Attempt.call_id)},
        {},
        [
            col(CallNumber.account_id) == _ACCOUNT,
            sought.has_form(col(CallNumber.person_key)),
            col(Attempt.call_id) == col(CallNumber.call_id),
            or_(
                and_(or_(*(state == one for one in UP)), not_(_OVER_UNHEARD)),
                and_(col(Attempt.settled_at).is_(None), or_(*(state == one for one in FATE_OPEN))),
            ),
        ],
    )


def _dialed(sought: _Sought) -> Select[Any]:
    return _select(
        DIAL,
        col(Attempt.to_endpoint),
        {
            "a": col(Attempt.call_id),
            "b": col(Attempt.result),
            "c": col(Attempt.subject),
            "d": case((_OVER_UNHEARD, AttemptState.ENDED.value), else_=col(Attempt.state)),
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
        CONSENT,
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
        SUPPRESSION,
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
        number=cast(col(Suppression.of_person), Integer()),
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


#: How old an account's registries are, whoever is asked about.
OF_REGISTRIES = _select(SCRUB, literal(""), *_OF_REGISTRY)
