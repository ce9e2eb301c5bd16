"""/dashboard/campaigns/{campaign_id}: where a campaign stands, and what is done to it."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from api.campaigns import routes as rest
from api.campaigns import service
from api.campaigns.routes import Reader, Writer
from api.campaigns.views import CampaignDetail
from api.http.deps import Services, Uses
from api.transfers.routes import get_abandonment
from dashboard.agent_names import agent_names
from dashboard.campaigns import campaign_words
from dashboard.campaigns.charts import outcomes_over_time
from dashboard.campaigns.draft_routes import show_draft
from dashboard.page import back, page, viewer_zone
from dashboard.session.session import SignedIn
from policy.accounts.pricing import rates_of
from policy.model.call import CampaignStatus, ContactState
from storage.accounts import names
from storage.campaigns import contact_list, outcome_history
from storage.campaigns.summaries import summaries_of
from storage.clearances import requests
from storage.tables import Account

router = APIRouter(prefix="/campaigns/{campaign_id}", route_class=SignedIn)
_UNDER_WAY = (CampaignStatus.RUNNING, CampaignStatus.PAUSED)


@router.get("")
async def show_campaign(
    campaign_id: str, request: Request, account: Reader, uses: Uses
) -> Response:
    """Where it stands, how fast it goes, and whether it will be done in time; or the draft."""
    campaign = await rest.get_campaign(campaign_id, account, uses)
    if campaign.status is CampaignStatus.DRAFT:
        return await show_draft(request, account, uses, campaign)
    return await _progress(request, account, uses, campaign)


async def _progress(
    request: Request, account: Account, uses: Services, campaign: CampaignDetail
) -> Response:
    campaign_id = campaign.campaign_id
    async with uses.db.browse() as session:
        summaries = await summaries_of(session, account.account_id, [campaign_id])
        called = await agent_names(session, [campaign])
        spoken = await names.pathways(session, account.account_id, {campaign.pathway_id or ""})
        ends = await outcome_history.ends(session, campaign_id)
        lookups = await requests.figures(session, account.account_id, [campaign_id])
        refusals: Mapping[str, int] = {}
        if campaign.progress.contacts[ContactState.INVALID]:
            refusals = await contact_list.refusals(session, campaign_id)
    return await page(
        request,
        "campaigns/campaign.html",
        campaign=campaign,
        summary=summaries[campaign_id],
        agent_name=called.get(campaign.agent_id, ""),
        pathway_name=spoken.get(campaign.pathway_id or "", ""),
        can_pause=campaign.status is CampaignStatus.RUNNING,
        can_resume=campaign.status is CampaignStatus.PAUSED,
        is_open=campaign.status in _UNDER_WAY,
        lookups=lookups,
        chart=outcomes_over_time(ends, viewer_zone(request)),
        refusals=refusals,
        abandonment=await get_abandonment(campaign_id, account, uses),
        words=campaign_words,
        currency=rates_of(account.rates).currency,
    )


@router.post("/pause")
async def pause_campaign(
    campaign_id: str, request: Request, account: Writer, uses: Uses
) -> Response:
    """Dial nobody any more."""
    await service.pause(uses, account.account_id, campaign_id, None)
    return await back(request, f"/dashboard/campaigns/{campaign_id}", "paused")


@router.post("/resume")
async def resume_campaign(
    campaign_id: str, request: Request, account: Writer, uses: Uses
) -> Response:
    """Go on."""
    await service.resume(uses, account.account_id, campaign_id)
    return await back(request, f"/dashboard/campaigns/{campaign_id}", "resumed")


@router.post("/cancel")
async def cancel_campaign(
    campaign_id: str, request: Request, account: Writer, uses: Uses
) -> Response:
    """End it with all calls that nobody has answered."""
    await service.cancel(uses, account.account_id, campaign_id)
    return await back(request, f"/dashboard/campaigns/{campaign_id}", "campaign_canceled")
