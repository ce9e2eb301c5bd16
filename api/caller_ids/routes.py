"""/api/v1/caller-ids: the numbers that agents call from, and what the carrier says of them."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Query

from api.caller_ids import service
from api.caller_ids.schemas import (
    CallerIdStandings,
    ImportRequest,
    ImportView,
    ListedNumbers,
    NumberWatchView,
    ReturnRequest,
)
from api.http.auth import KeyFirst, requires
from api.http.deps import Skip, Take, Uses
from api.http.openapi import problem_responses
from api.http.values import read_endpoint
from api.replan.replan import replan_numbers
from storage.tables import Account

router = APIRouter(
    prefix="/caller-ids",
    tags=["caller IDs"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("carriers:read"))]
Writer = Annotated[Account, Depends(requires("carriers:write"))]
Whose = Annotated[
    str | None,
    Query(
        alias="carrierAccountId",
        max_length=36,
        description="An account at the carrier; absent: the installation's own.",
    ),
]


@router.get("", responses=problem_responses(422))
async def list_caller_ids(
    account: Reader, uses: Uses, skip: Skip = 0, take: Take = 100
) -> CallerIdStandings:
    """The caller IDs of the account's agents, each with its standing at the carrier."""
    return await service.shown(uses, account, skip, take)


@router.get("/listed", responses=problem_responses(404, 422))
async def list_carrier_numbers(
    account: Reader,
    uses: Uses,
    carrier_account_id: Whose = None,
    skip: Skip = 0,
    take: Take = 100,
) -> ListedNumbers:
    """The numbers that an account at the carrier may show, as they were imported last."""
    return await service.listed(uses, account, carrier_account_id, skip, take)


@router.post("/import", responses=problem_responses(404, 422))
async def import_caller_ids(
    body: ImportRequest, account: Writer, uses: Uses, later: BackgroundTasks
) -> ImportView:
    """Ask the carrier for its list now; from then on it is asked again once a day.

    Caller IDs that are not on it are not dialed from any more: waiting calls move to others of
    their agent's, or wait with the reason `caller_id_barred`.
    """
    found, agent_ids = await service.imported(uses, account, body.carrier_account_id)
    later.add_task(replan_numbers, uses, agent_ids)
    return found


@router.post("/return", responses=problem_responses(404, 409, 422))
async def return_caller_id(body: ReturnRequest, account: Writer, uses: Uses) -> NumberWatchView:
    """Try a number that is rested again now: it is on probation, shown to some of its people."""
    number = read_endpoint(body.number, "number").value
    return await service.brought_back(uses, account, body.agent_id, number)
