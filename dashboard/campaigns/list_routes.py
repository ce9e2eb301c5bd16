"""/dashboard/campaigns: every campaign with how far it is."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.campaigns import routes as rest
from api.campaigns.routes import Reader
from api.http.deps import Uses
from api.http.problems import invalid
from dashboard.agent_names import agent_names
from dashboard.campaigns import campaign_words
from dashboard.page import page
from dashboard.session.session import SignedIn
from policy.model.call import CampaignStatus
from storage.accounts import agents
from storage.campaigns.summaries import summaries_of

router = APIRouter(prefix="/campaigns", route_class=SignedIn)
_A_PAGE = 20


@router.get("")
async def list_campaigns(
    request: Request,
    account: Reader,
    uses: Uses,
    status: Annotated[str, Query(max_length=20)] = "",
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """Newest first, of one status or all."""
    if status and status not in set(CampaignStatus):
        raise invalid("unknown_value", "status", "There is no such status.")
    wanted = [CampaignStatus(status)] if status else None
    found = await rest.list_campaigns(account, uses, status=wanted, skip=skip, take=_A_PAGE)
    async with uses.db.survey() as session:
        ids = [one.campaign_id for one in found.campaigns]
        summaries = await summaries_of(session, account.account_id, ids)
        names = await agent_names(session, found.campaigns)
        _, known_agents = await agents.page(session, account.account_id, 0, 1)
    return await page(
        request,
        "campaigns/list.html",
        found=found,
        summaries=summaries,
        names=names,
        chosen=status,
        statuses=list(CampaignStatus),
        has_agent=bool(known_agents),
        words=campaign_words,
        skip=skip,
        take=_A_PAGE,
    )
