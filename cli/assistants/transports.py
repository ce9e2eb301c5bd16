"""How an assistant comes in: by its own standard input, or by HTTP with a key of its own."""

import asyncio
import hashlib
import socket
from collections.abc import Callable, Sequence

import uvicorn
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl
from starlette.applications import Starlette
from starlette.authentication import AuthenticationError

from cli.assistants.access import PATIENCE, Access
from cli.assistants.server import AssistantServer
from cli.errors import Unusable
from trunkline_client import AsyncTrunkline, Away, NotFound, Problem, Unreadable

LOCAL = ("127.0.0.1", "localhost", "::1")
PATH = "/mcp"
_MOST_BYTES = 256 * 1024
_MOST_SESSIONS = 100
_IDLE_SECONDS = 1800.0


def serve_stdio(url: str, key: str) -> None:
    """Until the client closes; stdout belongs to it."""
    AssistantServer(Access(url, lambda: key)).run("stdio")


def serve_http(
    url: str, host: str, port: int, names: Sequence[str], say: Callable[[str], None]
) -> None:
    """Until Ctrl-C. `say` is told the address once connections are taken."""
    if host not in LOCAL and not names:
        raise Unusable(
            f"Name with --allow-host under which name {host} is reached: a request with any other "
            "Host is refused, so that no page of the Internet can reach it by a name of its own."
        )
    listening = _bound(host, port)
    taken = int(listening.getsockname()[1])
    app = http_app(url, taken, names)
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_keep_alive=30)
    say(f"http://{_shown(host)}:{taken}{PATH}")
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


def http_app(url: str, port: int, names: Sequence[str] = ()) -> Starlette:
    """Each request carries the key that is used for it; there is no other."""
    auth = AuthSettings(issuer_url=AnyHttpUrl(url), resource_server_url=None)
    server = AssistantServer(Access(url, _callers_key), token_verifier=_Keys(url), auth=auth)
    return server.streamable_http_app(
        streamable_http_path=PATH,
        transport_security=_security(port, names),
        max_request_body_size=_MOST_BYTES,
        max_sessions=_MOST_SESSIONS,
        session_idle_timeout=_IDLE_SECONDS,
    )


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        # Who is told the address may come at once.
        found.listen(128)
    except OSError as error:
        found.close()
        raise Unusable(f"{host}:{port} cannot be listened on: {error.strerror}.") from error
    return found


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _security(port: int, names: Sequence[str]) -> TransportSecuritySettings:
    """A page elsewhere may name us by a name of its own (DNS rebinding): no other name is heard."""
    local = [f"{_shown(one)}:{port}" for one in LOCAL]
    hosts = [*local, *names, *(f"{one}:{port}" for one in names)]
    origins = [f"{scheme}://{one}" for one in hosts for scheme in ("http", "https")]
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)


def _callers_key() -> str:
    token = get_access_token()
    assert token is not None, "a request without a key came past the door"
    return token.token


class _Keys:
    """Asks Trunkline about each key, with each request: one that was revoked opens nothing."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def verify_token(self, token: str) -> AccessToken | None:
        """None for a key that is not known."""
        try:
            async with AsyncTrunkline(self._url, token, timeout=PATIENCE) as api:
                scopes = (await api.get_own_key()).scopes
        except NotFound:
            scopes = []
        except (Away, Unreadable) as error:
            raise AuthenticationError(f"No Trunkline answers at {self._url}.") from error
        except Problem:
            return None
        # Sessions belong to a key; what stands for it in memory is no key.
        holder = hashlib.sha256(token.encode()).hexdigest()
        return AccessToken(token=token, client_id=holder, scopes=scopes)
