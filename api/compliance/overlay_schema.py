"""What the OpenAPI document says of an overlay: a rule as the packs have them, of one of its kinds.

The models of `policy.rules.model` read it; what only a law has is left out, or filled in.
"""

from typing import Any

from pydantic import TypeAdapter

from api.http.schema import JsonObject
from policy.rules.model import AnyRule

_OF_LAWS = ("fallback", "unlessConsent")
_FILLED_IN = ("id", "source", "confidence", "verifiedOn")
#: What it is called besides `own.`, which is put before it where it is not said.
_ID: JsonObject = {
    "anyOf": [{"type": "string", "pattern": r"^(own\.)?[a-z0-9_.-]{1,96}$"}, {"type": "null"}]
}


def body_schema() -> JsonObject:
    """`openapi_extra=` of the route."""
    document = TypeAdapter[Any](AnyRule).json_schema(by_alias=True)
    parts = document["$defs"]
    kinds = [_overlay(_whole(one, parts)) for one in document["oneOf"]]
    return {"requestBody": {"content": {"application/json": {"schema": {"oneOf": kinds}}}}}


def _overlay(rule: JsonObject) -> JsonObject:
    properties = {name: of for name, of in rule["properties"].items() if name not in _OF_LAWS}
    required = [name for name in rule["required"] if name not in _FILLED_IN]
    return {**rule, "properties": {**properties, "id": _ID}, "required": required}


def _whole(part: Any, parts: JsonObject) -> Any:
    """The schema with what it refers to in its place."""
    if isinstance(part, list):
        return [_whole(one, parts) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _whole(parts[part["$ref"].rpartition("/")[2]], parts)
    return {name: _whole(value, parts) for name, value in part.items()}
