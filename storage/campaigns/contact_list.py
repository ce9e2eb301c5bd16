"""The contacts of a campaign as people look through them, each with the call it became."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, delete, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import ContactState, Outcome
from storage.call_lists.filters import NAMES
from storage.campaigns.contact_rechecks import refused_once
from storage.database.json_filter import json_contains
from storage.database.locks import dialect_of
from storage.tables import Call, Contact, ContactNumber

#: A list is counted up to here.
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Conditions that must all hold; None ones do not count."""

    state: ContactState | None = None
    #: Of the call that the contact became.
    outcome: Outcome | None = None
    #: Digits that a number of the person has somewhere, one after the other.
    endpoint_part: str | None = None
    #: Part of the person's name, as contexts usually give it.
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ListedContact:
    """`call` is None as long as the contact has not become one."""

    contact: Contact
    call: Call | None


async def listed(
    session: AsyncSession, campaign_id: str, wanted: ContactFilter, after: int, limit: int
) -> list[ListedContact]:
    """In the order in which they were added, from the one after `after` on; start with 0."""
    statement = (
        select(Contact, Call)
        .outerjoin(Call, col(Call.call_id) == col(Contact.call_id))
        .where(*_conditions(session, campaign_id, wanted), col(Contact.contact_id) > after)
        .order_by(col(Contact.contact_id))
        .limit(limit)
    )
    return [ListedContact(contact, call) for contact, call in await session.exec(statement)]


async def count(session: AsyncSession, campaign_id: str, wanted: ContactFilter) -> int:
    """How many there are; `MOST_COUNTED` stands for that many or more."""
    found = (
        select(col(Contact.contact_id))
        .outerjoin(Call, col(Call.call_id) == col(Contact.call_id))
        .where(*_conditions(session, campaign_id, wanted))
        .limit(MOST_COUNTED)
    )
    return (await session.exec(select(func.count()).select_from(found.subquery()))).one()


def _conditions(
    session: AsyncSession, campaign_id: str, wanted: ContactFilter
) -> list[ColumnElement[bool]]:
    found = [col(Contact.campaign_id) == campaign_id]
    if wanted.state is not None:
        found.append(col(Contact.state) == wanted.state)
    if wanted.outcome is not None:
        found.append(col(Call.outcome) == wanted.outcome)
    if wanted.endpoint_part is not None:
        found.append(_has_number_with(wanted.endpoint_part))
    if wanted.name is not None:
        dialect, context = dialect_of(session), col(Contact.context)
        found.append(or_(*(json_contains(dialect, context, one, wanted.name) for one in NAMES)))
    return found


def _has_number_with(part: str) -> ColumnElement[bool]:
    listed = select(ContactNumber.contact_id).where(
        col(ContactNumber.contact_id) == col(Contact.contact_id),
        col(ContactNumber.endpoint).contains(part, autoescape=True),
    )
    return or_(col(Contact.endpoint).contains(part, autoescape=True), listed.exists())


async def refusals(session: AsyncSession, campaign_id: str) -> Mapping[str, int]:
    """How many rows were rejected, by the code of what is wrong; most first."""
    number = func.count()
    statement = (
        select(Contact.error_code, number)
        .where(col(Contact.campaign_id) == campaign_id, col(Contact.state) == ContactState.INVALID)
        .group_by(col(Contact.error_code))
        .order_by(number.desc())
    )
    return {code or "": found for code, found in await session.exec(statement)}


async def rejected(
    session: AsyncSession,
    campaign_id: str,
    limit: int,
    *,
    ids: Sequence[int] | None = None,
    without: Sequence[str] = (),
) -> list[Contact]:
    """The first rejected rows, but for those with these codes; only those with `ids` if given."""
    conditions = [
        col(Contact.campaign_id) == campaign_id,
        col(Contact.state) == ContactState.INVALID,
        col(Contact.error_code).not_in(list(without)),
    ]
    if ids is not None:
        conditions.append(col(Contact.contact_id).in_(list(ids)))
    statement = select(Contact).where(*conditions).order_by(col(Contact.contact_id)).limit(limit)
    return list((await session.exec(statement)).all())


async def newest(session: AsyncSession, campaign_id: str) -> int:
    """The id of the contact that was added last; 0 if there is none."""
    statement = select(func.max(col(Contact.contact_id))).where(
        col(Contact.campaign_id) == campaign_id
    )
    return (await session.exec(statement)).one() or 0


async def forget_rejected(session: AsyncSession, campaign_id: str, through: int) -> int:
    """Deletes the rejected rows up to a contact, which is among them; returns how many."""
    statement = delete(Contact).where(
        col(Contact.campaign_id) == campaign_id,
        col(Contact.state) == ContactState.INVALID,
        col(Contact.contact_id) <= through,
    )
    return (await session.exec(statement)).rowcount


async def drop_rejected(session: AsyncSession, campaign_id: str, ids: Sequence[int]) -> list[int]:
    """Deletes those of these rows that are rejected; returns which."""
    if not ids:
        return []
    statement = (
        delete(Contact)
        .where(
            col(Contact.campaign_id) == campaign_id,
            col(Contact.state) == ContactState.INVALID,
            col(Contact.contact_id).in_(list(ids)),
        )
        .returning(col(Contact.contact_id))
    )
    return sorted(found for (found,) in await session.execute(statement) if found is not None)


async def ended(session: AsyncSession, campaign_id: str) -> Mapping[Outcome, int]:
    """How many contacts there are by the outcomes of their calls, as `segments.copy` takes them."""
    statement = (
        select(Call.outcome, func.count())
        .join(Contact, col(Contact.call_id) == col(Call.call_id))
        .where(
            col(Call.campaign_id) == campaign_id,
            col(Contact.campaign_id) == campaign_id,
            col(Call.outcome).is_not(None),
        )
        .group_by(col(Call.outcome))
    )
    found = {Outcome(outcome): n for outcome, n in await session.exec(statement) if outcome}
    refused = select(func.count()).where(
        and_(col(Contact.campaign_id) == campaign_id, refused_once())
    )
    never = (await session.exec(refused)).one()
    if never:
        found[Outcome.SUPPRESSED] = found.get(Outcome.SUPPRESSED, 0) + never
    return found
