"""The contacts of a campaign: staged in bulk, taken a few at a time, paged, counted.

No function here ever holds more than one page of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, insert, literal_column
from sqlalchemy import select as select_columns
from sqlalchemy import update as sql_update
from sqlmodel import and_, col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import ContactState, EndpointKind, Refusal
from policy.model.reasons import Reason, RefusalCode
from storage.contact_numbers import has_extension
from storage.database.pagination import page_of
from storage.tables import Contact, JsonObject
from storage.tables.specs import extension_among

#: SQLite uses a partial index only where the query says the index's own condition literally.
STAGED: ColumnElement[str] = literal_column("'staged'")
TABLE: Any = Contact.__table__  # type: ignore[attr-defined]

#: Refusals that a consent, an import, a waiver or another agent may take away.
HEALING = (
    Reason.NO_CONSENT,
    Reason.REGISTRY_STALE,
    Reason.REGISTRY_LISTED,
    Reason.DO_NOT_CALL,
    Reason.RING_TOO_SHORT,
    Reason.CANNOT_DISCLOSE,
    Reason.CONSENT_TOO_OLD,
    Reason.CALLER_ID_RANGE,
    Reason.NOT_ACKNOWLEDGED,
)

#: Refusals of good numbers that another pathway, column or setting takes away.
MENDABLE = (RefusalCode.MISSING_VARIABLE, RefusalCode.HAS_EXTENSION)

#: There are fewer area codes and zones.
_MOST_PLACES = 100_000

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One row of a list as it was read. `error` makes it an invalid one.

    An invalid row keeps the endpoint as it was written, so that it can be corrected.
    """

    row_number: int
    endpoint: str | None
    endpoint_kind: EndpointKind = EndpointKind.PHONE
    extension: str | None = None
    client_token: str | None = None
    timezone: str | None = None
    context: JsonObject = field(default_factory=dict)
    error: Refusal | None = None
    #: Of a person with several numbers: all of them; see `storage.tables.specs`.
    numbers_spec: list[JsonObject] | None = None


@dataclass(frozen=True, slots=True)
class StagedContact:
    """What a preflight looks at; the context only where it is asked for."""

    contact_id: int
    row_number: int
    endpoint: str
    endpoint_kind: EndpointKind
    extension: str | None
    timezone: str | None
    #: Of a person with several numbers: all of them.
    numbers_spec: list[JsonObject] | None = None
    context: JsonObject = field(default_factory=dict)

    @property
    def any_extension(self) -> str | None:
        """The number's, else that of a further number."""
        return extension_among(self.extension, self.numbers_spec)


async def insert_rows(session: AsyncSession, campaign_id: str, rows: Sequence[ContactRow]) -> None:
    """Adds rows in the order given."""
    if rows:
        await session.exec(insert(Contact), params=[_columns(campaign_id, row) for row in rows])


def _columns(campaign_id: str, row: ContactRow) -> dict[str, Any]:
    error = row.error
    return {
        "campaign_id": campaign_id,
        "row_number": row.row_number,
        "state": ContactState.INVALID if error else ContactState.STAGED,
        "endpoint": row.endpoint,
        "endpoint_kind": row.endpoint_kind,
        "extension": row.extension,
        "client_token": row.client_token,
        "timezone": row.timezone,
        "context": row.context,
        "numbers_spec": row.numbers_spec,
        "error_code": str(error.code) if error else None,
        "error_field": error.field if error else None,
        "error": error.message if error else None,
    }


async def staged(
    session: AsyncSession, campaign_id: str, now: datetime, limit: int
) -> list[Contact]:
    """Contacts that may become calls: those whose time has come, then those never looked at."""
    of_campaign = (col(Contact.campaign_id) == campaign_id, col(Contact.state) == STAGED)
    due = (
        select(Contact)
        .where(*of_campaign, col(Contact.ready_at) <= now)
        .order_by(col(Contact.ready_at), col(Contact.contact_id))
        .limit(limit)
    )
    found = list((await session.exec(due)).all())
    if len(found) == limit:
        return found
    fresh = (
        select(Contact)
        .where(*of_campaign, col(Contact.ready_at).is_(None))
        .order_by(col(Contact.contact_id))
        .limit(limit - len(found))
    )
    return found + list((await session.exec(fresh)).all())


async def staged_after(
    session: AsyncSession, campaign_id: str, after: int, limit: int
) -> Sequence[Contact]:
    """Contacts that have not become calls, in their order, behind `after`."""
    statement = (
        select(Contact)
        .where(
            col(Contact.campaign_id) == campaign_id,
            col(Contact.state) == ContactState.STAGED,
            col(Contact.contact_id) > after,
        )
        .order_by(col(Contact.contact_id))
        .limit(limit)
    )
    return (await session.exec(statement)).all()


async def next_ready(session: AsyncSession, campaign_id: str) -> datetime | None:
    """When the first of the staged contacts may become a call; None if none is staged.

    For one that was never looked at this is long ago.
    """
    of_campaign = (col(Contact.campaign_id) == campaign_id, col(Contact.state) == STAGED)
    fresh = select(Contact.contact_id).where(*of_campaign, col(Contact.ready_at).is_(None)).limit(1)
    if (await session.exec(fresh)).first() is not None:
        return LONG_AGO
    postponed = (
        select(Contact.ready_at)
        .where(*of_campaign, col(Contact.ready_at).is_not(None))
        .order_by(col(Contact.ready_at))
        .limit(1)
    )
    return (await session.exec(postponed)).first()


async def postpone(session: AsyncSession, ready_at: Mapping[int, datetime]) -> None:
    """Looks at these contacts again at these times."""
    rows = [{"_id": key, "ready_at": value} for key, value in ready_at.items()]
    await _update_each(session, rows, "ready_at")


async def hurry(session: AsyncSession, campaign_id: str) -> None:
    """Has all postponed contacts looked at anew: what they were postponed for has changed."""
    await session.exec(
        update(Contact)
        .where(
            col(Contact.campaign_id) == campaign_id,
            col(Contact.state) == STAGED,
            col(Contact.ready_at).is_not(None),
        )
        .values(ready_at=None)
    )


async def mark_called(session: AsyncSession, call_ids: Mapping[int, str]) -> None:
    """These contacts have become these calls."""
    rows = [
        {"_id": key, "call_id": value, "state": ContactState.CALLED}
        for key, value in call_ids.items()
    ]
    await _update_each(session, rows, "call_id", "state")


async def mark_invalid(session: AsyncSession, contact_id: int, code: str, message: str) -> None:
    """The contact can never become a call."""
    refused = {"state": ContactState.INVALID, "error_code": str(code), "error": message}
    await _update_each(session, [{"_id": contact_id, **refused}], *refused)


async def mark_dropped(session: AsyncSession, contact_ids: Mapping[int, str]) -> None:
    """These contacts do not have to be called, for these reasons."""
    rows = [
        {"_id": key, "state": ContactState.DROPPED, "error_code": code}
        for key, code in contact_ids.items()
    ]
    await _update_each(session, rows, "state", "error_code")


async def _update_each(session: AsyncSession, rows: list[dict[str, Any]], *names: str) -> None:
    if not rows:
        return
    statement = (
        sql_update(TABLE)
        .where(TABLE.c.contact_id == bindparam("_id"))
        .values({name: bindparam(name) for name in names})
    )
    await (await session.connection()).execute(statement, rows)


async def page(
    session: AsyncSession,
    campaign_id: str,
    states: Sequence[ContactState],
    skip: int,
    take: int,
) -> tuple[list[Contact], int]:
    """In the order in which they were added, and how many there are in all."""
    conditions = [col(Contact.campaign_id) == campaign_id]
    if states:
        conditions.append(col(Contact.state).in_(list(states)))
    return await page_of(
        session, Contact, *conditions, order=(col(Contact.contact_id),), skip=skip, take=take
    )


async def errors(session: AsyncSession, campaign_id: str, after: int, limit: int) -> list[Contact]:
    """Invalid rows from the one after `after` on; start with 0."""
    statement = (
        select(Contact)
        .where(
            col(Contact.campaign_id) == campaign_id,
            col(Contact.state) == ContactState.INVALID,
            col(Contact.contact_id) > after,
        )
        .order_by(col(Contact.contact_id))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())


async def scan(
    session: AsyncSession,
    campaign_id: str,
    after: int,
    limit: int,
    *,
    with_context: bool = False,
) -> list[StagedContact]:
    """Staged contacts from the one after `after` on; start with 0."""
    return await _looked_at(
        session,
        [
            TABLE.c.campaign_id == campaign_id,
            TABLE.c.state == ContactState.STAGED,
            TABLE.c.contact_id > after,
        ],
        limit,
        with_context=with_context,
    )


async def first(session: AsyncSession, campaign_id: str) -> StagedContact | None:
    """Some valid contact of the campaign, to stand for the others."""
    found = await _looked_at(
        session,
        [
            TABLE.c.campaign_id == campaign_id,
            TABLE.c.state.in_([ContactState.STAGED, ContactState.CALLED]),
        ],
        1,
    )
    return found[0] if found else None


async def of_each_place(session: AsyncSession, campaign_id: str) -> list[StagedContact]:
    """Staged contacts of which every other one is alike in the beginning of its number and zone.

    The beginning tells area code or country, and these which rules there are. Of people with
    several numbers, in that of the first.
    """
    begins = func.substr(TABLE.c.endpoint, 1, len("+1305"))
    ids = (
        select_columns(func.min(TABLE.c.contact_id))
        .where(TABLE.c.campaign_id == campaign_id, TABLE.c.state == ContactState.STAGED)
        .group_by(
            TABLE.c.endpoint_kind, begins, TABLE.c.timezone, TABLE.c.numbers_spec.is_not(None)
        )
    )
    return await _looked_at(session, [TABLE.c.contact_id.in_(ids)], _MOST_PLACES)


async def _looked_at(
    session: AsyncSession,
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
    *,
    with_context: bool = False,
) -> list[StagedContact]:
    names = list(StagedContact.__dataclass_fields__)
    statement = (
        select_columns(*(TABLE.c[name] for name in names if with_context or name != "context"))
        .where(*conditions)
        .order_by(TABLE.c.contact_id)
        .limit(limit)
    )
    found = (await (await session.connection()).execute(statement)).all()
    return [StagedContact(*row) for row in found]


async def with_extension(session: AsyncSession, campaign_id: str) -> int:
    """How many rows have an extension: those that wait, and those that were refused for it."""
    refused = and_(
        col(Contact.state) == ContactState.INVALID,
        col(Contact.error_code) == RefusalCode.HAS_EXTENSION,
    )
    statement = select(func.count()).where(
        col(Contact.campaign_id) == campaign_id,
        or_(and_(col(Contact.state) == STAGED, has_extension()), refused),
    )
    return (await session.exec(statement)).one()


async def counts(session: AsyncSession, campaign_id: str) -> dict[ContactState, int]:
    """How many contacts are in each state; every state is there."""
    statement = (
        select(Contact.state, func.count())
        .where(col(Contact.campaign_id) == campaign_id)
        .group_by(col(Contact.state))
    )
    counted = dict((await session.exec(statement)).all())
    return {state: counted.get(state, 0) for state in ContactState}
