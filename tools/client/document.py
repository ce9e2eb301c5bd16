"""What the client needs to know of the OpenAPI document."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"
#: What the carrier asks, and no client.
_NOT_OURS = "/twilio/"
#: Methods whose names say too little away from their path.
_NAMES = {"replay": "replay_events", "healthz": "get_health", "readyz": "get_readiness"}
#: A path, and the file of what may be asked there.
_PLACES = (
    (r".*/audit$|/api/v1/(privacy|keys|audit-log)", "audit"),
    (r"/api/v1/(me$|people|single-sign-on)", "people"),
    (r"/api/v1/calls/bulk", "bulk"),
    (r".*/clearances$", "clearances"),
    (r"/api/v1/(calls/{\w+}/(promise|outcome)$|promises)", "promises"),
    (
        r"/api/v1/(transfers|transfer-targets|calls/{\w+}/transfer$|campaigns/{\w+}/abandonment)",
        "transfers",
    ),
    (r"/api/v1/calls", "calls"),
    (r"/api/v1/campaigns/{\w+}/contacts", "contacts"),
    (r"/api/v1/campaigns/{\w+}/forecast", "forecasts"),
    (r"/api/v1/campaigns/{\w+}/(split|steps)", "follow_ups"),
    (r"/api/v1/campaigns", "campaigns"),
    (r"/api/v1/(agents|pathways)", "agents"),
    (r"/api/v1/(account|carrier-accounts)", "accounts"),
    (r"/api/v1/(suppressions|consents)", "suppressions"),
    (r"/api/v1/compliance", "compliance"),
    (r"/api/v1/webhooks", "webhooks"),
    (r"/api/v1/events", "events"),
    (r"/api/v1/(analytics|caller-ids)", "analytics"),
    (r"/(healthz|readyz)", "health"),
    (r".*", "others"),
)
#: Asked by hand: an answer without an end.
BY_HAND = {"stream_events"}
#: What a dry run answers.
MOVES = "MovesView"


@dataclass(frozen=True)
class Parameter:
    """One of the query or of the headers; `wire` is its name there."""

    wire: str
    name: str
    schema: Json
    required: bool
    header: bool = False


@dataclass(frozen=True)
class Operation:
    """One method of one path. `answer` is the name of a schema; empty: the answer is no JSON."""

    name: str
    place: str
    method: str
    path: str
    text: str
    path_names: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    answer: str
    has_answer: bool
    body: Json | None = None
    body_required: bool = False
    is_file: bool = False
    keyed: bool = False
    can_be_dry: bool = False


@dataclass(frozen=True)
class Document:
    schemas: Mapping[str, Json]
    operations: tuple[Operation, ...]
    #: Where a schema's class is written.
    places: Mapping[str, str] = field(default_factory=dict)
    #: Which schemas are part of a request, and which of an answer.
    said: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()

    def is_enum(self, name: str) -> bool:
        return "enum" in self.schemas[name]


def read(document: Json) -> Document:
    """All that a client may ask, and what is said and answered there."""
    operations = tuple(_operations(document))
    schemas = document["components"]["schemas"]
    names = {name: _class_name(name, schemas) for name in schemas}
    renamed = {names[name]: _renamed(schema, names) for name, schema in schemas.items()}
    moved = tuple(_with_names(operation, names) for operation in operations)
    said = _all([name for one in moved for name in _asked_with(one)], renamed)
    answered = _all([name for one in moved for name in _answered_with(one)], renamed)
    return Document(renamed, moved, _places(renamed, moved), said, answered)


def _operations(document: Json) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        if not path.startswith(_NOT_OURS):
            for method in _METHODS:
                if method in methods:
                    yield _operation(method, path, methods[method])


def _operation(method: str, path: str, said: Json) -> Operation:
    slug = re.sub(r"\W", "_", path)
    name = said["operationId"].removesuffix(f"{slug}_{method}")
    bodies = said.get("requestBody", {}).get("content", {})
    answers = [
        ref
        for status, one in said["responses"].items()
        if status[0] == "2"
        for ref in _json_refs(one)
    ]
    kinds = {
        kind
        for status, one in said["responses"].items()
        if status[0] == "2"
        for kind in one.get("content", {})
    }
    plain = [ref for ref in dict.fromkeys(answers) if ref != MOVES] or answers
    parameters = said.get("parameters", [])
    return Operation(
        name=_NAMES.get(name, name),
        place=_place(path),
        method=method.upper(),
        path=path,
        text=said.get("description") or said["summary"] + ".",
        path_names=tuple(re.findall(r"{(\w+)}", path)),
        parameters=tuple(_parameters(parameters)),
        answer=plain[0] if plain else "",
        has_answer=bool(kinds) or not any("204" in status for status in said["responses"]),
        body=bodies[_JSON]["schema"] if _JSON in bodies else None,
        body_required=said.get("requestBody", {}).get("required", False),
        is_file="text/csv" in bodies,
        keyed=any(one["name"] == "Idempotency-Key" for one in parameters),
        can_be_dry=any(one["name"] == "dryRun" for one in parameters),
    )


def _place(path: str) -> str:
    """The file in which a path's operations are written."""
    return next(place for pattern, place in _PLACES if re.match(pattern, path))


def _json_refs(answer: Json) -> Iterator[str]:
    yield from refs(answer.get("content", {}).get(_JSON, {}))


def refs(part: Any) -> Iterator[str]:
    """The names of the schemas that a part of the document refers to."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].rsplit("/", 1)[-1]
        for key, value in part.items():
            if key not in ("example", "examples"):
                yield from refs(value)
    elif isinstance(part, list):
        for value in part:
            yield from refs(value)


def _parameters(said: list[Json]) -> Iterator[Parameter]:
    for one in said:
        wire = one["name"]
        if one["in"] == "path" or wire in ("Idempotency-Key", "dryRun", "status[]"):
            continue
        name = snake("additionalData" if "<key>" in wire else wire)
        yield Parameter(
            wire, name, one["schema"], one.get("required", False), one["in"] == "header"
        )


def snake(wire: str) -> str:
    """The name in Python of what is called so on the wire."""
    name = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", wire).replace("-", "_").lower()
    return f"{name}_" if name in ("from", "class", "in", "import") else name


def _class_name(name: str, schemas: Mapping[str, Json]) -> str:
    """FastAPI writes the module before a name that two have: a class is called by both, shortly."""
    parts = name.split("__")
    if len(parts) == 1:
        return name
    place = parts[-2].removesuffix("_views").title().replace("_", "")
    return f"{place}{parts[-1]}"


def _renamed(part: Any, names: Mapping[str, str]) -> Any:
    if isinstance(part, dict):
        found = {key: _renamed(value, names) for key, value in part.items()}
        if isinstance(part.get("$ref"), str):
            found["$ref"] = names[part["$ref"].rsplit("/", 1)[-1]]
        return found
    return [_renamed(value, names) for value in part] if isinstance(part, list) else part


def _with_names(operation: Operation, names: Mapping[str, str]) -> Operation:
    said = dict(operation.__dict__)
    said["answer"] = names.get(operation.answer, "")
    said["body"] = _renamed(operation.body, names)
    said["parameters"] = tuple(
        Parameter(one.wire, one.name, _renamed(one.schema, names), one.required, one.header)
        for one in operation.parameters
    )
    return Operation(**said)


def _places(schemas: Mapping[str, Json], operations: tuple[Operation, ...]) -> dict[str, str]:
    """The place that alone needs a schema, or `shared`."""
    wanted: dict[str, set[str]] = {}
    for operation in operations:
        for name in _reached(operation, schemas):
            wanted.setdefault(name, set()).add(operation.place)
    return {name: min(places) if len(places) == 1 else "shared" for name, places in wanted.items()}


def _reached(operation: Operation, schemas: Mapping[str, Json]) -> frozenset[str]:
    return _all([*_asked_with(operation), *_answered_with(operation)], schemas)


def _asked_with(operation: Operation) -> Iterator[str]:
    yield from refs(operation.body)
    for one in operation.parameters:
        yield from refs(one.schema)


def _answered_with(operation: Operation) -> Iterator[str]:
    if operation.answer:
        yield operation.answer
    if operation.can_be_dry:
        yield MOVES
    if operation.place == "events":
        yield "EventPayload"


def _all(waiting: list[str], schemas: Mapping[str, Json]) -> frozenset[str]:
    """These schemas, and those they are made of."""
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += refs(schemas[name])
    return frozenset(found)
