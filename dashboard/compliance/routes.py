"""Every page about compliance, and the way to the first of them that a key may see."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.http.auth import allows
from dashboard.compliance import (
    consent_routes,
    explain_routes,
    import_routes,
    list_routes,
    own_rule_routes,
    registry_routes,
    rule_routes,
    waiver_routes,
)
from dashboard.session.session import SignedIn, Who

_first = APIRouter(prefix="/compliance", route_class=SignedIn)
_PAGES = (
    ("suppressions:read", "/dashboard/do-not-call"),
    ("consents:read", "/dashboard/compliance/consents"),
    ("compliance:read", "/dashboard/compliance/rules"),
)


@_first.get("")
async def first_page(request: Request, who: Who) -> Response:
    """To the first page that the key may see; the last one says which scope it lacks."""
    open_ = (path for scope, path in _PAGES if allows(who.key.scopes, scope))
    return RedirectResponse(next(open_, _PAGES[-1][1]), 303)


router = APIRouter()
for part in (import_routes, list_routes, registry_routes, consent_routes):
    router.include_router(part.router)
for part in (rule_routes, own_rule_routes, waiver_routes, explain_routes):
    router.include_router(part.router)
router.include_router(_first)
