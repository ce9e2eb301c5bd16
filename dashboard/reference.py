"""/docs: the API to read and to try, from files of ours; and the icon that browsers ask for."""

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from dashboard.renderer import render, static_path

router = APIRouter()
#: Swagger UI sets styles of its own on its elements and has its icons in its style sheet.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@router.get("/docs")
async def api_reference() -> Response:
    """What `/openapi.json` says, as a page. It needs no other host."""
    return HTMLResponse(render("shared/reference.html"), headers=_HEADERS)


@router.get("/favicon.ico")
async def icon() -> Response:
    """Where browsers look that were told nothing."""
    return RedirectResponse(static_path("icon.svg"), 307)
