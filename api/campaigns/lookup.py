"""A campaign and its agent, looked up or refused."""

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.request_parser import require_in_pool, require_pool
from api.http.problems import conflict, invalid, not_found
from policy.model.call import CampaignStatus
from storage.accounts import agents
from storage.campaigns import campaigns
from storage.tables import Agent, Campaign

_OVER = frozenset({CampaignStatus.COMPLETED, CampaignStatus.CANCELED})


async def found(session: AsyncSession, account_id: str, campaign_id: str) -> Campaign:
    """The account's campaign; raises a 404 Problem."""
    campaign = await campaigns.get(session, account_id, campaign_id)
    if campaign is None:
        raise not_found("campaign")
    return campaign


async def held(session: AsyncSession, account_id: str, campaign_id: str) -> Campaign:
    """The same, as it is now and until the transaction ends."""
    campaign = await campaigns.hold(session, account_id, campaign_id)
    if campaign is None:
        raise not_found("campaign")
    return campaign


def require_open(campaign: Campaign) -> None:
    """Refuse to change a campaign that is over."""
    if campaign.status in _OVER:
        raise conflict("campaign_over", f"The campaign is over: {campaign.status}.")


async def agent_of(session: AsyncSession, account_id: str, agent_id: str) -> Agent:
    """The agent, which must be able to call; raises a 422 Problem."""
    agent = await agents.get(session, account_id, agent_id)
    if agent is None:
        raise invalid("unknown_agent", "agentId", "There is no such agent.")
    require_pool(agent, "defaults.callerId")
    return agent


def require_named_numbers(campaign: Campaign, agent: Agent) -> None:
    """Raises a 422 Problem for a caller ID of the campaign, or of a variant, that is not the
    agent's, or not any more: both may have changed since it was named."""
    named = {"defaults": campaign.defaults_spec}
    for nth, variant in enumerate((campaign.split_spec or {}).get("variants", ())):
        named[f"variants.{nth}"] = variant
    for field, spec in named.items():
        if spec.get("callerId"):
            require_in_pool(agent, spec["callerId"], f"{field}.callerId")
