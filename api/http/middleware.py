"""What happens around every request: one log line, no exception that escapes."""

import time
from urllib.parse import unquote_to_bytes

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import problems
from api.http.body_limits import hide_length
from api.http.problems import Problem
from storage.database.engine import is_away, is_full, is_read_only

log = structlog.get_logger("trunkline.api")

_QUIET_PATHS = frozenset({"/healthz", "/readyz", "/twilio/healthz"})


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
        seen = _Seen(send)
        hide_length(scope)
        drop_escapes(scope)
        try:
            if _holds_nul(scope):
                raise Problem(422, "malformed", "The address holds a character that no text has.")
            await self._app(scope, receive, seen.send)
        except ClientDisconnect:
            # Nobody is there to be answered, and nothing of ours went wrong.
            pass
        except Exception as exc:
            await self._answer(exc, scope, receive, seen)
        _log_request(scope, seen.status, time.perf_counter() - started)

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
    """Remembers the status that went out."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
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


def _log_request(scope: Scope, status: int | None, seconds: float) -> None:
    if scope["path"] in _QUIET_PATHS:
        return
    milliseconds = round(seconds * 1000, 1)
    log.info(
        "request", method=scope["method"], route=_template(scope), status=status, ms=milliseconds
    )


def _template(scope: Scope) -> str:
    """The path with its variable parts blanked, as `/api/v1/calls/{call_id}`."""
    if scope.get("route") is None:
        return "(no route)"
    path, variables = scope["path"], {}
    for name, value in scope.get("path_params", {}).items():
        if "/" in str(value):
            path = path.replace(value, f"{{{name}}}")
        elif value:
            variables[value] = name
    parts = path.split("/")
    return "/".join(f"{{{variables[part]}}}" if part in variables else part for part in parts)
