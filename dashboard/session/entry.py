"""The door of the dashboard: the page with its forms, and what whoever came in is given."""

from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.deps import Services
from api.http.known_keys import Holder
from api.http.problems import Problem
from dashboard import cookies
from dashboard.page import page
from dashboard.session.session import (
    begin,
    keep_sign_in_nonce,
    page_of_ours,
    sign_in_nonce,
    signer_of_app,
)
from storage.accounts import agents, people, single_sign_on
from storage.tables import Account, SingleSignOn

_A_YEAR = 365 * 24 * 3600
#: So many agents are looked at for the zone they share.
_AGENTS_ASKED = 20
_LONGEST_ID = 64
_WRONG = {
    "unauthorized": "This key is unknown, over or was revoked.",
    "too_many_wrong_keys": "Too many wrong keys or passwords came from here. Wait a minute, then "
    "try again.",
    "wrong_password": "Address and password do not belong together. If you work in several "
    "accounts, say in which.",
    "overloaded": "Too many sign in at once. Try again shortly.",
    "too_many_passwords": "Too many passwords were tried for this address. Wait a minute, then try "
    "again.",
}


async def form(
    request: Request,
    uses: Services,
    wanted: str,
    problem: Problem | None = None,
    *,
    email: str = "",
) -> Response:
    """The page with the forms; `problem`: why the last try did not do."""
    nonce = sign_in_nonce(request, uses)
    async with uses.db.read() as session:
        has_people = await people.has_anybody_joined(session)
        sign_on = await _provider(request, session)
    by_key = problem is not None and not email and problem.code in _WRONG
    answer = await page(
        request,
        "session/sign_in.html",
        problem.status if problem else 200,
        token=signer_of_app(request).sign_in_token(nonce),
        wanted=page_of_ours(wanted),
        wrong=problem and _WRONG.get(problem.code, problem.detail),
        # Until there are people the key is all there is.
        is_key=by_key or (not has_people and not email),
        email=email,
        provider=_address(sign_on, wanted),
    )
    if problem is not None:
        answer.headers.update(problem.headers)
        del answer.headers["WWW-Authenticate"]
    keep_sign_in_nonce(answer, uses, nonce)
    return answer


async def entered(request: Request, uses: Services, found: Holder, wanted: str) -> Response:
    """A session, and the way to what was wanted."""
    account, key = found
    answer = RedirectResponse(page_of_ours(wanted), 303)
    begin(request, answer, uses, key)
    if cookies.ZONE not in request.cookies and (zone := await _shared_zone(uses, account)):
        cookies.put(answer, uses.settings, cookies.ZONE, zone, _A_YEAR)
    return answer


async def _provider(request: Request, session: AsyncSession) -> SingleSignOn | None:
    """The one by which this browser came in before, or the only one there is."""
    known = request.cookies.get(cookies.PROVIDER, "")[:_LONGEST_ID]
    found = await single_sign_on.with_id(session, known) if known else None
    return found or await single_sign_on.the_only_one(session)


def _address(sign_on: SingleSignOn | None, wanted: str) -> str:
    """Where single sign-on begins."""
    if sign_on is None:
        return ""
    query = urlencode({"next": page_of_ours(wanted)})
    return f"/dashboard/sign-in/with/{sign_on.sign_on_id}?{query}"


async def _shared_zone(uses: Services, account: Account) -> str:
    """The zone of the account's agents, if they all have the same."""
    async with uses.db.read() as session:
        some, _ = await agents.page(session, account.account_id, 0, _AGENTS_ASKED)
    zones = {agent.timezone for agent in some}
    return zones.pop() if len(zones) == 1 else ""
