"""API keys: whose request this is and what it may do."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.deps import Uses
from api.problems import Problem
from storage import accounts
from storage.tables import Account

_bearer = HTTPBearer(auto_error=False, description="An API key of Trunkline.")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="trunkline"'}

Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def requires(scope: str) -> Callable[..., Coroutine[Any, Any, Account]]:
    """A dependency that gives the account of a key which has `scope`, such as `calls:write`."""

    async def account(uses: Uses, credentials: Credentials) -> Account:
        if credentials is None or not credentials.credentials:
            raise Problem(401, "unauthorized", "Send an API key: Bearer <key>.", headers=_CHALLENGE)
        async with uses.db.read() as session:
            found = await accounts.find_by_key(session, credentials.credentials)
        if found is None:
            raise Problem(401, "unauthorized", "The API key is unknown.", headers=_CHALLENGE)
        owner, key = found
        if not allows(key.scopes, scope):
            raise Problem(403, "missing_scope", f"The API key lacks the scope {scope}.")
        return owner

    return account


def allows(scopes: list[str], wanted: str) -> bool:
    """Whether scopes such as `*`, `calls:*` or `calls:read` include the wanted one."""
    return not {"*", wanted, wanted.partition(":")[0] + ":*"}.isdisjoint(scopes)
