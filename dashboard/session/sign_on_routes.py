"""/dashboard/sign-in/with and /callback: to a provider of single sign-on, and back from it."""

import hmac
from typing import Annotated
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.http.auth import source_of
from api.http.deps import Services, Uses
from api.http.known_keys import Holder
from api.http.problems import Problem, not_found
from api.people import sign_in as people
from api.people.oidc import Providers, SignOnFailed
from api.people.sign_on_service import client_of
from dashboard import cookies
from dashboard.page import page
from dashboard.session.entry import entered, form
from dashboard.session.session import (
    PageRoute,
    keep_sign_in_nonce,
    page_of_ours,
    sign_in_nonce,
    signer_of_app,
)
from dashboard.session.sign_on import LASTS, Departure, depart, read_departure, secrets_of
from storage.accounts import accounts, single_sign_on
from storage.tables import SingleSignOn

log = structlog.get_logger("trunkline.api")

router = APIRouter(prefix="/sign-in", route_class=PageRoute)
Wanted = Annotated[str, Query(alias="next", max_length=200)]
Go = Annotated[str, Query(max_length=64)]
Said = Annotated[str, Query(max_length=4000)]
Issuer = Annotated[str | None, Query(alias="iss", max_length=1000)]
_A_YEAR = 365 * 24 * 3600
#: What nobody does who only signs in.
_STRANGE = frozenset({"not_begun_here", "bad_token", "other_issuer", "provider_refused"})
_WRONG = {
    "provider_away": "Your provider cannot be reached. Try again shortly.",
    "provider_refused": "Your provider did not answer as it should. Ask whoever runs it.",
    "unverified_email": "Your provider does not say that your address has been verified.",
    "token_over": "This took too long, or clocks differ. Try again.",
}


@router.get("/with/{sign_on_id}")
async def leave_for_provider(
    request: Request, uses: Uses, sign_on_id: str, wanted: Wanted = "", go: Go = ""
) -> Response:
    """Off to the provider. Whoever was led here by another site is asked whether they meant it."""
    uses.doors.turn_away(uses.settings, source_of(request))
    signer = signer_of_app(request)
    row = await _sign_on(uses, sign_on_id)
    if row is None:
        uses.doors.note_stranger(uses.settings, source_of(request))
        raise not_found("single sign-on")
    if not _is_meant(request, uses, go):
        return await _asked(request, uses, row, wanted)
    said = depart(signer, sign_on_id, page_of_ours(wanted), uses.now())
    try:
        client = client_of(uses, row)
        address = await _providers(request).address(client, secrets_of(signer, said))
    except SignOnFailed as failed:
        return await _failed(request, uses, wanted, failed)
    answer = RedirectResponse(address, 303)
    _put(answer, uses, str(said), int(LASTS.total_seconds()))
    return answer


@router.get("/callback")
async def come_from_provider(
    request: Request,
    uses: Uses,
    code: Said = "",
    state: Said = "",
    error: Said = "",
    iss: Issuer = None,
) -> Response:
    """Whoever comes back with a code is who the provider says, or stays out."""
    uses.doors.turn_away(uses.settings, source_of(request))
    signer = signer_of_app(request)
    shown = request.cookies.get(cookies.sign_on(uses.settings), "")
    said = read_departure(signer, shown, uses.now())
    if said is None or not hmac.compare_digest(
        secrets_of(signer, said).state.encode(), state.encode()
    ):
        failed = SignOnFailed("not_begun_here", "This was not begun in this browser just now.")
        return await _failed(request, uses, "", failed)
    try:
        if error or not code:
            raise SignOnFailed("provider_declined", "Your provider did not let you in.")
        found = await _vouched_for(request, uses, said, code, iss)
    except SignOnFailed as failed:
        return await _failed(request, uses, said.wanted, failed)
    except Problem as problem:
        if problem.status != 403:
            raise
        return await _refused(request, uses, said.wanted, problem)
    answer = await entered(request, uses, found, said.wanted)
    _put(answer, uses, "", 0)
    cookies.put(answer, uses.settings, cookies.PROVIDER, said.sign_on_id, _A_YEAR)
    return answer


def _is_meant(request: Request, uses: Services, go: str) -> bool:
    """Else a stranger's provider could sign somebody in, unasked, to the stranger's account."""
    if request.headers.get("sec-fetch-site") in {"same-origin", "none"}:
        return True
    nonce = request.cookies.get(cookies.sign_in(uses.settings), "")
    expected = signer_of_app(request).sign_in_token(nonce)
    return bool(nonce) and hmac.compare_digest(expected.encode(), go.encode())


async def _asked(request: Request, uses: Services, row: SingleSignOn, wanted: str) -> Response:
    nonce = sign_in_nonce(request, uses)
    query = {"next": page_of_ours(wanted), "go": signer_of_app(request).sign_in_token(nonce)}
    async with uses.db.read() as session:
        account = await accounts.get(session, row.account_id)
    answer = await page(
        request,
        "session/leave.html",
        account="" if account is None else account.name,
        onward=f"{request.url.path}?{urlencode(query)}",
    )
    keep_sign_in_nonce(answer, uses, nonce)
    return answer


async def _vouched_for(
    request: Request, uses: Services, said: Departure, code: str, iss: str | None
) -> Holder:
    row = await _sign_on(uses, said.sign_on_id)
    if row is None:
        raise SignOnFailed("not_begun_here", "Single sign-on was ended meanwhile.")
    secrets = secrets_of(signer_of_app(request), said)
    who = await _providers(request).identity(client_of(uses, row), secrets, code, iss, uses.now())
    return await people.by_identity(uses, row, who)


async def _failed(request: Request, uses: Services, wanted: str, failed: SignOnFailed) -> Response:
    log.warning("single_sign_on_failed", code=failed.code)
    if failed.code in _STRANGE:
        uses.doors.note_stranger(uses.settings, source_of(request))
    detail = _WRONG.get(failed.code, failed.detail or "What your provider said cannot be trusted.")
    return await _refused(request, uses, wanted, Problem(403, failed.code, detail))


async def _refused(request: Request, uses: Services, wanted: str, problem: Problem) -> Response:
    answer = await form(request, uses, wanted, problem)
    _put(answer, uses, "", 0)
    return answer


async def _sign_on(uses: Services, sign_on_id: str) -> SingleSignOn | None:
    async with uses.db.read() as session:
        return await single_sign_on.with_id(session, sign_on_id)


def _put(answer: Response, uses: Services, text: str, seconds: int) -> None:
    name = cookies.sign_on(uses.settings)
    cookies.put(answer, uses.settings, name, text, seconds, comes_back=True)


def _providers(request: Request) -> Providers:
    found: Providers = request.app.state.providers
    return found
