"""Clearances: /api/v1/calls/{id}/clearances, /campaigns/{id}/clearances, /account/clearances"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.clearances import service
from api.clearances.schemas import CallClearances, ClearanceFigures, ClearancesWanted
from api.http.auth import KeyFirst, requires
from api.http.deps import Uses
from api.http.openapi import problem_responses
from storage.tables import Account

router = APIRouter(
    tags=["clearances"], route_class=KeyFirst, responses=problem_responses(401, 403, 503)
)

CallReader = Annotated[Account, Depends(requires("calls:read"))]
CampaignReader = Annotated[Account, Depends(requires("campaigns:read"))]
CampaignWriter = Annotated[Account, Depends(requires("campaigns:write"))]
After = Annotated[int, Query(ge=0, le=2**62, description="`next` of the answer before.")]


@router.get("/account/clearances")
async def account_clearances(account: CallReader, uses: Uses) -> ClearanceFigures:
    """What requests about numbers the account has made, and their cost."""
    return await service.figures(uses, account)


@router.get("/calls/{call_id}/clearances", responses=problem_responses(404))
async def call_clearances(call_id: str, account: CallReader, uses: Uses) -> CallClearances:
    """Whether the call's number is cleared to be dialed now, and every request about it."""
    return await service.of_call(uses, account, call_id)


@router.get("/campaigns/{campaign_id}/clearances", responses=problem_responses(404))
async def campaign_clearances(
    campaign_id: str, account: CampaignReader, uses: Uses
) -> ClearanceFigures:
    """What requests about its numbers a campaign has made, and their cost."""
    return await service.figures(uses, account, campaign_id)


@router.post("/campaigns/{campaign_id}/clearances", responses=problem_responses(404, 409, 422))
async def ask_campaign_clearances(
    campaign_id: str, account: CampaignWriter, uses: Uses, after: After = 0
) -> ClearancesWanted:
    """Have everything asked now that the agent demands to know of contacts not called yet.

    Up to 5,000 contacts a request. What was answered lately enough is not asked, nor paid, again.
    """
    await service.figures(uses, account, campaign_id)
    return await service.ask_ahead(uses, account, campaign_id, after)
