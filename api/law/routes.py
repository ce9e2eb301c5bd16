"""/api/v1/compliance/prerequisites and /acknowledgements: what an account says is so."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Path

from api.http.actor import By
from api.http.auth import KeyFirst, requires
from api.http.deps import DryRun, Uses
from api.http.json_body import storable
from api.http.openapi import problem_responses
from api.law import service
from api.law.coming_rules import coming
from api.law.schemas import (
    AcknowledgementRequest,
    AcknowledgementView,
    ComingList,
    PrerequisiteList,
    acknowledgement_view,
)
from api.replan.replan import replan
from api.replan.schemas import NOTHING_MADE, MovesView
from storage.calls.calls import AffectedCalls
from storage.tables import Account

router = APIRouter(
    prefix="/compliance",
    tags=["compliance"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("compliance:read"))]
Writer = Annotated[Account, Depends(requires("compliance:write"))]
Named = Annotated[str, Path(max_length=64)]


@router.get("/rules/coming")
async def list_coming_rules(account: Reader, uses: Uses) -> ComingList:
    """Rules that begin or end within a year, and what each day would do to calls that wait."""
    return await coming(uses, account)


@router.get("/prerequisites")
async def list_prerequisites(account: Reader, uses: Uses) -> PrerequisiteList:
    """What rules ask of the account itself, such as a registration, and what it has said of it."""
    async with uses.db.read() as session:
        book = await uses.gatherer.book_of(session, account)
    return PrerequisiteList(
        prerequisites=service.views(book, account, uses.now()),
        acknowledgements=[acknowledgement_view(one) for one in account.acknowledgements],
    )


@router.post(
    "/acknowledgements",
    status_code=201,
    dependencies=[Depends(storable)],
    responses={**NOTHING_MADE, **problem_responses(409, 422)},
)
async def add_acknowledgement(
    body: AcknowledgementRequest,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
    dry_run: DryRun,
) -> AcknowledgementView | MovesView:
    """Say that a prerequisite is met; kept with who said it and when.

    It takes the place of the one before, which stays on record. Calls that waited for it decide
    again at once; `dryRun` says which, and changes nothing.
    """
    async with uses.db.read() as session:
        book = await uses.gatherer.book_of(session, account)
    record = service.record_of(body, book, by, uses.now())
    if dry_run:
        return await service.what_adding_would_do(uses, account, record)
    kept = await service.add(uses, account, record)
    later.add_task(replan, uses, account, AffectedCalls())
    return acknowledgement_view(kept)


@router.delete("/acknowledgements/{prerequisite}", responses=problem_responses(404))
async def withdraw_acknowledgement(
    prerequisite: Named,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
    dry_run: DryRun,
) -> AcknowledgementView | MovesView:
    """Say that it is met no longer. The record is kept, with its end."""
    if dry_run:
        return await service.what_withdrawing_would_do(uses, account, prerequisite, by)
    ended = await service.withdraw(uses, account, prerequisite, by)
    later.add_task(replan, uses, account, AffectedCalls())
    return acknowledgement_view(ended)
