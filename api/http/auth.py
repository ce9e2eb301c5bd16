"""API keys: whose request this is and what it may do.

Whose it is is asked before anything else of a request is looked at, its body and query included.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.http.actor import logged
from api.http.deps import Services, services
from api.http.doors import busy
from api.http.known_keys import Holder, KeyInUse
from api.http.problems import RETRY_AFTER, Problem
from policy.accounts.key_scopes import allows as allows
from storage.accounts import accounts
from storage.tables import Account, ApiKey

_bearer = HTTPBearer(auto_error=False, description="An API key of Trunkline.")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="trunkline"'}

Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class KeyFirst(APIRoute):
    """A route whose key is checked before FastAPI reads the body, and whose changes are logged."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def authenticated(request: Request) -> Response:
            async with admitted(await services(request)):
                request.state.holder = await _holder(request)
                await _count(request)
                async with logged(request, "api") as within:
                    within.answer = await handle(request)
                    return within.answer

        return authenticated


class KeyWithin(KeyFirst):
    """The same for a route that asks about the key in the transaction of what it does, and tells
    of it by an event.

    There a key that was good a moment ago costs no query of its own. All the same it has to be
    asked about before anything is answered: by the route, which then notes so in `InUse`, or here.
    """

    def get_route_handler(self) -> Handler:
        handle = APIRoute.get_route_handler(self)

        async def authenticated(request: Request) -> Response:
            uses = await services(request)
            async with admitted(uses):
                known = uses.keys.recall(accounts.hash_key(await _said(request)))
                request.state.holder = known or await _holder(request)
                await _count(request)
                in_use = KeyInUse(request.state.holder[1], is_asked=known is None)
                request.state.key_in_use = in_use
                try:
                    answer = await handle(request)
                except Exception:
                    await _ask(request, in_use)
                    raise
                await _ask(request, in_use)
                return answer

        return authenticated


@asynccontextmanager
async def admitted(uses: Services) -> AsyncIterator[None]:
    """While a request is at work; raises a 429 Problem where too many are for this to be quick.

    What takes too long is given up: what it had not committed is rolled back.
    """
    gate = uses.doors.admission
    wait = gate.wait()
    if wait:
        detail = "Too many requests are at work; nothing was done. Try again shortly."
        raise busy("overloaded", detail, wait)
    gate.enter()
    try:
        async with asyncio.timeout(uses.settings.api_request_seconds) as limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        detail = "This took too long and was given up. Look what of it was done."
        raise Problem(503, "took_too_long", detail, headers=RETRY_AFTER) from None
    finally:
        gate.leave(uses.doors.clock())


async def _count(request: Request) -> None:
    """A request of a key that is right; raises a 429 Problem for one too many of it."""
    uses = await services(request)
    account, key = request.state.holder
    uses.key_uses.note(key.api_key_id, uses.now())
    allowance = uses.doors.ask(uses.settings, account, key)
    if allowance is None:
        return
    # Added by `api.http.middleware.Guard` to whatever the answer is.
    request.state.answer_headers = allowance.headers
    if allowance.wait:
        detail = f"This API key may ask {allowance.per_minute} times a minute. Nothing was done."
        raise busy("rate_limited", detail, allowance.wait)


async def _ask(request: Request, in_use: KeyInUse) -> None:
    """Before an answer goes out: raises if the key was revoked."""
    if not in_use.is_asked:
        await _holder(request)


async def _in_use(request: Request) -> KeyInUse:
    found: KeyInUse = request.state.key_in_use
    return found


#: Only on routes of the class `KeyWithin`.
InUse = Annotated[KeyInUse, Depends(_in_use)]


def requires(scope: str) -> Callable[..., Coroutine[Any, Any, Account]]:
    """A dependency that gives the account of a key which has `scope`, such as `calls:write`.

    Only for routes of the class `KeyFirst`.
    """

    async def account(request: Request, _documented: Credentials) -> Account:
        owner, key = request.state.holder
        require_scope(key, scope)
        found: Account = owner
        return found

    return account


def require_scope(key: ApiKey, scope: str) -> None:
    """Raises a Problem for a key that has not got it, and for a person whose role has not."""
    if not allows(key.scopes, scope):
        who = "The API key" if key.member_id is None else "Your role"
        raise Problem(403, "missing_scope", f"{who} lacks the scope {scope}.")


def unknown_key() -> Problem:
    """Also of one that was revoked."""
    return Problem(401, "unauthorized", "The API key is unknown.", headers=_CHALLENGE)


async def _said(request: Request) -> str:
    credentials = await _bearer(request)
    if credentials is None or not credentials.credentials:
        raise Problem(401, "unauthorized", "Send an API key: Bearer <key>.", headers=_CHALLENGE)
    return str(credentials.credentials)


async def _holder(request: Request) -> Holder:
    return await holder_of(await services(request), await _said(request), source_of(request))


async def holder_of(uses: Services, key: str, source: str) -> Holder:
    """Whose key it is; raises a Problem: 401 for one that opens nothing, 429 after too many.

    A key that was good a moment ago is looked up whatever else came from the same address.
    """
    sha256 = accounts.hash_key(key)
    if uses.keys.recall(sha256) is None:
        uses.doors.turn_away(uses.settings, source)
    async with uses.db.read() as session:
        found = await accounts.find_by_key(session, key, uses.now())
    if found is None:
        uses.keys.forget(sha256)
        uses.doors.note_wrong(uses.settings, source, key)
        raise unknown_key()
    uses.keys.note(sha256, found)
    return found


def source_of(request: Request) -> str:
    """The address a request came from; behind a proxy that uvicorn trusts, the one it names."""
    return request.client.host if request.client else ""
