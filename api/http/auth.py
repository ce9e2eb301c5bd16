"""API keys: whose request this is and what it may do.

Whose it is is asked before anything else of a request is looked at, its body and query included.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.http.deps import services
from api.http.problems import Problem
from storage.accounts import accounts
from storage.tables import Account, ApiKey

_bearer = HTTPBearer(auto_error=False, description="An API key of Trunkline.")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="trunkline"'}

Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class KeyFirst(APIRoute):
    """A route whose key is checked before FastAPI reads the body."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def authenticated(request: Request) -> Response:
            request.state.holder = await _holder(request)
            return await handle(request)

        return authenticated


def requires(scope: str) -> Callable[..., Coroutine[Any, Any, Account]]:
    """A dependency that gives the account of a key which has `scope`, such as `calls:write`.

    Only for routes of the class `KeyFirst`.
    """

    async def account(request: Request, _documented: Credentials) -> Account:
        owner, key = request.state.holder
        if not allows(key.scopes, scope):
            raise Problem(403, "missing_scope", f"The API key lacks the scope {scope}.")
        found: Account = owner
        return found

    return account


async def _holder(request: Request) -> tuple[Account, ApiKey]:
    credentials = await _bearer(request)
    if credentials is None or not credentials.credentials:
        raise Problem(401, "unauthorized", "Send an API key: Bearer <key>.", headers=_CHALLENGE)
    async with (await services(request)).db.read() as session:
        found = await accounts.find_by_key(session, credentials.credentials)
    if found is None:
        raise Problem(401, "unauthorized", "The API key is unknown.", headers=_CHALLENGE)
    return found


def allows(scopes: list[str], wanted: str) -> bool:
    """Whether scopes such as `*`, `calls:*` or `calls:read` include the wanted one."""
    return not {"*", wanted, wanted.partition(":")[0] + ":*"}.isdisjoint(scopes)
