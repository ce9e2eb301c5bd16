"""/dashboard/sign-in, sign-out and zone: who looks, and by which clock."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.http.auth import holder_of, source_of
from api.http.deps import Services, Uses
from api.http.problems import Problem, invalid
from dashboard import cookies
from dashboard.page import back, page
from dashboard.session.session import (
    PageRoute,
    SignedIn,
    begin,
    end,
    keep_sign_in_nonce,
    page_of_ours,
    session_of,
    sign_in_nonce,
    signer_of_app,
)
from dashboard.viewer import zone_names, zone_of
from storage.accounts import agents
from storage.tables import Account

signed_out = APIRouter(route_class=PageRoute)
signed_in = APIRouter(route_class=SignedIn)
_A_YEAR = 365 * 24 * 3600
_LONGEST_KEY = 500
#: So many agents are looked at for the zone they share.
_AGENTS_ASKED = 20

_WRONG = {
    401: "This key is unknown, over or was revoked.",
    429: "Too many wrong keys came from here. Wait a minute, then try again.",
}

Next = Annotated[str, Query(alias="next", max_length=200)]
NextField = Annotated[str, Form(alias="next", max_length=200)]


@signed_out.get("/sign-in")
async def sign_in_page(request: Request, uses: Uses, wanted: Next = "") -> Response:
    """The form for a key. Whoever has signed in already goes on."""
    if await session_of(request) is not None:
        return RedirectResponse(page_of_ours(wanted), 303)
    return await _form(request, uses, wanted)


@signed_out.post("/sign-in")
async def sign_in(
    request: Request,
    uses: Uses,
    key: Annotated[str, Form(max_length=_LONGEST_KEY)] = "",
    wanted: NextField = "",
) -> Response:
    """Check the key as the API does, and hand out a session."""
    try:
        found = await holder_of(uses, key.strip(), source_of(request))
    except Problem as problem:
        if problem.status not in (401, 429):
            raise
        return await _form(request, uses, wanted, problem)
    answer = RedirectResponse(page_of_ours(wanted), 303)
    begin(request, answer, uses, found[1])
    if cookies.ZONE not in request.cookies and (zone := await _shared_zone(uses, found[0])):
        cookies.put(answer, uses.settings, cookies.ZONE, zone, _A_YEAR)
    return answer


async def _form(
    request: Request, uses: Services, wanted: str, problem: Problem | None = None
) -> Response:
    nonce = sign_in_nonce(request, uses)
    answer = await page(
        request,
        "session/sign_in.html",
        problem.status if problem else 200,
        token=signer_of_app(request).sign_in_token(nonce),
        wanted=page_of_ours(wanted),
        wrong=problem and _WRONG[problem.status],
    )
    if problem is not None and problem.status == 429:
        answer.headers.update(problem.headers)
    keep_sign_in_nonce(answer, uses, nonce)
    return answer


async def _shared_zone(uses: Services, account: Account) -> str:
    """The zone of the account's agents, if they all have the same."""
    async with uses.db.read() as session:
        some, _ = await agents.page(session, account.account_id, 0, _AGENTS_ASKED)
    zones = {agent.timezone for agent in some}
    return zones.pop() if len(zones) == 1 else ""


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
router.include_router(signed_in)
