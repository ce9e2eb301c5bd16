"""Forms, authentication and broken connections."""

import asyncio
import base64
import binascii
import contextlib
import hmac
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import Response

from simulator.api.wire import ApiError, refusal
from simulator.services import Services
from simulator.state.ledger import Params


async def read_form(request: Request) -> Params:
    """The form as received: a repeated name becomes a list."""
    params: Params = {}
    body = (await request.body()).decode("utf-8", "replace")
    for name, value in parse_qsl(body, keep_blank_values=True):
        known = params.get(name)
        if known is None:
            params[name] = value
        else:
            params[name] = [*(known if isinstance(known, list) else [known]), value]
    return params


def check_auth(request: Request, services: Services) -> None:
    """HTTP Basic, for the simulator's one account."""
    refuse = services.state.faults.refuse
    if refuse is not None:
        raise refusal(refuse)
    config = services.config
    expected = f"{config.account_sid}:{config.auth_token}".encode()
    given = given_credentials(request)
    path_account = request.path_params.get("account_sid")
    if not hmac.compare_digest(given, expected) or path_account != config.account_sid:
        raise ApiError(20003, "Authenticate", 401)


def given_credentials(request: Request) -> bytes:
    """`user:password` as they were sent; b"" for what is no HTTP Basic."""
    header = request.headers.get("authorization", "")
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return b""


async def drop_connection(request: Request) -> Response:
    """Close the connection without a byte of response."""
    # ASGI has no way to say nothing: uvicorn's receive belongs to the object that owns the socket.
    transport: Any = getattr(getattr(request.receive, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        await asyncio.sleep(0)
    return Response(status_code=500)


async def hold_connection(request: Request, seconds: float) -> Response:
    """Say nothing for real seconds, or until the client gives up; then close."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_disconnected(request), seconds)
    return await drop_connection(request)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
