"""The client is that of the OpenAPI document: every operation, every field, and as it is made."""

import inspect
from typing import Any, Literal, get_origin

import pytest
from pydantic import BaseModel

from api.app import create_app
from settings import Settings
from tools.client.__main__ import CLIENT, sources
from tools.client.document import BY_HAND, Document, Operation, read
from tools.client.python_types import words
from trunkline_client import AsyncTrunkline, Trunkline
from trunkline_client.models.base import Said

DOCUMENT: Document = read(create_app(Settings()).openapi())


def model(name: str) -> Any:
    module = __import__(f"trunkline_client.models.{DOCUMENT.places[name]}", fromlist=[name])
    return getattr(module, name)


def test_what_is_made_from_the_document_is_what_is_here() -> None:
    """If not: python -m tools.client"""
    made = sources()
    stale = [str(path) for path, text in made.items() if path.read_text() != text]
    assert stale == []
    by_hand = {"base.py"}
    rooms = {path.parent for path in made}
    here = {path for room in rooms for path in room.glob("*.py") if path.name not in by_hand}
    assert here == {path for path in made if path.name not in by_hand}
    assert CLIENT.name == "trunkline_client"


@pytest.mark.parametrize("client", [Trunkline, AsyncTrunkline])
@pytest.mark.parametrize("asked", DOCUMENT.operations, ids=lambda one: one.name)
def test_every_operation_has_a_method_that_takes_all_its_parameters(
    asked: Operation, client: type
) -> None:
    method = getattr(client, asked.name)
    taken = set(inspect.signature(method).parameters)
    wanted = {*asked.path_names, *(one.name for one in asked.parameters)}
    wanted -= {"last_event_id"} if asked.name in BY_HAND else set()
    assert wanted <= taken
    if asked.body is not None:
        assert "body" in taken
    if asked.can_be_dry:
        assert hasattr(client, f"dry_{asked.name}")
    assert asked.keyed == ("idempotency_key" in taken)


@pytest.mark.parametrize("name", sorted(DOCUMENT.places))
def test_every_schema_has_a_class_with_its_fields(name: str) -> None:
    schema, found = DOCUMENT.schemas[name], model(name)
    if "enum" in schema:
        assert get_origin(found) is Literal
        assert f"Literal[{', '.join(repr(one) for one in found.__args__)}]".replace("'", '"') == (
            words(schema)
        )
        return
    assert issubclass(found, BaseModel)
    fields = {field.alias: field for field in found.model_fields.values()}
    assert fields.keys() == schema.get("properties", {}).keys()
    required = {alias for alias, field in fields.items() if field.is_required()}
    assert required == set(schema.get("required", ()))


def test_what_is_only_said_takes_no_field_that_the_api_would_refuse() -> None:
    only = DOCUMENT.said - DOCUMENT.answered
    classes = [model(name) for name in only if not DOCUMENT.is_enum(name)]
    assert classes
    assert all(issubclass(one, Said) for one in classes)
