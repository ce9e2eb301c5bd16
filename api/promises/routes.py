"""/api/v1/promises; one is made at /api/v1/calls/{call_id}/promise."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.http.auth import KeyFirst, requires
from api.http.deps import Take, Uses
from api.http.openapi import problem_responses
from api.http.problems import invalid
from api.promises.schemas import (
    PromiseFigures,
    PromiseList,
    figures_view,
    promise_view,
)
from storage.calls import promises
from storage.calls.promises import BadCursor
from storage.tables import Account

#: Of figures, unless others are asked for.
DAYS = 30

router = APIRouter(
    prefix="/promises",
    tags=["promises"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)
Reader = Annotated[Account, Depends(requires("calls:read"))]
Writer = Annotated[Account, Depends(requires("calls:write"))]
OfCall = Annotated[
    str | None,
    Query(alias="callId", max_length=64, description="Made in this call, or kept by it."),
]


@router.get("", responses=problem_responses(422))
async def list_promises(
    account: Reader,
    uses: Uses,
    every: Annotated[
        bool, Query(alias="all", description="Also those that are settled, newest first.")
    ] = False,
    call_id: OfCall = None,
    take: Take = 20,
    cursor: Annotated[
        str | None, Query(max_length=200, description="`nextCursor` of the page before.")
    ] = None,
) -> PromiseList:
    """Open promises, the next one first; of one call all there were, the newest first."""
    async with uses.db.survey() as session:
        if call_id is not None:
            of_call = await promises.of_call(session, account.account_id, call_id)
            return PromiseList(promises=list(map(promise_view, of_call)), next_cursor=None)
        try:
            rows, following = await promises.page(
                session, account.account_id, is_open=not every, take=take, cursor=cursor
            )
        except BadCursor:
            raise invalid(
                "bad_cursor", "cursor", "This is not a cursor that a list gave."
            ) from None
    return PromiseList(promises=list(map(promise_view, rows)), next_cursor=following)


@router.get("/figures")
async def promise_figures(
    account: Reader,
    uses: Uses,
    days: Annotated[int, Query(ge=1, le=366, description="Settled within so many.")] = DAYS,
) -> PromiseFigures:
    """How many promises were kept and missed, and the share of those kept."""
    since = uses.now() - timedelta(days=days)
    async with uses.db.survey() as session:
        return figures_view(await promises.figures(session, account.account_id, since), since)
