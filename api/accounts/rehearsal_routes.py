"""/api/v1/pathways/rehearsal: what somebody who is called would hear, of a draft or a pathway."""

from fastapi import APIRouter, Request

from api.accounts.pathway_routes import Reader, found_pathway
from api.accounts.rehearsal import rehearsal_of
from api.accounts.rehearsal_schemas import DraftRehearsalRequest, RehearsalRequest, RehearsalView
from api.http.auth import KeyFirst, require_scope
from api.http.deps import Uses
from api.http.openapi import problem_responses

router = APIRouter(
    prefix="/pathways",
    tags=["pathways"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)


async def may_see_agents(request: Request, asked: RehearsalRequest) -> None:
    """Raises for a key that names an agent and may see none."""
    if asked.agent_id is not None:
        require_scope(request.state.holder[1], "agents:read")


@router.post("/rehearsal", responses=problem_responses(422))
async def rehearse_draft(
    body: DraftRehearsalRequest, account: Reader, uses: Uses, request: Request
) -> RehearsalView:
    """Walk a pathway that is not saved as somebody who is called would. Nobody is."""
    await may_see_agents(request, body)
    return await rehearsal_of(uses, account.account_id, body.kind, body.definition, body)


@router.post("/{pathway_id}/rehearsal", responses=problem_responses(404, 422))
async def rehearse_pathway(
    pathway_id: str, body: RehearsalRequest, account: Reader, uses: Uses, request: Request
) -> RehearsalView:
    """Walk a pathway as somebody who is called would: what is heard, and how it ends."""
    await may_see_agents(request, body)
    async with uses.db.read() as session:
        pathway = await found_pathway(session, account, pathway_id)
    return await rehearsal_of(uses, account.account_id, pathway.kind, pathway.definition, body)
