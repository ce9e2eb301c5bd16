"""/api/v1/suppressions/reviews: texts that may be an opt-out, for a person to read."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, BackgroundTasks, Depends, Path
from pydantic import ConfigDict, Field

from api.compliance.suppression_routes import Reader, Writer
from api.http.actor import By
from api.http.auth import KeyFirst
from api.http.deps import Skip, Take, Uses
from api.http.json_body import storable
from api.http.openapi import problem_responses
from api.http.problems import conflict, not_found
from api.http.schema import JsonObject, Request, View
from api.replan.replan import replan_calls
from policy.model.person import Review
from storage.compliance import text_reviews
from storage.compliance.opt_out import opt_out, waiting_for
from storage.tables import Inbound

router = APIRouter(
    prefix="/suppressions/reviews",
    tags=["compliance"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

_REVIEW: JsonObject = {
    "reviewId": "12",
    "endpoint": "+12025550123",
    "text": "Who is this? I am not interested",
    "receivedTime": "2026-11-25T17:02:35Z",
    "holds": True,
    "state": "pending",
}
ReviewId = Annotated[int, Path(ge=1, le=2**53, examples=[12])]


class ReviewView(View):
    """`text` null: it was read, and is not kept. `holds`: nobody dials the number meanwhile."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REVIEW]})

    review_id: str
    endpoint: str
    text: str | None
    received_time: datetime
    holds: bool
    state: Review


class ReviewList(View):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reviews": [_REVIEW], "total": 1}]})

    reviews: list[ReviewView]
    total: int


class ReviewRequest(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "opted_out"}]})

    decision: Literal["opted_out", "dismissed"] = Field(
        description="Whether the text asks not to be called again."
    )


@router.get("")
async def list_reviews(account: Reader, uses: Uses, skip: Skip = 0, take: Take = 20) -> ReviewList:
    """Texts that nobody has read yet, the oldest first."""
    async with uses.db.browse() as session:
        rows, total = await text_reviews.page(session, account.account_id, skip, take)
    return ReviewList(reviews=[_view(row) for row in rows], total=total)


@router.post(
    "/{review_id}",
    dependencies=[Depends(storable)],
    responses=problem_responses(404, 409, 422),
)
async def decide_review(
    review_id: ReviewId,
    body: ReviewRequest,
    account: Writer,
    uses: Uses,
    by: By,
    later: BackgroundTasks,
) -> ReviewView:
    """Say what a text meant: an opt-out, or nothing of the kind. The waiting calls are told."""
    now, wanted = uses.now(), Review(body.decision)
    async with uses.db.write() as session:
        row = await text_reviews.hold(session, account.account_id, review_id)
        if row is None:
            raise not_found("review")
        if row.review not in (Review.PENDING, wanted):
            raise conflict("already_reviewed", f"The text was read already: {row.review}.")
        assert row.from_endpoint is not None
        is_new = row.review is Review.PENDING
        if is_new:
            await text_reviews.settle(session, row, wanted, by, now)
        if is_new and wanted is Review.OPTED_OUT:
            await opt_out(session, account.account_id, row.from_endpoint, "inbound_text", now)
        waiting = await waiting_for(session, account.account_id, row.from_endpoint)
        view = _view(row)
    later.add_task(replan_calls, uses, waiting)
    return view


def _view(row: Inbound) -> ReviewView:
    assert row.from_endpoint is not None
    assert row.review is not None
    return ReviewView(
        review_id=str(row.inbound_id),
        endpoint=row.from_endpoint,
        text=row.text,
        received_time=row.at,
        holds=row.holds,
        state=row.review,
    )
