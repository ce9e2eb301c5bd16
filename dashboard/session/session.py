"""Who looks at a page: the session of a browser, checked anew at each request.

A session is a cookie that names an API key, or the key that stands for a person. The key's row is
read each time, so a revoked key ends all of its sessions at once, and scopes are those the key has
now. One that was signed out of is on file as ended.
"""

import hmac
import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from api.http.actor import logged, note_fields
from api.http.auth import admitted
from api.http.deps import Services, services
from api.http.problems import Problem
from dashboard import cookies
from dashboard.page import BACK_FIELD, Session, page, refusal_page
from dashboard.session.signature import SESSION_LASTS, Signer, fresh_nonce, read_pass
from storage.accounts import accounts, ended_sessions
from storage.tables import ApiKey

TOKEN_FIELD = "token"
_SIGN_IN_LASTS = 3600
#: Where somebody may be sent after signing in: a page of ours, named without a query.
_OURS = re.compile(r"/dashboard(/[\w-]+)*", re.ASCII)
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class NotSignedIn(Exception):
    """There is no session, it is over, or its key was revoked."""


class PageRoute(APIRoute):
    """A route whose refusals are pages, for people who may not have signed in yet."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                async with admitted(await services(request)):
                    await self.enter(request)
                    return await self.answer(request, handle)
            except NotSignedIn:
                return await _turned_away(request)
            except Exception as exc:  # told on a page; `problem_of` logs what nobody expected
                return await refusal_page(request, exc)

        return answered

    async def answer(self, request: Request, handle: Handler) -> Response:
        return await handle(request)

    async def enter(self, request: Request) -> None:
        """Raises unless the request may go on."""
        if request.method == "POST":
            uses = await services(request)
            nonce = request.cookies.get(cookies.sign_in(uses.settings), "")
            await _require_token(
                request, signer_of_app(request).sign_in_token(nonce) if nonce else ""
            )


class SignedIn(PageRoute):
    """A route that needs a session, and for every form the token of that session."""

    async def enter(self, request: Request) -> None:
        session = await session_of(request)
        if session is None:
            raise NotSignedIn
        # As after `api.http.auth.KeyFirst`: `requires` and `By` look here.
        request.state.holder = (session.account, session.key)
        request.state.session = session
        if request.method == "POST":
            await _require_token(request, session.token)
            note_fields(request, (await request.form()).keys() - {TOKEN_FIELD, BACK_FIELD})

    async def answer(self, request: Request, handle: Handler) -> Response:
        async with logged(request, "page") as within:
            within.answer = await handle(request)
            return within.answer


def signer_of_app(request: Request) -> Signer:
    """Signs the sessions of this process; `dashboard.router.install` puts it there."""
    found: Signer = request.app.state.signer
    return found


async def session_of(request: Request) -> Session | None:
    """The session of a request, unless there is none, it is over or its key was revoked."""
    uses = await services(request)
    shown = read_pass(request.cookies.get(cookies.session(uses.settings), ""))
    if shown is None:
        return None
    async with uses.db.read() as session:
        found = await accounts.find_by_key_id(session, shown.key_id, uses.now())
        if found is None or not signer_of_app(request).admits(shown, found[1], uses.now()):
            return None
        if await ended_sessions.has_ended(session, shown.nonce):
            return None
    uses.key_uses.note(shown.key_id, uses.now())
    return Session(*found, token=signer_of_app(request).form_token(shown, found[1]))


def session_in(request: Request) -> Session:
    """Whose request it is, on a route of the class `SignedIn`."""
    found: Session = request.state.session
    return found


async def _who(request: Request) -> Session:
    return session_in(request)


#: Whoever has signed in, on a route of the class `SignedIn`.
Who = Annotated[Session, Depends(_who)]


def begin(request: Request, response: Response, uses: Services, key: ApiKey) -> None:
    """Hand out a session of this key."""
    made = str(signer_of_app(request).new_pass(key, uses.now()))
    name, seconds = cookies.session(uses.settings), int(SESSION_LASTS.total_seconds())
    cookies.put(response, uses.settings, name, made, seconds)
    cookies.put(response, uses.settings, cookies.sign_in(uses.settings), "", 0)


async def end(request: Request, response: Response, uses: Services) -> None:
    """Here and wherever else its cookie may be: it opens nothing any more."""
    shown = read_pass(request.cookies.get(cookies.session(uses.settings), ""))
    assert shown is not None
    async with uses.db.write() as session:
        await ended_sessions.end(session, shown.nonce, shown.ends_at)
    cookies.put(response, uses.settings, cookies.session(uses.settings), "", 0)


def sign_in_nonce(request: Request, uses: Services) -> str:
    """The one this browser has already, so that two sign-in pages of it both work."""
    return request.cookies.get(cookies.sign_in(uses.settings)) or fresh_nonce()


def keep_sign_in_nonce(response: Response, uses: Services, nonce: str) -> None:
    cookies.put(response, uses.settings, cookies.sign_in(uses.settings), nonce, _SIGN_IN_LASTS)


def page_of_ours(path: str) -> str:
    """The path, if it leads to one of our pages; else the first page."""
    return path if _OURS.fullmatch(path) else "/dashboard"


async def _turned_away(request: Request) -> Response:
    if _comes_from_elsewhere(request):
        # A strict cookie is not sent with a link from another site, but with our own.
        return await page(request, "session/reload.html")
    wanted = page_of_ours(request.url.path) if request.method == "GET" else "/dashboard"
    query = "" if wanted == "/dashboard" else f"?next={wanted}"
    return RedirectResponse(f"/dashboard/sign-in{query}", 303)


def _comes_from_elsewhere(request: Request) -> bool:
    is_foreign = request.headers.get("sec-fetch-site") == "cross-site"
    return is_foreign and request.method == "GET" and "reload" not in request.query_params


async def _require_token(request: Request, expected: str) -> None:
    form = await request.form()
    said = form.get(TOKEN_FIELD)
    sent = said.encode() if isinstance(said, str) else b""
    if not expected or not hmac.compare_digest(sent, expected.encode()):
        raise Problem(403, "stale_form", "This form is out of date. Go back, reload, try again.")
    # All of them: a field may be sent several times.
    texts = (name + value for name, value in form.multi_items() if isinstance(value, str))
    if any("\0" in text for text in texts):
        raise Problem(422, "malformed", "The form holds a character that no text has.")
