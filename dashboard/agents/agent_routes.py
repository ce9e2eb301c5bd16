"""/dashboard/agents/{agent_id}: who calls, when, within which limits, and what it is doing."""

from typing import Any

from fastapi import APIRouter, BackgroundTasks, Request, Response

from api.accounts import agent_routes as rest
from api.accounts.agent_routes import Reader, Writer
from api.accounts.agent_schemas import AgentPatch, AgentView
from api.http.auth import allows
from api.http.deps import Services, Uses
from dashboard.agents import agent_words
from dashboard.page import back, page
from dashboard.session.session import SignedIn, Who
from storage.accounts import agents, names
from storage.call_lists import call_counts
from storage.call_lists.call_counts import AgentCalls
from storage.campaigns import campaigns
from storage.facts import daypart_rates

router = APIRouter(prefix="/agents/{agent_id}", route_class=SignedIn)
_CAMPAIGNS_SHOWN = 10


@router.get("")
async def show_agent(
    agent_id: str, request: Request, account: Reader, uses: Uses, who: Who
) -> Response:
    """All that is set, in words."""
    agent = await rest.get_agent(agent_id, account, uses)
    return await page(
        request,
        "agents/agent.html",
        agent=agent,
        account=account,
        words=agent_words,
        **await _around(uses, who, agent),
    )


async def _around(uses: Services, who: Who, agent: AgentView) -> dict[str, Any]:
    """What has to do with it, as far as the key may see that."""
    account_id = who.account.account_id
    async with uses.db.browse() as session:
        busy = await call_counts.of_agents(session, account_id, [agent.agent_id])
        row = await agents.get(session, account_id, agent.agent_id) if agent.best_times else None
        best_times = row and await daypart_rates.best_times_of(session, row, uses.now())
        spoken = await names.pathways(session, account_id, {agent.pathway_id or ""})
        named = []
        if allows(who.key.scopes, "campaigns:read"):
            named = await campaigns.naming(
                session, account_id, _CAMPAIGNS_SHOWN, agent_id=agent.agent_id
            )
    return {
        "busy": busy.get(agent.agent_id, AgentCalls()),
        "pathway_name": spoken.get(agent.pathway_id or "", ""),
        "campaigns": named,
        "best_times": best_times,
    }


@router.post("/enable")
async def enable_agent(
    agent_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    later: BackgroundTasks,
) -> Response:
    """Its calls go on."""
    return await _switch(request, agent_id, account, uses, later, is_enabled=True)


@router.post("/disable")
async def disable_agent(
    agent_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    later: BackgroundTasks,
) -> Response:
    """Its calls wait."""
    return await _switch(request, agent_id, account, uses, later, is_enabled=False)


async def _switch(
    request: Request,
    agent_id: str,
    account: Writer,
    uses: Services,
    later: BackgroundTasks,
    *,
    is_enabled: bool,
) -> Response:
    patch = AgentPatch.model_validate({"isEnabled": is_enabled})
    await rest.change_agent(agent_id, patch, account, uses, later, dry_run=False)
    said = "agent_enabled" if is_enabled else "agent_disabled"
    return await back(request, f"/dashboard/agents/{agent_id}", said, later=later)


@router.post("/delete")
async def delete_agent(
    agent_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    later: BackgroundTasks,
) -> Response:
    """For good; its waiting calls are canceled."""
    await rest.delete_agent(agent_id, account, uses, later)
    return await back(request, "/dashboard/agents", "agent_deleted", later=later)
