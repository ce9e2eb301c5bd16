"""RFC 9457 problem details: the one shape in which the API says no."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from api.http.body_limits import detail_of
from api.http.schema import NOT_BLANK
from policy.model.call import Refusal

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {"Retry-After": "2"}
#: What FastAPI says of a body that is no text at all, where bad JSON in a text is a 422.
_UNREADABLE = "There was an error parsing the body"
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


def no_secret_key() -> Problem:
    """A 409 where a secret cannot be kept."""
    detail = "Whoever runs this has to set TRUNKLINE_SECRET_KEYS first: secrets are kept sealed."
    return conflict("no_secret_key", detail)


def too_large(most: int) -> Problem:
    """413: a body of more bytes than this."""
    return Problem(413, "body_too_large", f"The body is larger than {most} bytes.")


def away(what: str) -> Problem:
    """503: the request was not carried out and may be repeated."""
    name = what if what[0].isupper() else f"The {what}"
    detail = f"{name} cannot be reached; nothing was done. Try again shortly."
    return Problem(503, f"{what.lower()}_away", detail, headers=RETRY_AFTER)


def full() -> Problem:
    """503: there is no room to write; whoever runs this has to make some."""
    detail = "A disk of ours is full or does not work; nothing was done. Try again in a while."
    return Problem(503, "disk_full", detail, headers={"Retry-After": "30"})


def read_only() -> Problem:
    """503: the database can be read, and takes no writes."""
    detail = "The database takes no writes at present; nothing was done. Try again shortly."
    return Problem(503, "database_read_only", detail, headers=RETRY_AFTER)


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
    if exc.status_code == 400 and exc.detail == _UNREADABLE:
        return render(_not_json(), request.url.path)
    code = _CODES_OF_STATUS.get(exc.status_code, "http_error")
    headers = dict(exc.headers or {})
    if exc.status_code == 405:
        headers["Allow"] = ", ".join(methods_of(request, headers.get("Allow", "")))
    problem = Problem(exc.status_code, code, detail_of(request.scope, exc), headers=headers)
    return render(problem, request.url.path)


def _not_json() -> Problem:
    return invalid("invalid_json", "", "The body is not JSON that can be stored.")


def field_error(error: Mapping[str, Any]) -> Refusal:
    """One error of pydantic's, in our words and without what was given."""
    code, message = said_of(error)
    field = "" if code == "invalid_json" else field_path(error["loc"])
    return Refusal(code, field, message)


def methods_of(request: Request, known: str) -> list[str]:
    """Every method of the path: starlette knows those of the first route that fits.

    Of several paths that fit the one with the fewest variables is meant.
    """
    fits = [
        (path.count("{"), path, set(route.methods or ()))
        for route in iter_route_contexts(request.app.routes)
        if route.path_regex.match(request.url.path)
        for path in [route.path_format or ""]
    ]
    if not fits:
        return sorted(set(known.split(", ")) - {""})
    _, meant = min((variables, path) for variables, path, _ in fits)
    return sorted(set().union(*(methods for _, path, methods in fits if path == meant)))


def field_path(location: Iterable[str | int]) -> str:
    """`("body", "schedule", "window", "start")` as `schedule.window.start`."""
    parts = list(location)
    if parts and parts[0] in _LOCATIONS:
        parts = parts[1:]
    # pydantic marks a bad key of an object with a part of its own.
    return ".".join(str(part) for part in parts if part != "[key]")


#: Beginning or whole of pydantic's type -> our code; the first that fits holds.
_CODES: tuple[tuple[str, str], ...] = (
    ("missing", "required"),
    ("extra_forbidden", "unknown_field"),
    ("json_", "invalid_json"),
    ("string_too_short", "too_short"),
    ("too_short", "too_short"),
    ("string_too_long", "too_long"),
    ("too_long", "too_long"),
    ("greater_than", "out_of_range"),
    ("less_than", "out_of_range"),
    ("out_of_range", "out_of_range"),
    ("literal_error", "unknown_value"),
    ("enum", "unknown_value"),
    ("string_pattern_mismatch", "malformed"),
    ("value_error", "malformed"),
    ("datetime_type", "wrong_type"),
    ("datetime_", "malformed"),
    ("string_", "wrong_type"),
    ("int_", "wrong_type"),
    ("float_", "wrong_type"),
    ("finite_number", "wrong_type"),
    ("bool_", "wrong_type"),
    ("list_", "wrong_type"),
    ("dict_", "wrong_type"),
    ("model_", "wrong_type"),
)
_MALFORMED = "malformed"
#: Begins what is said of a text that is not of a pattern; the pattern follows.
PATTERN = "Must match "
CODES = frozenset({code for _, code in _CODES})
_TYPES: tuple[tuple[str, str], ...] = (
    ("string_", "a text"),
    ("int_", "a whole number"),
    ("float_", "a number"),
    ("finite_number", "a number"),
    ("bool_", "true or false"),
    ("list_", "a list"),
    ("dict_", "an object"),
    ("model_", "an object"),
    ("datetime_", "a time such as 2027-03-05T17:00:00Z"),
)
_BOUNDS = {
    "ge": "at least",
    "gt": "more than",
    "le": "at most",
    "lt": "less than",
    "min_length": "at least",
    "max_length": "at most",
}


def said_of(error: Mapping[str, Any]) -> tuple[str, str]:
    """Code and message of one of pydantic's errors. Never repeats the input."""
    kind = str(error["type"])
    code = _first(_CODES, kind) or _MALFORMED
    return code, _message(code, kind, error)


def _first(table: tuple[tuple[str, str], ...], kind: str) -> str | None:
    return next((found for beginning, found in table if kind.startswith(beginning)), None)


def _message(code: str, kind: str, error: Mapping[str, Any]) -> str:
    told = error.get("ctx") or {}
    if code == "required":
        return "This field is required."
    if code == "unknown_field":
        return "There is no such field."
    if code == "invalid_json":
        return "The body is not JSON that can be stored."
    if code == "unknown_value" and "expected" in told:
        return f"Must be one of {told['expected']}."
    if code in {"out_of_range", "too_short", "too_long"} and told:
        return _bounded(code, told)
    if kind == "string_pattern_mismatch":
        is_blank = told["pattern"] == NOT_BLANK
        return "Must not be blank." if is_blank else f"{PATTERN}{told['pattern']}."
    expected = _first(_TYPES, kind)
    if expected is not None:
        return f"Must be {expected}."
    return _sentence(str(error["msg"]).removeprefix("Value error, "))


def _bounded(code: str, told: Mapping[str, Any]) -> str:
    unit = "" if code == "out_of_range" else " long"
    bounds = [f"{words} {told[name]}" for name, words in _BOUNDS.items() if name in told]
    return f"Must be {' and '.join(bounds)}{unit}."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
