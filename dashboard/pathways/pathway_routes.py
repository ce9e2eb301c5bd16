"""/dashboard/pathways/{pathway_id}: what is said, drawn, and by whom."""

from fastapi import APIRouter, Request, Response

from api.accounts import pathway_routes as rest
from api.accounts.pathway_routes import Reader, Writer
from api.http.auth import allows
from api.http.deps import Services, Uses
from dashboard.page import back, page
from dashboard.pathways.pathway_form import KIND_WORDS, as_text, check_of, form_of
from dashboard.session.session import SignedIn, Who
from policy.pathways.pathway import required_variables, used_variables
from storage.accounts import pathways
from storage.campaigns import campaigns
from storage.tables import Agent, Campaign

router = APIRouter(prefix="/pathways/{pathway_id}", route_class=SignedIn)
_CAMPAIGNS_SHOWN = 10


@router.get("")
async def show_pathway(
    pathway_id: str, request: Request, account: Reader, uses: Uses, who: Who
) -> Response:
    """The script drawn, or where the call is put through; who speaks it."""
    pathway = await rest.get_pathway(pathway_id, account, uses)
    speakers, of_campaigns = await _users(uses, who, pathway_id)
    used = used_variables(pathway.definition)
    return await page(
        request,
        "pathways/pathway.html",
        pathway=pathway,
        check=check_of(form_of(pathway)),
        wanted=sorted(required_variables(pathway.definition)),
        optional=sorted(used - required_variables(pathway.definition)),
        speakers=speakers,
        campaigns=of_campaigns,
        kinds=KIND_WORDS,
        text=as_text(pathway.definition),
    )


async def _users(uses: Services, who: Who, pathway_id: str) -> tuple[list[Agent], list[Campaign]]:
    """Agents that speak it, and campaigns that name it, as far as the key may see them."""
    account_id = who.account.account_id
    async with uses.db.browse() as session:
        speakers: list[Agent] = []
        if allows(who.key.scopes, "agents:read"):
            found = await pathways.speakers(session, account_id, [pathway_id])
            speakers = found.get(pathway_id, [])
        named: list[Campaign] = []
        if allows(who.key.scopes, "campaigns:read"):
            named = await campaigns.naming(
                session, account_id, _CAMPAIGNS_SHOWN, pathway_id=pathway_id
            )
    return speakers, named


@router.post("/delete")
async def delete_pathway(
    pathway_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """For good, unless somebody uses it."""
    await rest.delete_pathway(pathway_id, account, uses)
    return await back(request, "/dashboard/pathways", "pathway_deleted")
