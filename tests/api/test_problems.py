"""One shape for every refusal, and what happens while something is away."""

from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from storage.engine import DatabaseBusy
from tests.api.world import Json, World

MEMBERS = {"type", "title", "status", "detail", "code", "instance", "errors"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/v1/nowhere", 404, "not_found"),
        ("PUT", "/api/v1/calls", 405, "method_not_allowed"),
        ("GET", "/api/v1/calls/nothing", 404, "not_found"),
        ("GET", "/api/v1/calls?take=many", 422, "int_parsing"),
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
    "exc", [DatabaseBusy("busy"), ConnectionRefusedError(), OperationalError("x", {}, OSError())]
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
