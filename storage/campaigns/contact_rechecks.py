"""Contacts that were put off or refused are looked at anew when what spoke against them changes."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import CampaignStatus, ContactState
from policy.pathways.row_demands import RowDemands
from storage.calls.calls import AffectedCalls
from storage.campaigns.contacts import HEALING, MENDABLE, STAGED
from storage.contact_numbers import keys_of, known_people, may_reach, shares_a_number
from storage.tables import Agent, Campaign, Contact
from storage.tables.specs import extension_among

_OPEN = (CampaignStatus.RUNNING, CampaignStatus.PAUSED)


async def affected(session: AsyncSession, account_id: str, which: AffectedCalls) -> list[Campaign]:
    """The campaigns under way whose contacts a change might touch."""
    conditions = [col(Campaign.account_id) == account_id, col(Campaign.status).in_(_OPEN)]
    if which.agent_id is not None:
        conditions.append(col(Campaign.agent_id) == which.agent_id)
    if which.campaign_id is not None:
        conditions.append(col(Campaign.campaign_id) == which.campaign_id)
    return list((await session.exec(select(Campaign).where(*conditions))).all())


async def mendable(
    session: AsyncSession, account_id: str, which: AffectedCalls, pathway_id: str | None
) -> list[Campaign]:
    """The campaigns, drafts too, with rows that lacked something when they were looked at.

    `pathway_id`: only those that speak by this pathway.
    """
    refused = select(Contact.contact_id).where(
        col(Contact.campaign_id) == col(Campaign.campaign_id), _LACKING
    )
    statement = (
        select(Campaign)
        .join(Agent, col(Agent.agent_id) == col(Campaign.agent_id))
        .where(
            col(Campaign.account_id) == account_id,
            col(Campaign.status).in_((CampaignStatus.DRAFT, *_OPEN)),
            refused.exists(),
        )
    )
    if which.agent_id is not None:
        statement = statement.where(col(Campaign.agent_id) == which.agent_id)
    if which.campaign_id is not None:
        statement = statement.where(col(Campaign.campaign_id) == which.campaign_id)
    if pathway_id is not None:
        spoken = func.coalesce(col(Campaign.pathway_id), col(Agent.pathway_id))
        statement = statement.where(spoken == pathway_id)
    return list((await session.exec(statement)).all())


async def mend(
    session: AsyncSession, campaign: Campaign, demands: RowDemands, after: int, limit: int
) -> tuple[int, int | None]:
    """Stages those of a page of refused rows that lack nothing any more, each person once.

    Returns how many, and after which contact the next page begins; start with 0.
    """
    statement = (
        select(Contact)
        .where(
            col(Contact.campaign_id) == campaign.campaign_id,
            _LACKING,
            col(Contact.contact_id) > after,
        )
        .order_by(col(Contact.contact_id))
        .limit(limit)
    )
    rows = (await session.exec(statement)).all()
    whole = [
        row
        for row in rows
        if demands.refusal(row.context, extension_among(row.extension, row.numbers_spec)) is None
    ]
    if not campaign.defaults_spec.get("allowDuplicate"):
        whole = await _each_once(session, campaign, whole)
    for row in whole:
        row.state = ContactState.STAGED
        row.ready_at = row.error_code = row.error_field = row.error = None
        session.add(row)
    await session.flush()
    return len(whole), rows[-1].contact_id if len(rows) == limit else None


async def _each_once(
    session: AsyncSession, campaign: Campaign, rows: Sequence[Contact]
) -> list[Contact]:
    known = await known_people(session, campaign.campaign_id, rows)
    found = []
    for row in rows:
        keys = keys_of(row)
        if known.isdisjoint(keys):
            known |= keys
            found.append(row)
    return found


_LACKING = and_(
    col(Contact.state) == ContactState.INVALID,
    col(Contact.endpoint).is_not(None),
    col(Contact.error_code).in_(MENDABLE),
)


async def take(session: AsyncSession, campaign: Campaign, endpoint: str | None) -> int:
    """Has the feed judge these contacts anew; returns how many.

    `endpoint`: of those who may be reached there, by whichever of their numbers; None: all.
    """
    conditions = [col(Contact.campaign_id) == campaign.campaign_id]
    if endpoint is not None:
        conditions.append(may_reach(campaign.campaign_id, endpoint))
    put_off = and_(col(Contact.state) == STAGED, col(Contact.ready_at).is_not(None))
    fresh = {
        "state": ContactState.STAGED,
        "ready_at": None,
        "error_code": None,
        "error_field": None,
        "error": None,
    }
    statement = (
        update(Contact)
        .where(*conditions, or_(put_off, _refused(campaign)))
        .values(**fresh)
        .execution_options(synchronize_session=False)
    )
    return int((await session.exec(statement)).rowcount)


def _refused(campaign: Campaign) -> ColumnElement[bool]:
    return _REFUSED if campaign.defaults_spec.get("allowDuplicate") else refused_once()


_REFUSED = and_(
    col(Contact.state) == ContactState.INVALID,
    col(Contact.endpoint).is_not(None),
    col(Contact.error_code).in_(HEALING),
)


def refused_once() -> ColumnElement[bool]:
    """Of good rows that were refused when their turn came, one of each person.

    A number of theirs may have been added once more since: nobody is called for both.
    """
    other = aliased(Contact)
    goes_first = or_(
        col(other.state) != ContactState.INVALID,
        and_(col(other.error_code).in_(HEALING), col(other.contact_id) < col(Contact.contact_id)),
    )
    return and_(_REFUSED, *(~one for one in shares_a_number(other, goes_first)))
