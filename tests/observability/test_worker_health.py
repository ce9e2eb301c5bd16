"""A worker says whether it lives and whether it can work, where its metrics are."""

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from observability import worker_health
from observability.exposition import Exposition, served
from observability.worker_health import WorkerHealth


async def well() -> bool:
    return True


async def badly() -> bool:
    return False


async def broken() -> bool:
    raise ConnectionResetError


async def ask(health: WorkerHealth, path: str) -> tuple[int, object]:
    async with (
        served("127.0.0.1:0", Exposition(CollectorRegistry()), health) as port,
        httpx2.AsyncClient(trust_env=False) as client,
    ):
        answer = await client.get(f"http://127.0.0.1:{port}{path}")
        return answer.status_code, answer.json()


async def test_a_process_that_still_waits_is_alive_and_not_ready():
    health = WorkerHealth()
    assert await ask(health, "/healthz") == (200, {"status": "ok"})
    assert await ask(health, "/readyz") == (503, {"worker": "away"})


async def test_it_is_ready_while_all_it_needs_is_there():
    health = WorkerHealth()
    health.begin(database=well, temporal=well)
    assert await ask(health, "/readyz") == (200, {"database": "ok", "temporal": "ok"})


@pytest.mark.parametrize("look", [badly, broken])
async def test_what_is_away_is_named_and_the_process_lives_on(look: worker_health.Look):
    health = WorkerHealth()
    health.begin(database=look, temporal=well)
    assert await ask(health, "/readyz") == (503, {"database": "away", "temporal": "ok"})
    assert (await ask(health, "/healthz"))[0] == 200
