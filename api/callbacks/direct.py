"""The carrier's callbacks as an application of their own, before all that only the REST API needs.

Every call has at least three of them, and its way through FastAPI would cost more than what it
does. `routes` says what they do and describes them; what comes in another shape than the carrier's
(another method, a query that is no number, a slash too many) goes there the long way.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.callbacks import routes
from api.http.body_limits import MAX_CALLBACK
from api.http.middleware import Guard
from api.http.problems import too_large

Answer = Callable[..., Awaitable[Response | None]]

_PATH = re.compile(
    r"/twilio/(?:(voice|status|amd|recording)/([A-Za-z0-9_-]{1,128})"
    r"|gather/([A-Za-z0-9_-]{1,128})(?:/([0-9]{1,6}))?)"
)
_NUMBER = re.compile(r"[0-9]{1,2}")
_NUMBERS = frozenset({"held", "turns", "replays"})
_ANSWERS: dict[str, Answer] = {
    "voice": routes.voice,
    "status": routes.status,
    "amd": routes.amd,
    "recording": routes.recording,
    "gather": routes.gather_later,
}
_ASKED = {"voice": {"held"}, "gather": {"node", "turns", "replays"}}


class DirectCallbacks:
    """Answers the carrier's requests about legs; everything else is left to `others`."""

    def __init__(self, app: FastAPI, others: ASGIApp) -> None:
        self._app = app
        self._others = others
        self._answer = Guard(self._answered)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = _said(scope) if scope["type"] == "http" and scope["method"] == "POST" else None
        if said is None:
            await self._others(scope, receive, send)
            return
        kind, variables, query = said
        # As FastAPI leaves it, for the line in the log.
        scope["route"], scope["path_params"] = _ANSWERS[kind], variables
        scope["callback"] = {**variables, **query}
        await self._answer(scope, receive, send)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        uses = self._app.state.services
        signature = Headers(scope=scope).get(routes.SIGNATURE, "")
        address = routes.address_of(uses, scope["path"], scope["query_string"].decode("latin-1"))
        form = await routes.signed_form(uses, await _body(receive), address, signature)
        answer = await scope["route"](
            **scope["callback"], form=form, uses=uses, carrier=self._app.state.callbacks
        )
        await (answer or Response(status_code=204))(scope, receive, send)


def _said(scope: Scope) -> tuple[str, dict[str, Any], dict[str, Any]] | None:
    """What is asked for and with what; None for what the carrier would not send."""
    found = _PATH.fullmatch(scope["path"])
    if found is None or scope.get("root_path"):
        return None
    kind = found[1] or "gather"
    query = _query(scope["query_string"], _ASKED.get(kind, set()))
    if query is None:
        return None
    if kind != "gather":
        return kind, {"token": found[2]}, query
    return kind, {"token": found[3], "step": int(found[4] or 0)}, query


def _query(text: bytes, asked: set[str]) -> dict[str, Any] | None:
    if not text:
        return {}
    said = dict(parse_qsl(text.decode("latin-1"), keep_blank_values=True))
    if b"#" in text or not said.keys() <= asked:
        return None
    if not all(_NUMBER.fullmatch(said[name]) for name in said.keys() & _NUMBERS):
        return None
    return {name: int(value) if name in _NUMBERS else value for name, value in said.items()}


async def _body(receive: Receive) -> bytes:
    """All of it, as it arrives; raises a Problem for more than a callback has."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > MAX_CALLBACK:
            raise too_large(MAX_CALLBACK)
        if not message.get("more_body"):
            return bytes(body)
