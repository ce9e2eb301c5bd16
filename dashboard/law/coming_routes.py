"""/dashboard/compliance/coming: rules of a day to come, and what they do to calls that wait."""

from fastapi import APIRouter, Request, Response

from api.http.deps import Uses
from api.law import routes as rest
from api.law.routes import Reader
from dashboard.page import page
from dashboard.session.session import SignedIn

router = APIRouter(prefix="/compliance/coming", route_class=SignedIn)


@router.get("")
async def list_coming_rules(request: Request, account: Reader, uses: Uses) -> Response:
    """Day by day, with how many calls would move and end."""
    return await page(request, "law/coming.html", found=await rest.list_coming_rules(account, uses))
