"""RFC 9457 problem details: the one shape in which the API says no."""

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.field_errors import said_of
from policy.call import Refusal

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {"Retry-After": "2"}
_LOCATIONS = frozenset({"body", "query", "path", "header", "cookie"})
_CODES_OF_STATUS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}


class Problem(Exception):
    """Raised anywhere below a route, rendered once. The detail never repeats personal data."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[Refusal] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def invalid(code: str, field: str, message: str) -> Problem:
    """422 for one field."""
    return refused([Refusal(code, field, message)])


def refused(refusals: Sequence[Refusal]) -> Problem:
    """422 for every refusal; the first one gives the problem its code and detail."""
    first = refusals[0]
    return Problem(422, str(first.code), first.message, errors=refusals)


def not_found(noun: str) -> Problem:
    return Problem(404, "not_found", f"There is no such {noun}.")


def conflict(code: str, detail: str) -> Problem:
    return Problem(409, code, detail)


def away(what: str) -> Problem:
    """503: the request was not carried out and may be repeated."""
    name = what if what[0].isupper() else f"The {what}"
    detail = f"{name} cannot be reached; nothing was done. Try again shortly."
    return Problem(503, f"{what.lower()}_away", detail, headers=RETRY_AFTER)


def render(problem: Problem, instance: str) -> JSONResponse:
    """The response a problem becomes."""
    body: dict[str, Any] = {
        "type": f"urn:trunkline:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "instance": instance,
        "errors": [
            {"field": error.field, "code": str(error.code), "message": error.message}
            for error in problem.errors
        ],
    }
    return JSONResponse(body, problem.status, problem.headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make every refusal of the application and of its framework a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)


async def _on_problem(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, Problem)
    return render(exc, request.url.path)


async def _on_invalid_request(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)
    errors = [field_error(error) for error in exc.errors()]
    return render(refused(errors), request.url.path)


async def _on_http_error(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    code = _CODES_OF_STATUS.get(exc.status_code, "http_error")
    headers = dict(exc.headers or {})
    if exc.status_code == 405:
        headers["Allow"] = ", ".join(methods_of(request, headers.get("Allow", "")))
    problem = Problem(exc.status_code, code, str(exc.detail), headers=headers)
    return render(problem, request.url.path)


def field_error(error: Mapping[str, Any]) -> Refusal:
    """One error of pydantic's, in our words and without what was given."""
    code, message = said_of(error)
    field = "" if code == "invalid_json" else field_path(error["loc"])
    return Refusal(code, field, message)


def methods_of(request: Request, known: str) -> list[str]:
    """Every method of the path: starlette knows those of the first route that fits."""
    found = set(known.split(", ")) - {""}
    for template, methods in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), request.url.path):
            found |= {method.upper() for method in methods}
    return sorted(found)


def field_path(location: Iterable[str | int]) -> str:
    """`("body", "schedule", "window", "start")` as `schedule.window.start`."""
    parts = list(location)
    if parts and parts[0] in _LOCATIONS:
        parts = parts[1:]
    # pydantic marks a bad key of an object with a part of its own.
    return ".".join(str(part) for part in parts if part != "[key]")
