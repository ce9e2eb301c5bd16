"""The OpenAPI document: examples that are true, and problems on every operation."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from api.accounts import agent_schemas, pathway_schemas
from api.calls import schemas as calls
from api.http.openapi import PUBLISHED
from api.http.schema import Request
from policy.pathways.pathway import check_pathway

Json = dict[str, Any]
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def document(application: FastAPI) -> Json:
    return application.openapi()


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def schema_of(document: Json, schema: Json) -> Json:
    if "$ref" not in schema:
        return schema
    found: Json = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def schemas_of(document: Json, schema: Json) -> list[Json]:
    """What it may be, each looked up: of a change, of its rehearsal; nothing has no example."""
    found = [schema_of(document, one) for one in schema.get("anyOf", [schema])]
    return [one for one in found if one.get("type") != "null"]


def test_every_request_body_has_an_example(document: Json):
    bodies = [
        body
        for _, _, operation in operations(document)
        for media_type, media in operation.get("requestBody", {}).get("content", {}).items()
        if media_type in (JSON, FORM)
        for body in schemas_of(document, media["schema"])
    ]
    assert len(bodies) >= 7
    assert all(body.get("examples") for body in bodies)


def test_every_operation_of_v1_tells_how_it_refuses(document: Json):
    for path, method, operation in operations(document):
        if not path.startswith("/api/v1"):
            continue
        refusals = {code for code in operation["responses"] if code >= "400"}
        assert refusals >= {"401", "403", "503"}, (method, path)
        for code in refusals:
            content = operation["responses"][code]["content"]
            assert list(content) == ["application/problem+json"], (method, path, code)


def test_every_operation_tells_what_any_may_answer(document: Json):
    for path, method, operation in operations(document):
        answers = operation["responses"]
        assert "503" in answers, (method, path)
        if "requestBody" in operation:
            assert {"413", "422"} <= answers.keys(), (method, path)
        if path.startswith("/api/v1"):
            assert "422" in answers, (method, path)
        if "_id}" in path:
            assert "404" in answers, (method, path)
        if {"name": "dryRun", "in": "query"}.items() <= _parameter(operation, "dryRun").items():
            assert "200" in answers, (method, path)


def _parameter(operation: Json, name: str) -> Json:
    found = [one for one in operation.get("parameters", []) if one["name"] == name]
    return {key: value for one in found for key, value in one.items()}


@pytest.mark.parametrize(
    ("status", "header"), [("401", "WWW-Authenticate"), ("503", "Retry-After")]
)
def test_a_refusal_tells_the_header_that_comes_with_it(document: Json, status: str, header: str):
    for path, method, operation in operations(document):
        if status in operation["responses"] and path != "/readyz":
            assert header in operation["responses"][status]["headers"], (method, path)


def _requests(of: type[Request] = Request) -> Iterator[type[Request]]:
    for one in of.__subclasses__():
        yield one
        yield from _requests(one)


def test_no_body_takes_a_text_for_a_number_or_a_number_for_a_yes(application: FastAPI):
    lax = [
        (model.__name__, name)
        for model in _requests()
        for name, field in model.model_fields.items()
        for said in [f"{field.annotation!r} {field.metadata!r}"]
        if re.search(r"\b(int|bool)\b", said) and "Strict(" not in said
    ]
    assert lax == []


def test_every_operation_says_in_a_sentence_what_it_does(document: Json):
    assert all(operation.get("description") for _, _, operation in operations(document))


def test_fields_are_camel_case(document: Json):
    names = [
        name
        for schema in document["components"]["schemas"].values()
        for name in schema.get("properties", {})
    ]
    assert "callDeadline" in names
    assert [name for name in names if "_" in name or name[0].isupper()] == []


def test_the_bearer_key_is_documented(document: Json):
    assert document["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    assert document["paths"]["/api/v1/calls"]["post"]["security"]


def test_the_examples_are_valid():
    calls.CallRequest.model_validate(calls.EXAMPLE)
    agent_schemas.AgentRequest.model_validate(agent_schemas.EXAMPLE)
    pathway = pathway_schemas.PathwayRequest.model_validate(pathway_schemas.EXAMPLE)
    assert check_pathway(pathway.kind, pathway.definition) == []


def test_the_version_is_the_projects(document: Json):
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert document["info"]["version"] == project["version"]


@pytest.mark.parametrize("path", ["", "/queue/list", "/statistics/statuses"])
def test_every_filter_of_calls_is_declared(document: Json, path: str):
    parameters = document["paths"][f"/api/v1/calls{path}"]["get"]["parameters"]
    assert {one["name"] for one in parameters} >= {"status", "status[]", "additionalData.<key>"}


def test_callbacks_tell_their_form_and_how_they_refuse(document: Json):
    for path, methods in document["paths"].items():
        if path.startswith("/twilio/"):
            assert list(methods["post"]["requestBody"]["content"]) == [FORM], path
            assert methods["post"]["responses"].keys() >= {"400", "403"}, path


def test_every_answer_has_an_example(document: Json):
    for path, method, operation in operations(document):
        for status in ("200", "201", "202"):
            media = operation["responses"].get(status, {}).get("content", {}).get(JSON)
            if media and path != "/api/v1/calls/{call_id}":
                for schema in schemas_of(document, media["schema"]):
                    assert schema.get("examples"), (method, path)


def test_schemas_keep_the_names_that_clients_were_made_from(document: Json):
    schemas = document["components"]["schemas"]
    assert set(PUBLISHED.values()) <= schemas.keys()
    assert not PUBLISHED.keys() & schemas.keys()
    assert {name for name in schemas if "__" in name} <= set(PUBLISHED.values())
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert references <= schemas.keys()
