"""One shape for every refusal, and what happens while something is away."""

from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from api.http.problems import away
from storage.database.engine import DatabaseBusy
from tests.api.world import Json, World

MEMBERS = {"type", "title", "status", "detail", "code", "instance", "errors"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/v1/nowhere", 404, "not_found"),
        ("PUT", "/api/v1/calls", 405, "method_not_allowed"),
        ("GET", "/api/v1/calls/nothing", 404, "not_found"),
        ("GET", "/api/v1/calls?take=many", 422, "wrong_type"),
        ("POST", "/api/v1/calls", 422, "required"),
        ("POST", "/twilio/status/x", 403, "bad_signature"),
    ],
)
async def test_every_refusal_has_one_shape(
    world: World, method: str, path: str, status: int, code: str
):
    answer = await world.http.request(method, path)
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem.keys() == MEMBERS
    assert problem["instance"] == path.partition("?")[0]


async def test_a_body_beyond_all_measure_is_not_read(world: World):
    async def endless() -> Any:
        for _ in range(40):
            yield b"x" * 65536

    for content in (b"x" * 2_000_000, endless()):
        headers = {"Content-Type": "application/json"}
        answer = await world.http.post("/api/v1/pathways", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def failing(exc: Exception) -> Any:
    @asynccontextmanager
    async def transaction() -> Any:
        raise exc
        yield

    return transaction


SECRET = "+12125550123"


@pytest.mark.parametrize(
    "exc", [DatabaseBusy("busy"), PoolTimeoutError(), OperationalError("x", {}, OSError())]
)
async def test_while_the_database_is_away_nothing_is_accepted_but_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch, exc: Exception
):
    if isinstance(exc, OperationalError):
        exc.connection_invalidated = True
    body = await world.body()
    monkeypatch.setattr(world.db, "write", failing(exc))
    answer = await world.http.post("/api/v1/calls", json=body)
    assert (answer.status_code, answer.json()["code"]) == (503, "database_away")
    assert int(answer.headers["Retry-After"]) > 0
    assert world.gateway.started == []


async def test_a_connection_to_somebody_else_that_breaks_is_not_the_databases(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    body = await world.body()
    monkeypatch.setattr(world.db, "write", failing(ConnectionResetError()))
    answer = await world.http.post("/api/v1/calls", json=body)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")


async def test_a_fault_of_ours_shows_and_logs_no_details(
    world: World, monkeypatch: pytest.MonkeyPatch, logged: list[Json]
):
    body = await world.body()
    monkeypatch.setattr(world.db, "write", failing(RuntimeError(f"no luck with {SECRET}")))
    answer = await world.http.post("/api/v1/calls", json=body)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert SECRET not in answer.text
    [entry] = [entry for entry in logged if entry["event"] == "unhandled_error"]
    assert entry["error"] == "RuntimeError"
    assert SECRET not in str(entry)
    assert "test_problems.py" in str(entry["at"])


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/calls", "GET, POST"),
        ("/api/v1/agents/x", "DELETE, GET, PATCH, PUT"),
        ("/api/v1/calls/queue/list", "GET"),
        ("/healthz", "GET, HEAD"),
    ],
)
async def test_a_wrong_method_is_told_every_right_one(world: World, path: str, methods: str):
    answer = await world.http.request("TRACE", path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, methods)


def test_temporal_and_the_database_are_named_in_good_english():
    assert away("Temporal").detail.startswith("Temporal cannot be reached")
    assert away("database").detail.startswith("The database cannot be reached")


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"priority": "5"}, "wrong_type", "Must be a whole number."),
        ({"priority": 11}, "out_of_range", "Must be at most 10."),
        ({"recording": "yes"}, "wrong_type", "Must be true or false."),
        ({"schedule": "now"}, "wrong_type", "Must be an object."),
        ({"callDeadline": 1800000000}, "wrong_type", "Must be a time such as"),
        ({"callDeadline": "soon"}, "malformed", "Must be a time such as"),
        ({"agentId": ""}, "too_short", "Must be at least 1 long."),
        ({"voicemail": {"action": "sing"}}, "unknown_value", "Must be one of 'leave_message'"),
        (
            {"voicemail": {"action": "leave_message", "message": "}}"}},
            "malformed",
            "Variables are written {{name}}.",
        ),
        ({"retry": {"busy": "later"}}, "malformed", "Must be an ISO 8601 duration"),
    ],
)
async def test_a_field_is_refused_in_words_of_ours(
    world: World, change: Json, code: str, message: str
):
    problem = await world.post("/api/v1/calls", {**await world.body(), **change}, 422)
    [error] = problem["errors"]
    assert error["code"] == code
    assert error["message"].startswith(message)


async def test_a_body_that_is_no_text_is_no_json(world: World):
    answer = await world.http.post("/api/v1/calls", content=b"\xff\xfe\x00")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_json")


async def test_a_whole_number_may_be_written_with_a_point(world: World):
    call_id = await world.call(priority=7.0)
    assert (await world.view(call_id))["priority"] == 7


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/calls/bulk", "POST"),
        ("/api/v1/suppressions/registries", "GET"),
        ("/api/v1/suppressions/x", "DELETE, GET"),
    ],
)
async def test_methods_of_another_resource_are_not_told(world: World, path: str, methods: str):
    answer = await world.http.options(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)
