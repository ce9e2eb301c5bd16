"""POST /api/v1/calls/bulk as a whole: refused, repeated, sent twice at once."""

import asyncio
import json
from typing import Any

import pytest

from tests.api.world import ENDPOINT, Json, World

BULK = "/api/v1/calls/bulk"
OTHER = "+12125550124"


async def send(world: World, body: Any, status: int = 202, **headers: str) -> Json:
    return await world.post(BULK, body, status, **headers)


async def total(world: World) -> int:
    return int((await world.http.get("/api/v1/calls")).json()["total"])


REQUESTS: list[tuple[str, Any, str, str]] = [
    ("no rows", {"calls": []}, "required", "calls"),
    ("an empty array", [], "required", "calls"),
    ("too many rows", {"calls": [{}] * 10_001}, "too_many_rows", "calls"),
    ("too long an array", [{}] * 10_001, "too_many_rows", "calls"),
    ("rows that are no list", {"calls": {}}, "wrong_type", "calls"),
    ("no rows at all", {"agentId": "a"}, "required", "calls"),
    ("a text", "calls", "wrong_type", ""),
    ("an unknown field", {"calls": [{}], "x": 1}, "unknown_field", "x"),
    ("bad defaults", {"calls": [{}], "defaults": {"priority": 11}}, "*", "defaults.priority"),
    ("an endpoint for all", {"calls": [{}], "defaults": {"endpoint": OTHER}}, "*", "*"),
]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [case[1:] for case in REQUESTS],
    ids=[case[0] for case in REQUESTS],
)
async def test_a_request_that_is_none_is_refused_as_a_whole(
    world: World, body: Any, code: str, field: str
):
    problem = await send(world, body, 422)
    error = problem["errors"][0]
    assert code in (error["code"], "*")
    assert field in (error["field"], "*")
    assert await total(world) == 0


@pytest.mark.parametrize(
    "body", ["", "{", "[1,", "[" * 100_000, '{"calls": [{}], "defaults": NaN}']
)
async def test_what_is_no_json_is_refused(world: World, body: str):
    answer = await world.http.post(BULK, content=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("text", ['"\\u0000"', '{"x": ' * 300 + "1" + "}" * 300])
async def test_defaults_that_no_database_can_keep_are_refused(world: World, text: str):
    body = f'{{"agentId": "a", "calls": [{{}}], "defaults": {{"additionalData": {{"x": {text}}}}}}}'
    answer = await world.http.post(BULK, content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_json")


async def test_a_body_may_be_large_but_not_boundless(world: World):
    padding = " " * (2 * 1024 * 1024)
    body = json.dumps([await world.body()])
    assert (await world.http.post(BULK, content=body + padding)).status_code == 202
    assert (await world.http.post(BULK, content=body + padding * 16)).status_code == 413


async def test_a_key_without_the_scope_or_no_key_is_refused(world: World):
    answer = await world.http.post(BULK, json=[], headers={"Authorization": ""})
    assert answer.status_code == 401


async def test_the_same_request_gets_the_same_answer_and_makes_its_calls_once(world: World):
    rows = [{"endpoint": ENDPOINT}, {"endpoint": "x"}]
    body = {"agentId": await world.agent(), "calls": rows}
    first = await world.http.post(BULK, json=body, headers={"Idempotency-Key": "a"})
    turned = json.dumps(dict(reversed(body.items())), indent=2)
    again = await world.http.post(BULK, content=turned, headers={"Idempotency-Key": "a"})
    assert (first.status_code, again.status_code) == (207, 207)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await total(world) == 1
    rows.append({"endpoint": OTHER})
    assert (await send(world, body, 409, Idempotency_Key="a"))["code"] == "idempotency_key_reused"


async def test_of_many_at_once_one_makes_the_calls(world: World):
    body = {"agentId": await world.agent(), "calls": [{"endpoint": ENDPOINT}, {"endpoint": OTHER}]}
    answers = await asyncio.gather(
        *(world.http.post(BULK, json=body, headers={"Idempotency-Key": "a"}) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert await total(world) == 2


async def test_of_two_requests_at_once_one_finds_the_others_calls(world: World):
    agent_id = await world.agent()
    rows = [{"endpoint": f"+1212555{number:04}"} for number in range(100, 160)]
    answers = await asyncio.gather(
        *(world.http.post(BULK, json={"agentId": agent_id, "calls": rows}) for _ in range(3))
    )
    assert sum(answer.json()["accepted"] for answer in answers) == 60
    assert await total(world) == 60
