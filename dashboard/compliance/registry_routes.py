"""/dashboard/compliance/registries: the lists of others, and how old they are here."""

from fastapi import APIRouter, Request, Response

from api.compliance.suppression_routes import Reader
from api.http.deps import Uses
from dashboard.compliance.registries import known
from dashboard.page import page
from dashboard.session.session import SignedIn

router = APIRouter(prefix="/compliance/registries", route_class=SignedIn)


@router.get("")
async def list_registries(request: Request, account: Reader, uses: Uses) -> Response:
    """Those that were imported, and those that rules ask for."""
    return await page(request, "compliance/registries.html", known=await known(uses, account))
