"""What happens around every request: an id, one log line, counts; no exception that escapes."""

import os
import re
import time
from collections.abc import MutableMapping
from contextlib import nullcontext
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from opentelemetry.trace import Span
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import problems
from api.http.body_limits import hide_length
from api.http.problems import Problem
from observability import traces
from observability.logs import request_id
from observability.metrics import REQUEST_SECONDS, REQUESTS
from storage.database.engine import is_away, is_full, is_read_only

log = structlog.get_logger("trunkline.api")

_QUIET_PATHS = frozenset({"/healthz", "/readyz", "/twilio/healthz"})
REQUEST_ID = b"x-request-id"
#: Whoever asks may name the request; what has another shape is not written to a log.
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_STREAM = b"text/event-stream"
#: A label has no more values than this, whatever is asked for.
MOST_ROUTES = 500
_routes: set[str] = set()
_NAMED = ("call_id", "campaign_id", "agent_id", "webhook_id")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Guard:
    """Outermost of the API: logs method and route, turns a stray exception into a problem.

    The log line holds the route's template, never the path or query: those carry tokens and
    phone numbers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        own_id = _id_of(scope)
        request_id.set(own_id.decode())
        seen = _Seen(send, own_id, scope.setdefault("state", {}))
        hide_length(scope)
        drop_escapes(scope)
        with traces.request(_token_of(scope)) if traces.is_on() else nullcontext() as span:
            await self._handled(scope, receive, seen)
            _note(scope, seen, time.perf_counter() - started, span)

    async def _handled(self, scope: Scope, receive: Receive, seen: "_Seen") -> None:
        try:
            if _holds_nul(scope):
                raise Problem(422, "malformed", "The address holds a character that no text has.")
            await self._app(scope, receive, seen.send)
        except ClientDisconnect:
            # Nobody is there to be answered, and nothing of ours went wrong.
            pass
        except Exception as exc:
            await self._answer(exc, scope, receive, seen)

    async def _answer(self, exc: Exception, scope: Scope, receive: Receive, seen: "_Seen") -> None:
        if seen.status is not None:
            raise exc
        await problems.render(problem_of(exc), Request(scope).url.path)(scope, receive, seen.send)


def drop_escapes(scope: Scope) -> None:
    """Leave out cookies that hold a backslash, as none of ours does.

    Python 3.11 takes the square of a cookie's length to undo the escapes in it, and FastAPI reads
    the cookies of every request.
    """
    scope["headers"] = [
        (name, _without_escapes(value) if name == b"cookie" else value)
        for name, value in scope["headers"]
    ]


def _without_escapes(cookies: bytes) -> bytes:
    if b"\\" not in cookies:
        return cookies
    return b";".join(one for one in cookies.split(b";") if b"\\" not in one)


def _holds_nul(scope: Scope) -> bool:
    """PostgreSQL takes no NUL, not even to look for one."""
    return "\0" in scope["path"] or b"\0" in unquote_to_bytes(scope["query_string"])


class _Seen:
    """Remembers the status that went out, with the request's id and what `state` has for all."""

    def __init__(self, send: Send, own_id: bytes, state: MutableMapping[str, Any]) -> None:
        self._send = send
        self._own_id = own_id
        self._state = state
        self.status: int | None = None
        self.is_stream = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            more = self._state.get("answer_headers", {}).items()
            headers = [
                *message.get("headers", ()),
                *((name.lower().encode(), value.encode()) for name, value in more),
                (REQUEST_ID, self._own_id),
            ]
            self.is_stream = any(value.startswith(_STREAM) for _, value in headers)
            message = {**message, "headers": headers}
        await self._send(message)


def problem_of(exc: Exception) -> Problem:
    """What an exception that nobody caught is told as; it is logged."""
    if isinstance(exc, Problem):
        return exc
    if is_full(exc):
        log.error("disk_full", error=type(exc).__name__)
        return problems.full()
    if is_read_only(exc):
        log.error("database_read_only", error=type(exc).__name__)
        return problems.read_only()
    if is_away(exc):
        log.warning("database_away", error=type(exc).__name__)
        return problems.away("database")
    # Statement parameters and inputs can stand in an exception's text: only its place is logged.
    log.error("unhandled_error", error=type(exc).__name__, at=_places(exc))
    return Problem(500, "internal_error", "Something went wrong on our side; it has been logged.")


def _places(exc: Exception) -> list[str]:
    places = []
    traceback = exc.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places[-6:]


def _id_of(scope: Scope) -> bytes:
    """Of the request: the asker's own, or a new one."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID and _ID.fullmatch(value):
            return bytes(value)
    return os.urandom(8).hex().encode()


def _token_of(scope: Scope) -> str | None:
    """Of a callback, which `DirectCallbacks` has read already."""
    found: str | None = scope.get("callback", {}).get("token")
    return found


def _ids_of(scope: Scope) -> dict[str, str]:
    """What the path names, if it is an id: others may write numbers there."""
    said = scope.get("path_params") or {}
    named = {name: str(said[name]) for name in _NAMED if name in said}
    return {name: value for name, value in named.items() if _UUID.fullmatch(value)}


def _note(scope: Scope, seen: _Seen, seconds: float, span: Span | None) -> None:
    if scope["path"] in _QUIET_PATHS:
        return
    route, method = _template(scope), scope["method"]
    label, known = _label(route), method if method in _METHODS else "other"
    # 0: whoever asked went away before there was an answer.
    REQUESTS.labels(known, label, str(seen.status or 0)).inc()
    if not seen.is_stream:
        REQUEST_SECONDS.labels(label).observe(seconds)
    ids = _ids_of(scope)
    if span is not None:
        span.update_name(f"{known} {label}")
        span.set_attributes({**ids, "http.status_code": seen.status or 0})
    said = {"method": method, "route": route, "status": seen.status, **ids}
    log.info("request", **said, ms=round(seconds * 1000, 1))


def _label(route: str) -> str:
    if route not in _routes:
        if len(_routes) >= MOST_ROUTES:
            return "(other)"
        _routes.add(route)
    return route


def _template(scope: Scope) -> str:
    """The path with its variable parts blanked, as `/api/v1/calls/{call_id}`."""
    if scope.get("route") is None:
        return "(no route)"
    path, variables = scope["path"], {}
    for name, value in scope.get("path_params", {}).items():
        text = str(value)
        if "/" in text:
            path = path.replace(text, f"{{{name}}}")
        elif text:
            variables[text] = name
    parts = path.split("/")
    return "/".join(f"{{{variables[part]}}}" if part in variables else part for part in parts)
