"""Tools about campaigns, agents and pathways."""

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp_types import InputRequiredResult
from pydantic import Field

from cli.assistants import answers, summaries
from cli.assistants.access import Access, offered
from cli.assistants.answers import AgentPage, CampaignAct, CampaignPage, CampaignProgress
from cli.assistants.call_tools import Confirm, Ctx, Limit, Skip
from trunkline_client.models import CampaignStatus, PathwayView

Campaign = Annotated[str, Field(min_length=1, max_length=200, description="Name or id.")]
_MANY = 50


class CampaignTools:
    """Each method is a tool; its docstring is what the assistant reads."""

    def __init__(self, access: Access) -> None:
        self._access = access

    @offered("campaigns:read", "List campaigns")
    async def list_campaigns(
        self,
        status: Annotated[list[CampaignStatus] | None, Field(max_length=10)] = None,
        limit: Limit = 20,
        skip: Skip = 0,
    ) -> CampaignPage:
        """List campaigns, the newest first."""
        async with self._access.api() as api:
            page = await api.list_campaigns(status=status, take=limit, skip=skip)
        return CampaignPage(
            campaigns=[summaries.campaign(one) for one in page.campaigns],
            total=page.total,
            more=skip + len(page.campaigns) < page.total,
        )

    @offered("campaigns:read", "Campaign progress")
    async def campaign_progress(self, campaign: Campaign) -> CampaignProgress:
        """Say how far a campaign is: contacts, outcomes, what waits, what was spent, its end."""
        async with self._access.api() as api:
            id = await self._access.campaign_id(api, campaign)
            return summaries.progress(await api.get_campaign(id))

    @offered("campaigns:write", "Pause a campaign", changes=True)
    async def pause_campaign(
        self,
        ctx: Ctx,
        campaign: Campaign,
        reason: Annotated[str | None, Field(max_length=500, description="Shown to others.")] = None,
        confirm: Confirm = None,
    ) -> CampaignAct | InputRequiredResult:
        """Dial nobody of a campaign any more; calls under way go on to their end."""
        return await self._move(ctx, "pause_campaign", campaign, confirm, reason)

    @offered("campaigns:write", "Resume a campaign", changes=True)
    async def resume_campaign(
        self, ctx: Ctx, campaign: Campaign, confirm: Confirm = None
    ) -> CampaignAct | InputRequiredResult:
        """Go on with a paused campaign: people are called again."""
        return await self._move(ctx, "resume_campaign", campaign, confirm)

    async def _move(
        self,
        ctx: Context[Any, Any],
        tool: str,
        campaign: str,
        confirm: str | None,
        reason: str | None = None,
    ) -> CampaignAct | InputRequiredResult:
        async with self._access.api() as api:
            id = await self._access.campaign_id(api, campaign)
            found = await api.get_campaign(id)
            said = {"campaign": id, "reason": reason, "confirm": confirm}
            question = _question(tool, summaries.progress(found))
            answer = await self._access.agreed(ctx, tool, said, question)
            if isinstance(answer, InputRequiredResult):
                return answer
            if answer.given and tool == "pause_campaign":
                found = await api.pause_campaign(id, {"detail": reason} if reason else None)
            elif answer.given:
                await api.resume_campaign(id)
                found = await api.get_campaign(id)
        told = f"It is {found.status}." if answer.given else answer.told
        return CampaignAct(
            done=answer.given, told=told, confirm=answer.word, campaign=summaries.campaign(found)
        )

    @offered("agents:read", "List agents")
    async def list_agents(self, limit: Limit = 20, skip: Skip = 0) -> AgentPage:
        """List agents: who can call, from which numbers, with which pathway."""
        async with self._access.api() as api:
            page = await api.list_agents(take=limit, skip=skip)
        same = ("agent_id", "name", "is_enabled", "timezone", "pathway_id", "purpose")
        agents = [
            answers.AgentSummary(
                **{name: getattr(one, name) for name in same}, caller_ids=one.caller_ids[:_MANY]
            )
            for one in page.agents
        ]
        more = skip + len(agents) < page.total
        return AgentPage(agents=agents, total=page.total, more=more)

    @offered("pathways:read", "List pathways")
    async def list_pathways(self, limit: Limit = 20, skip: Skip = 0) -> answers.PathwayPage:
        """List pathways: what is said on a call, and which variables a call's context fills."""
        async with self._access.api() as api:
            page = await api.list_pathways(take=limit, skip=skip)
        pathways = [_pathway(one) for one in page.pathways]
        more = skip + len(pathways) < page.total
        return answers.PathwayPage(pathways=pathways, total=page.total, more=more)


def _pathway(one: PathwayView) -> answers.PathwaySummary:
    variables = one.definition.get("variables") or []
    named = [str(name) for name in variables[:_MANY]] if isinstance(variables, list) else []
    return answers.PathwaySummary(
        pathway_id=one.pathway_id, name=one.name, kind=one.kind, variables=named
    )


def _question(tool: str, now: answers.CampaignProgress) -> str:
    ended = sum(now.outcomes.values())
    staged = now.contacts.get("staged", 0)
    verb = "Pause" if tool == "pause_campaign" else "Go on with"
    return (
        f"{verb} the campaign {now.name}? It is {now.status}: {ended:,} calls are over, "
        f"{now.in_flight:,} under way, {staged:,} contacts not called yet."
    )
