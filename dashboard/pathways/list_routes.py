"""/dashboard/pathways: every pathway with who speaks it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.accounts import pathway_routes as rest
from api.accounts.pathway_routes import Reader
from api.http.deps import Uses
from dashboard.page import page
from dashboard.pathways.pathway_form import KIND_WORDS
from dashboard.session.session import SignedIn
from policy.pathways.pathway import used_variables
from storage.accounts import pathways

router = APIRouter(prefix="/pathways", route_class=SignedIn)
_A_PAGE = 20


@router.get("")
async def list_pathways(
    request: Request,
    account: Reader,
    uses: Uses,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """Newest first."""
    found = await rest.list_pathways(account, uses, skip=skip, take=_A_PAGE)
    ids = [one.pathway_id for one in found.pathways]
    async with uses.db.browse() as session:
        speakers = await pathways.speakers(session, account.account_id, ids)
    return await page(
        request,
        "pathways/list.html",
        found=found,
        speakers=speakers,
        variables={
            one.pathway_id: sorted(used_variables(one.definition)) for one in found.pathways
        },
        kinds=KIND_WORDS,
        skip=skip,
        take=_A_PAGE,
    )
