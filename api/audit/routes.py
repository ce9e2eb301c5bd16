"""/api/v1/calls/{call_id}/audit: one readable page, for machines and for people."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from api.audit.schemas import Audit
from api.audit.service import audit
from api.http.auth import KeyFirst, requires
from api.http.deps import Uses
from api.http.openapi import problem_responses
from storage.tables import Account

router = APIRouter(
    prefix="/calls",
    tags=["compliance"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

#: Makes the page of an audit; the floor above hands it to `create_app`.
AuditPage = Callable[[Audit], str]
Reader = Annotated[Account, Depends(requires("calls:read"))]


@router.get(
    "/{call_id}/audit",
    response_model=Audit,
    responses={
        200: {"content": {"text/html": {"schema": {"type": "string"}}}},
        **problem_responses(404),
    },
)
async def audit_call(call_id: str, request: Request, account: Reader, uses: Uses) -> Response:
    """When, why, under which rules, with which consent, every dial with its carrier id.

    JSON, or with `Accept: text/html` a page to read and print.
    """
    found = await audit(uses, account, call_id)
    page: AuditPage | None = request.app.state.audit_page
    if page is not None and "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(page(found))
    return JSONResponse(found.model_dump(mode="json", by_alias=True))
