"""/dashboard/campaigns: the list, one of them, pause and resume."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.campaigns import routes as rest
from api.campaigns import service
from api.campaigns.routes import Reader, Writer
from api.http.deps import Uses
from dashboard.agent_names import agent_names
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from policy.model.call import CampaignStatus
from storage.campaigns.summaries import summaries_of

router = APIRouter(prefix="/campaigns", route_class=SignedIn)
_A_PAGE = 20


@router.get("")
async def list_campaigns(
    request: Request,
    account: Reader,
    uses: Uses,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """Newest first, each with how far it is."""
    found = await rest.list_campaigns(account, uses, skip=skip, take=_A_PAGE)
    async with uses.db.browse() as session:
        ids = [one.campaign_id for one in found.campaigns]
        summaries = await summaries_of(session, account.account_id, ids)
        names = await agent_names(session, found.campaigns)
    return await page(
        request,
        "campaigns/list.html",
        found=found,
        summaries=summaries,
        names=names,
        skip=skip,
        take=_A_PAGE,
    )


@router.get("/{campaign_id}")
async def show_campaign(
    campaign_id: str, request: Request, account: Reader, uses: Uses
) -> Response:
    """Where it stands, how fast it goes, and whether it will be done in time."""
    campaign = await rest.get_campaign(campaign_id, account, uses)
    async with uses.db.browse() as session:
        summaries = await summaries_of(session, account.account_id, [campaign_id])
        names = await agent_names(session, [campaign])
    return await page(
        request,
        "campaigns/campaign.html",
        campaign=campaign,
        summary=summaries[campaign_id],
        agent_name=names.get(campaign.agent_id, ""),
        can_pause=campaign.status is CampaignStatus.RUNNING,
        can_resume=campaign.status is CampaignStatus.PAUSED,
    )


@router.post("/{campaign_id}/pause")
async def pause_campaign(
    campaign_id: str, request: Request, account: Writer, uses: Uses
) -> Response:
    """Dial nobody any more."""
    await service.pause(uses, account.account_id, campaign_id, None)
    return await back(request, f"/dashboard/campaigns/{campaign_id}", "paused")


@router.post("/{campaign_id}/resume")
async def resume_campaign(
    campaign_id: str, request: Request, account: Writer, uses: Uses
) -> Response:
    """Go on."""
    await service.resume(uses, account.account_id, campaign_id)
    return await back(request, f"/dashboard/campaigns/{campaign_id}", "resumed")
