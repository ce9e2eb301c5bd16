"""/api/v1/pathways"""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.accounts.pathway_schemas import (
    PathwayList,
    PathwayPatch,
    PathwayRequest,
    PathwayView,
    pathway_view,
)
from api.calls.filters import NameFilter, only_names
from api.http.auth import KeyFirst, requires
from api.http.deps import Skip, Take, Uses
from api.http.openapi import located, problem_responses
from api.http.problems import conflict, not_found, refused
from api.http.schema import JsonObject
from api.replan.mended_contacts import mend_contacts
from policy.model.call import Refusal
from policy.model.reasons import RefusalCode
from policy.pathways.pathway import check_pathway, hands_over, transfer_targets
from storage.accounts import pathways
from storage.calls.calls import AffectedCalls
from storage.tables import Account, Pathway
from storage.transfers import targets

router = APIRouter(
    prefix="/pathways",
    tags=["pathways"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("pathways:read"))]
Writer = Annotated[Account, Depends(requires("pathways:write"))]


@router.post("", status_code=201, responses={**located(201), **problem_responses(422)})
async def create_pathway(
    body: PathwayRequest, account: Writer, uses: Uses, response: Response
) -> PathwayView:
    """Create a pathway. Unknown variables, dead ends and unreachable nodes are refused."""
    _check(body.kind, body.definition)
    now = uses.now()
    pathway = Pathway(
        account_id=account.account_id, created_time=now, updated_time=now, **dict(body)
    )
    pathway.hands_over = hands_over(body.kind, body.definition)
    async with uses.db.write() as session:
        await _require_targets(session, account, body.kind, body.definition)
        await pathways.add(session, pathway)
    response.headers["Location"] = f"/api/v1/pathways/{pathway.pathway_id}"
    return pathway_view(pathway)


@router.get("", dependencies=[Depends(only_names)], responses=problem_responses(422))
async def list_pathways(
    account: Reader, uses: Uses, name: NameFilter = None, skip: Skip = 0, take: Take = 20
) -> PathwayList:
    """The account's pathways."""
    async with uses.db.read() as session:
        rows, total = await pathways.page(session, account.account_id, skip, take, name)
    return PathwayList(pathways=[pathway_view(row) for row in rows], total=total)


@router.get("/{pathway_id}", responses=problem_responses(404))
async def get_pathway(pathway_id: str, account: Reader, uses: Uses) -> PathwayView:
    """One pathway."""
    async with uses.db.read() as session:
        return pathway_view(await found_pathway(session, account, pathway_id))


@router.put("/{pathway_id}", responses=problem_responses(404, 422))
async def replace_pathway(
    pathway_id: str, body: PathwayRequest, account: Writer, uses: Uses, later: BackgroundTasks
) -> PathwayView:
    """Replace a pathway. Calls that wait use the new one."""
    return await _changed(uses, account, pathway_id, dict(body), later)


@router.patch("/{pathway_id}", responses=problem_responses(404, 422))
async def change_pathway(
    pathway_id: str, body: PathwayPatch, account: Writer, uses: Uses, later: BackgroundTasks
) -> PathwayView:
    """Change the fields that are named; the others stay."""
    said = {name: getattr(body, name) for name in body.model_fields_set}
    return await _changed(uses, account, pathway_id, said, later)


@router.delete("/{pathway_id}", status_code=204, responses=problem_responses(404, 409))
async def delete_pathway(pathway_id: str, account: Writer, uses: Uses) -> None:
    """Delete a pathway that no agent and no open call uses."""
    async with uses.db.write() as session:
        pathway = await found_pathway(session, account, pathway_id)
        if await pathways.in_use(session, account.account_id, pathway_id):
            raise conflict("in_use", "An agent or an open call uses this pathway.")
        await pathways.delete(session, pathway, uses.now())


async def _changed(
    uses: Uses, account: Account, pathway_id: str, values: JsonObject, later: BackgroundTasks
) -> PathwayView:
    async with uses.db.write() as session:
        pathway = await found_pathway(session, account, pathway_id)
        kind = values.get("kind", pathway.kind)
        definition = values.get("definition", pathway.definition)
        _check(kind, definition)
        if "definition" in values:
            await _require_targets(session, account, kind, definition)
            pathway.hands_over = hands_over(kind, definition)
        for name, value in values.items():
            setattr(pathway, name, value)
        pathway.updated_time = uses.now()
        session.add(pathway)
    later.add_task(mend_contacts, uses, account, AffectedCalls(), pathway_id)
    return pathway_view(pathway)


def _check(kind: str, definition: JsonObject) -> None:
    findings = check_pathway(kind, definition)
    if findings:
        raise refused(findings)


async def _require_targets(
    session: AsyncSession, account: Account, kind: str, definition: JsonObject
) -> None:
    """Refuses names that no transfer target of the account has."""
    named = transfer_targets(kind, definition)
    known = await targets.known(session, account.account_id, named)
    message = "There is no such transfer target."
    unknown = [
        Refusal(RefusalCode.UNKNOWN_TARGET, field, message)
        for name, field in named.items()
        if name not in known
    ]
    if unknown:
        raise refused(unknown)


async def found_pathway(session: AsyncSession, account: Account, pathway_id: str) -> Pathway:
    pathway = await pathways.get(session, account.account_id, pathway_id)
    if pathway is None:
        raise not_found("pathway")
    return pathway
