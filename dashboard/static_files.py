"""/dashboard/static: files whose names change with their content, so they may be kept for good."""

from fastapi import APIRouter, Response

from api.http.problems import not_found
from dashboard.renderer import static_files
from dashboard.session.session import PageRoute

router = APIRouter(route_class=PageRoute)
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/static/{name}")
async def static_file(name: str) -> Response:
    """One file, by the name that a page gives it."""
    found = static_files().get(name)
    if found is None:
        raise not_found("file")
    content, media_type = found
    return Response(content, media_type=media_type, headers=_FOR_GOOD)
