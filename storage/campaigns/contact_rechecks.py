"""Contacts that were put off or refused are looked at anew when what spoke against them changes."""

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import forms_of
from policy.model.call import CampaignStatus, ContactState
from storage.calls.calls import AffectedCalls
from storage.campaigns.contacts import HEALING, STAGED
from storage.tables import Campaign, Contact

_OPEN = (CampaignStatus.RUNNING, CampaignStatus.PAUSED)


async def affected(session: AsyncSession, account_id: str, which: AffectedCalls) -> list[Campaign]:
    """The campaigns under way whose contacts a change might touch."""
    conditions = [col(Campaign.account_id) == account_id, col(Campaign.status).in_(_OPEN)]
    if which.agent_id is not None:
        conditions.append(col(Campaign.agent_id) == which.agent_id)
    if which.campaign_id is not None:
        conditions.append(col(Campaign.campaign_id) == which.campaign_id)
    return list((await session.exec(select(Campaign).where(*conditions))).all())


async def take(session: AsyncSession, campaign: Campaign, endpoint: str | None) -> int:
    """Has the feed judge these contacts anew; returns how many. None: whatever their endpoint."""
    conditions = [col(Contact.campaign_id) == campaign.campaign_id]
    if endpoint is not None:
        conditions.append(col(Contact.endpoint).in_(forms_of(endpoint)))
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
    """Of good rows that were refused when their turn came, one of each number."""
    return and_(_REFUSED, ~_is_double())


def _is_double() -> ColumnElement[bool]:
    """The number may have been added once more since: nobody is called for both."""
    other = aliased(Contact)
    return (
        select(other.contact_id)
        .where(
            col(other.campaign_id) == col(Contact.campaign_id),
            col(other.endpoint) == col(Contact.endpoint),
            col(other.contact_id) != col(Contact.contact_id),
            or_(
                col(other.state) != ContactState.INVALID,
                and_(
                    col(other.error_code).in_(HEALING),
                    col(other.contact_id) < col(Contact.contact_id),
                ),
            ),
        )
        .exists()
    )
