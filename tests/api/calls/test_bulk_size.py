"""A request of the largest size: answered, lean, and without keeping others waiting."""

import asyncio
import json
import tracemalloc

from tests.api.world import World

BULK = "/api/v1/calls/bulk"
MIB = 1024 * 1024


def body_of(agent_id: str, rows: int) -> str:
    calls = [
        {"endpoint": f"+1212{2000000 + number}", "context": {"name": "Ada", "row": number}}
        for number in range(rows)
    ]
    return json.dumps({"agentId": agent_id, "calls": calls})


async def test_ten_thousand_rows_are_accepted_in_one_request(world: World):
    body = body_of(await world.agent(), 10_000)
    answer = await world.http.post(BULK, content=body, headers={"Idempotency-Key": "a"})
    assert answer.status_code == 202
    results = answer.json()["results"]
    assert [result["index"] for result in results] == list(range(10_000))
    assert (await world.http.get("/api/v1/calls?take=1")).json()["total"] == 10_000


async def test_memory_stays_within_a_few_kilobytes_a_row(world: World):
    body = body_of(await world.agent(), 2_000)
    tracemalloc.start()
    try:
        await world.http.post(BULK, content=body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000 / 10_000 * 150 * MIB


async def test_others_are_answered_while_a_large_request_is_worked_on(world: World):
    body = body_of(await world.agent(), 3_000)
    large = asyncio.create_task(world.http.post(BULK, content=body))
    answers = 0
    while not large.done():
        await asyncio.sleep(0)
        assert (await world.http.get("/healthz")).status_code == 200
        answers += 1
    assert (await large).status_code == 202
    assert answers > 20
