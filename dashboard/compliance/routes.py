"""/dashboard/do-not-call: who must not be called."""

from typing import Annotated, Literal

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request, Response

from api.compliance import review_routes
from api.compliance import suppression_routes as rest
from api.compliance.review_routes import ReviewId, ReviewRequest
from api.compliance.suppression_routes import Reader, Writer
from api.http.actor import By
from api.http.deps import Services, Uses
from api.http.values import read_endpoint
from dashboard.compliance.do_not_call import stop_calling
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from storage.tables import Account

router = APIRouter(prefix="/do-not-call", route_class=SignedIn)
_HERE = "/dashboard/do-not-call"
_A_PAGE = 50
Number = Annotated[str, Form(max_length=200)]


@router.get("")
async def list_entries(
    request: Request,
    account: Reader,
    uses: Uses,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    every: Annotated[bool, Query(alias="all")] = False,
) -> Response:
    """Those in force, or all that ever were."""
    found = await rest.list_suppressions(
        account, uses, None, in_force=not every, skip=skip, take=_A_PAGE
    )
    unread = await review_routes.list_reviews(account, uses, take=_A_PAGE)
    return await page(
        request,
        "compliance/do_not_call.html",
        found=found,
        unread=unread,
        skip=skip,
        take=_A_PAGE,
        every=every,
        endpoint=None,
    )


@router.post("/find")
async def find_entries(
    request: Request, account: Reader, uses: Uses, number: Number = ""
) -> Response:
    """All entries of one number. The number stands in the form and in no address."""
    endpoint = read_endpoint(number.strip(), "number").value
    return await _of_number(request, uses, account, endpoint)


async def _of_number(request: Request, uses: Services, account: Account, endpoint: str) -> Response:
    found = await rest.list_suppressions(account, uses, endpoint, take=_A_PAGE)
    return await page(
        request,
        "compliance/do_not_call.html",
        found=found,
        unread=None,
        skip=0,
        take=_A_PAGE,
        every=True,
        endpoint=endpoint,
    )


@router.post("")
async def add_entry(
    request: Request,
    account: Writer,
    uses: Uses,
    number: Number = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Put a number on the list, and say which waiting calls that stops."""
    added = await stop_calling(uses, account, number, reason)
    said = "suppressed_stopped" if added.stopped_calls else "suppressed"
    return await back(request, _HERE, said, added.stopped_calls)


@router.post("/{suppression_id}/lift")
async def lift_entry(
    suppression_id: str,
    request: Request,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
) -> Response:
    """Take an entry back; it stays on record with the time and the key."""
    await rest.remove_suppression(suppression_id, account, uses, by, later, dry_run=False)
    return await back(request, _HERE, "lifted")


@router.post("/reviews/{review_id}")
async def decide_review(
    review_id: ReviewId,
    request: Request,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
    decision: Annotated[Literal["opted_out", "dismissed"], Form()],
) -> Response:
    """Say what a text meant that may be an opt-out."""
    body = ReviewRequest(decision=decision)
    await review_routes.decide_review(review_id, body, account, uses, by, later)
    return await back(request, _HERE, "review_" + decision)
