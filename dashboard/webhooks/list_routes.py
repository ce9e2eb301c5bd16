"""/dashboard/webhooks: who is told of events, and how that goes."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.http.deps import Uses
from api.webhooks.routes import Reader
from dashboard.page import page
from dashboard.session.session import SignedIn
from storage.webhooks import webhook_health, webhooks

router = APIRouter(prefix="/webhooks", route_class=SignedIn)
_A_PAGE = 20


@router.get("")
async def list_webhooks(
    request: Request,
    account: Reader,
    uses: Uses,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """Newest first, with what waits and what was given up."""
    async with uses.db.browse() as session:
        rows, total = await webhooks.page(session, account.account_id, skip, _A_PAGE)
        health = await webhook_health.of(session, rows)
    return await page(
        request,
        "webhooks/list.html",
        rows=rows,
        total=total,
        health=health,
        skip=skip,
        take=_A_PAGE,
    )
