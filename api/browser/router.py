"""Every page under /dashboard. None of them is part of the API's description."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.browser import (
    calls,
    campaigns,
    overview,
    signing_in,
    static,
    suppressions,
)
from api.browser.headers import PREFIX
from api.browser.session import SignedIn, page_of_ours
from api.problems import not_found

router = APIRouter(include_in_schema=False)
for part in (static, signing_in, overview, calls, campaigns, suppressions):
    router.include_router(part.router, prefix=PREFIX)
_others = APIRouter(route_class=SignedIn)


@_others.get("/{rest:path}")
async def no_such_page(request: Request) -> Response:
    """What is no page is told on one; a slash too many is forgiven."""
    without_slash = request.url.path.rstrip("/")
    if without_slash != request.url.path:
        return RedirectResponse(page_of_ours(without_slash), 303)
    raise not_found("page")


router.include_router(_others, prefix=PREFIX)
