"""What keeps a callee from being put through, as it keeps calls from being dialed."""

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import HELD_CAMPAIGNS
from policy.transfers.targets import MissReason
from storage.attempts import costs
from storage.tables import Account, Call, Campaign


async def bar(session: AsyncSession, call: Call) -> MissReason | None:
    """Why nobody is to be dialed for this call now; None: nothing keeps us from it.

    A campaign that is held, an account whose dialing is paused, and money that is spent.
    """
    account = await session.get(Account, call.account_id)
    campaign = await session.get(Campaign, call.campaign_id) if call.campaign_id else None
    if account is None or account.paused_since is not None:
        return MissReason.PAUSED
    if campaign is not None and campaign.status in HELD_CAMPAIGNS:
        return MissReason.PAUSED
    if await costs.is_broke(session, call.account_id, call.campaign_id):
        return MissReason.SPEND_LIMIT
    return None
