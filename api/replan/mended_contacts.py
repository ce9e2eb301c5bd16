"""Rows that were refused for what they lacked are good as soon as nobody asks for it any more."""

from contextlib import suppress

from api.http.deps import Services
from api.temporal_client import NotRunning, TemporalAway
from policy.model.call import CampaignStatus
from storage.accounts import agents
from storage.calls.calls import AffectedCalls
from storage.campaigns import contact_rechecks
from storage.campaigns.row_demands import demands_of
from storage.tables import Account, Campaign

_PAGE = 1000


async def mend_contacts(
    uses: Services, account: Account, which: AffectedCalls, pathway_id: str | None = None
) -> None:
    """Looks at them anew after a pathway, an agent, a campaign or the account was changed."""
    async with uses.db.read() as session:
        lacking = await contact_rechecks.mendable(session, account.account_id, which, pathway_id)
    for campaign in lacking:
        mended = await _mend(uses, campaign)
        if mended and campaign.status is CampaignStatus.RUNNING:
            with suppress(TemporalAway, NotRunning):
                await uses.calls.nudge_campaign(campaign.campaign_id)


async def _mend(uses: Services, campaign: Campaign) -> int:
    count, after = 0, 0
    while True:
        async with uses.db.write() as session:
            agent = await agents.get(session, campaign.account_id, campaign.agent_id)
            demands = await demands_of(session, campaign, agent)
            mended, last = await contact_rechecks.mend(session, campaign, demands, after, _PAGE)
        count += mended
        if last is None:
            return count
        after = last
