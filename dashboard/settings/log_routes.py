"""/dashboard/settings/audit-log: who changed what."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.accounts import audit_log_routes as rest
from api.accounts.audit_log_routes import Cursor, Reader
from api.http.deps import Uses
from dashboard.page import page
from dashboard.session.session import SignedIn
from storage.accounts.audit_log import AuditFilter

router = APIRouter(prefix="/settings", route_class=SignedIn)
_A_PAGE = 50
Sought = Annotated[str, Query(max_length=64)]


@router.get("/audit-log")
async def show_audit_log(
    request: Request,
    account: Reader,
    uses: Uses,
    action: Sought = "",
    of: Sought = "",
    actor: Sought = "",
    cursor: Cursor = None,
) -> Response:
    """The newest changes, or those of one key, kind or thing."""
    wanted = AuditFilter(actor or None, action or None, of or None)
    found = await rest.list_audit_log(account, uses, wanted, _A_PAGE, cursor)
    return await page(
        request,
        "settings/audit_log.html",
        found=found,
        action=action,
        of=of,
        actor=actor,
        cursor=cursor,
    )


@router.get("/audit-log.csv")
async def save_audit_log(account: Reader, uses: Uses) -> Response:
    """All of it as a file."""
    return await rest.export_audit_log(account, uses, AuditFilter())
