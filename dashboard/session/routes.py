"""/dashboard/sign-in, sign-out and zone: who looks, and by which clock."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.http.auth import holder_of, source_of
from api.http.deps import Uses
from api.http.known_keys import Holder
from api.http.problems import Problem, invalid
from api.people import sign_in as people
from dashboard import cookies
from dashboard.page import back, page
from dashboard.session import link_routes, sign_on_routes
from dashboard.session.entry import entered, form
from dashboard.session.session import PageRoute, SignedIn, end, page_of_ours, session_of
from dashboard.viewer import zone_names, zone_of

signed_out = APIRouter(route_class=PageRoute)
signed_in = APIRouter(route_class=SignedIn)
_A_YEAR = 365 * 24 * 3600
_LONGEST = 500

Next = Annotated[str, Query(alias="next", max_length=200)]
Typed = Annotated[str, Form(max_length=_LONGEST)]
NextField = Annotated[str, Form(alias="next", max_length=200)]


@signed_out.get("/sign-in")
async def sign_in_page(request: Request, uses: Uses, wanted: Next = "") -> Response:
    """The forms for people and for keys. Whoever has signed in already goes on."""
    if await session_of(request) is not None:
        return RedirectResponse(page_of_ours(wanted), 303)
    return await form(request, uses, wanted)


@signed_out.post("/sign-in")
async def sign_in(
    request: Request,
    uses: Uses,
    key: Typed = "",
    email: Typed = "",
    password: Typed = "",
    account: Typed = "",
    wanted: NextField = "",
) -> Response:
    """Check the key as the API does, or who it is and their password; and hand out a session."""
    try:
        if email.strip():
            source = source_of(request)
            found: Holder = await people.by_password(uses, email, password, account, source)
        else:
            found = await holder_of(uses, key.strip(), source_of(request))
    except Problem as problem:
        if problem.status not in (401, 429):
            raise
        return await form(request, uses, wanted, problem, email=email)
    return await entered(request, uses, found, wanted)


@signed_in.post("/sign-out")
async def sign_out(request: Request, uses: Uses) -> Response:
    """End the session, for everybody who may have its cookie."""
    answer = await back(request, "/dashboard/sign-in", "signed_out")
    await end(request, answer, uses)
    return answer


@signed_in.get("/zone")
async def zone_page(request: Request) -> Response:
    """The choice of a clock."""
    return await page(request, "session/zone.html", zones=zone_names())


@signed_in.post("/zone")
async def choose_zone(
    request: Request, uses: Uses, zone: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """Show times by this clock from now on, in this browser."""
    if zone_of(zone) is None:
        raise invalid("unknown_value", "zone", "There is no such time zone.")
    answer = await back(request, "/dashboard", "zone")
    cookies.put(answer, uses.settings, cookies.ZONE, zone, _A_YEAR)
    return answer


router = APIRouter()
router.include_router(signed_out)
router.include_router(link_routes.router)
router.include_router(sign_on_routes.router)
router.include_router(signed_in)
