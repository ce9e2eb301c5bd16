"""Contacts by any number of their person: most have the one, in their own row."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Text, cast, union_all
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import all_forms, person_key
from policy.model.call import ContactState
from storage.database.pagination import batches
from storage.tables import Contact, ContactNumber, JsonObject
from storage.tables.specs import endpoints_of


class ListedPerson(Protocol):
    """A row of a list, as it was read or as it is kept."""

    @property
    def endpoint(self) -> str | None: ...
    @property
    def numbers_spec(self) -> Sequence[JsonObject] | None: ...


def numbers_of(row: ListedPerson) -> list[str]:
    """All numbers of the person; none of a row without any."""
    listed = endpoints_of({"endpoint": row.endpoint, "numbers_spec": row.numbers_spec})
    return [one for one in listed if one]


def keys_of(row: ListedPerson) -> frozenset[str]:
    """The numbers in their forms of today: rows that share one are of the same person."""
    return frozenset(map(person_key, numbers_of(row)))


def reaching(campaign_id: str, endpoints: Collection[str]) -> Any:
    """Ids of the campaign's contacts that may reach any of the endpoints, for `IN`."""
    return reaching_in((campaign_id,), endpoints)


def reaching_in(campaign_ids: Any, endpoints: Collection[str]) -> Any:
    """The same of several campaigns: their ids, or a statement that gives them."""
    forms = all_forms(endpoints)
    own = select(Contact.contact_id).where(
        col(Contact.campaign_id).in_(campaign_ids), col(Contact.endpoint).in_(forms)
    )
    listed = select(ContactNumber.contact_id).where(
        col(ContactNumber.campaign_id).in_(campaign_ids), col(ContactNumber.endpoint).in_(forms)
    )
    return union_all(own, listed)


async def known_people(
    session: AsyncSession, campaign_id: str, rows: Collection[ListedPerson]
) -> set[str]:
    """Keys of all numbers of the people among these whom a valid contact of the campaign has."""
    found: set[str] = set()
    for some in batches(list({one for row in rows for one in numbers_of(row)})):
        statement = select(Contact.endpoint, Contact.numbers_spec).where(
            col(Contact.contact_id).in_(reaching(campaign_id, some)),
            col(Contact.state) != ContactState.INVALID,
        )
        for endpoint, spec in (await session.exec(statement)).all():
            listed = endpoints_of({"endpoint": endpoint, "numbers_spec": spec})
            found.update(person_key(one) for one in listed if one)
    return found


def shares_a_number(other: Any, holds: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    """Each a way in which another contact of the campaign has a number of the contact's.

    `other`: that contact, of which `holds` has to be true as well. Each way by itself has an index.
    """
    mine, theirs = aliased(ContactNumber), aliased(ContactNumber)
    of_campaign = col(other.campaign_id) == col(Contact.campaign_id)
    is_another = and_(of_campaign, col(other.contact_id) != col(Contact.contact_id), holds)
    listed = col(theirs.contact_id) == col(other.contact_id)
    of_mine = col(mine.contact_id) == col(Contact.contact_id)
    same = and_(
        col(theirs.campaign_id) == col(mine.campaign_id),
        col(theirs.endpoint) == col(mine.endpoint),
    )
    return [
        select(other.contact_id)
        .where(is_another, col(other.endpoint) == col(Contact.endpoint))
        .exists(),
        select(theirs.contact_id)
        .join(other, listed)
        .where(
            is_another,
            col(theirs.campaign_id) == col(Contact.campaign_id),
            col(theirs.endpoint) == col(Contact.endpoint),
        )
        .exists(),
        select(mine.contact_id)
        .join(other, col(other.endpoint) == col(mine.endpoint))
        .where(of_mine, is_another)
        .exists(),
        select(mine.contact_id)
        .join(theirs, same)
        .join(other, listed)
        .where(of_mine, is_another)
        .exists(),
    ]


def may_reach(campaign_id: str, endpoint: str) -> ColumnElement[bool]:
    """Of contacts: that this is one of their person's numbers."""
    return col(Contact.contact_id).in_(reaching(campaign_id, [endpoint]))


def has_extension() -> ColumnElement[bool]:
    """Of contacts: that one of their numbers has one."""
    listed = cast(col(Contact.numbers_spec), Text).contains('"extension"', autoescape=True)
    return or_(col(Contact.extension).is_not(None), listed)
