"""/dashboard/agents: every agent with what it is doing."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.accounts import agent_routes as rest
from api.accounts.agent_routes import Reader
from api.http.deps import Uses
from dashboard.agents import agent_words
from dashboard.page import page
from dashboard.session.session import SignedIn
from storage.accounts import names
from storage.call_lists import call_counts
from storage.call_lists.call_counts import AgentCalls

router = APIRouter(prefix="/agents", route_class=SignedIn)
_A_PAGE = 20


@router.get("")
async def list_agents(
    request: Request,
    account: Reader,
    uses: Uses,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """Newest first."""
    found = await rest.list_agents(account, uses, skip=skip, take=_A_PAGE)
    ids = [one.agent_id for one in found.agents]
    spoken = {one.pathway_id for one in found.agents if one.pathway_id}
    async with uses.db.browse() as session:
        busy = await call_counts.of_agents(session, account.account_id, ids)
        pathways = await names.pathways(session, account.account_id, spoken)
    return await page(
        request,
        "agents/list.html",
        found=found,
        busy={agent_id: busy.get(agent_id, AgentCalls()) for agent_id in ids},
        pathways=pathways,
        account=account,
        words=agent_words,
        skip=skip,
        take=_A_PAGE,
    )
