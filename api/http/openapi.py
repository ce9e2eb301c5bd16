"""What OpenAPI says about problems: one schema, referred to by every operation."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http.problems import MEDIA_TYPE

_TEXT = {"type": "string"}
_DESCRIPTIONS = {
    400: "A signed callback lacks what it must say",
    401: "No or an unknown API key",
    403: "The API key lacks the scope, or the signature is wrong",
    404: "No such object in this account",
    409: "The object's state does not allow it",
    410: "It was there, and has been removed",
    413: "The body is larger than this address takes",
    415: "The file is of no kind that can be read",
    416: "The recording ends before the range",
    422: "The request is refused; every error names its field",
    429: "Too many requests or streams of this key, too many wrong keys, or too much at work at"
    " once; nothing was done: try again after Retry-After",
    502: "The carrier did not do what it was asked for",
    503: "The database, Temporal or the carrier cannot be reached, a disk is full, or too many"
    " connections are open; try again after Retry-After",
}
#: What an answer of this status always says besides.
_HEADERS = {
    401: {"WWW-Authenticate": "How to say who you are."},
    429: {"Retry-After": "In how many seconds to try again."},
    502: {"Retry-After": "In how many seconds to try again."},
    503: {"Retry-After": "In how many seconds to try again."},
}
_PROBLEM = {
    "title": "Problem",
    "description": "RFC 9457 problem details.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {**_TEXT, "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": {**_TEXT, "description": "Stable; meant for programs."},
        "instance": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {**_TEXT, "description": "camelCase path, dots between levels."},
                    "code": _TEXT,
                    "message": _TEXT,
                },
            },
        },
    },
    "example": {
        "type": "urn:trunkline:problem:deadline_past",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "The deadline has passed already.",
        "code": "deadline_past",
        "instance": "/api/v1/calls",
        "errors": [
            {
                "field": "callDeadline",
                "code": "deadline_past",
                "message": "The deadline has passed already.",
            }
        ],
    },
}


#: Names of schemas that clients have been generated from, by what FastAPI would call them now:
#: a class that moves or is renamed in here changes nothing for them.
PUBLISHED = {
    "HealthVerdict": "Verdict",
    "BulkRowError": "api__schemas__bulk__RowError",
    "ContactRowError": "api__schemas__campaign_views__RowError",
}
_SID = {"pattern": "^[A-Za-z0-9]{2,64}$"}
_WORD = {"pattern": "^[a-z_]{1,32}$"}
_SOME = {"minLength": 1, "maxLength": 255}
#: Of a callback: what `telephony.twilio.callbacks` takes, which the carrier's words always are.
_OF_FIELDS: dict[str, dict[str, Any]] = {
    "CallSid": _SID,
    "MessageSid": _SID,
    "RecordingSid": _SOME,
    "ConferenceSid": {"minLength": 1},
    "StatusCallbackEvent": {"minLength": 1},
    "AnsweredBy": _WORD,
    "CallStatus": {"minLength": 1},
    "DialCallStatus": {"minLength": 1},
    "MessageStatus": _WORD,
    "To": _SOME,
    "From": {"maxLength": 255},
}
#: pydantic's names for the bounds of a number that may be null, and JSON Schema's.
_BOUNDS = {"ge": "minimum", "le": "maximum"}
_REFERENCE = "#/components/schemas/"


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route for these statuses, which come as problem documents."""
    return {status: _problem_response(status) for status in statuses}


def _problem_response(status: int) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    found: dict[str, Any] = {"description": _DESCRIPTIONS[status], "content": content}
    if status in _HEADERS:
        found["headers"] = said_headers(**_HEADERS[status])
    return found


def located(status: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of what makes something, for the answer that says where it is."""
    return {status: {"headers": said_headers(Location="Where it is.")}}


def said_headers(**descriptions: str) -> dict[str, Any]:
    """`headers` of a response, by their names and what they tell."""
    return {
        name: {"description": text, "required": True, "schema": _TEXT}
        for name, text in descriptions.items()
    }


def form_body(*needed: str, **example: str) -> dict[str, Any]:
    """`openapi_extra=` of a callback, which comes as a form, of which it needs these fields."""
    schema = {
        "type": "object",
        "required": list(needed),
        "properties": {name: {**_TEXT, **_OF_FIELDS.get(name, {})} for name in example},
        "additionalProperties": _TEXT,
        "examples": [example],
    }
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def install(app: FastAPI) -> None:
    """Add the Problem schema to the application's OpenAPI document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            schema = _published(schema)
            _describe_problems(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _published(part: Any) -> Any:
    """The document with the names under which its schemas are known."""
    if isinstance(part, list):
        return [_published(one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {name: _published(value) for name, value in part.items()}
    if found.get("type") == "integer":
        found = {_BOUNDS.get(name, name): value for name, value in found.items()}
    reference = found.get("$ref")
    if isinstance(reference, str):
        name = reference.removeprefix(_REFERENCE)
        found["$ref"] = _REFERENCE + PUBLISHED.get(name, name)
    if isinstance(schemas := found.get("schemas"), dict):
        found["schemas"] = dict(sorted(_renamed(schemas).items()))
    return found


def _renamed(schemas: dict[str, Any]) -> dict[str, Any]:
    for name in PUBLISHED.keys() & schemas.keys():
        schema = schemas.pop(name)
        if schema.get("title") == name:
            schema["title"] = PUBLISHED[name]
        schemas[PUBLISHED[name]] = schema
    return schemas


def _describe_problems(schema: dict[str, Any]) -> None:
    """Those that every address may answer with are told by each; FastAPI's own 422s become ours."""
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _PROBLEM
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            answers = operation["responses"]
            for status in _common(path, operation):
                answers.setdefault(str(status), _problem_response(status))
            if "422" in answers:
                answers["422"] = _problem_response(422)
            operation["responses"] = dict(sorted(answers.items()))


def _common(path: str, operation: dict[str, Any]) -> list[int]:
    """Nobody has to list these with a route: they come from what stands around all of them."""
    found = [503]
    if path.startswith("/api/v1"):
        found += [401, 403, 422, 429]
    if "requestBody" in operation:
        found += [413, 422]
    return found
