"""A database that fails: refused clearly, nothing half done, shown by /readyz, over by itself."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import closing

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import event

from api.app import assemble
from api.callbacks.deps import CallbackServices
from settings import Settings
from storage.database import engine
from storage.database.engine import Database
from tests.api.conftest import with_first_account
from tests.api.world import KEY, Clock, FakeGateway, Json, World
from tests.databases import migrated_database
from tests.storage.database.postgres import Postgres, running_postgres
from tests.wait import until


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Postgres]:
    """A server that may be struck: no other test uses it."""
    with running_postgres() as server:
        yield server


@pytest.fixture
async def on_postgres(
    application: FastAPI, settings: Settings, own_postgres: Postgres
) -> AsyncIterator[World]:
    db = Database(own_postgres.url(migrated_database(own_postgres)))
    await with_first_account(db)
    gateway, clock = FakeGateway(), Clock()
    headers = {"Authorization": f"Bearer {KEY}"}
    transport = httpx2.ASGITransport(application, raise_app_exceptions=False)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://api", headers=headers
    ) as http:
        application.state.services = assemble(settings, db, gateway, clock)
        application.state.callbacks = CallbackServices.of(settings, gateway)
        yield World(http, db, gateway, clock)
    await db.close()


@pytest.fixture(autouse=True)
def asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """/readyz looks each time."""
    monkeypatch.setattr(engine, "PROBE_SECONDS", 0)


def refused(answer: httpx2.Response) -> str:
    """The code of a clear refusal."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    return str(answer.json()["code"])


async def ready(world: World) -> tuple[int, str]:
    answer = await world.http.get("/readyz")
    return answer.status_code, answer.json()["database"]


async def total(world: World) -> int:
    return int((await world.http.get("/api/v1/calls")).json()["total"])


async def takes_calls_again(world: World, body: Json) -> None:
    await world.run_loops()
    assert await ready(world) == (200, "ok")
    assert (await world.http.post("/api/v1/calls", json=body)).status_code == 202
    assert await total(world) == 1


async def test_a_read_only_sqlite_refuses_writes_shows_its_calls_and_recovers(world: World) -> None:
    body = await world.body()
    await world.db.engine.dispose()

    def close_to_writers(connection: sqlite3.Connection, _record: object) -> None:
        sqlite3.Connection.execute(connection, "PRAGMA query_only=ON")

    pool = world.db.engine.sync_engine
    event.listen(pool, "connect", close_to_writers)
    try:
        assert refused(await world.http.post("/api/v1/calls", json=body)) == "database_read_only"
        assert await ready(world) == (503, "read-only")
        assert await total(world) == 0
    finally:
        event.remove(pool, "connect", close_to_writers)
        await world.db.engine.dispose()
    await takes_calls_again(world, body)


async def test_a_sqlite_that_another_process_holds_refuses_and_recovers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
    body = await world.body()
    with closing(sqlite3.connect(world.db.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert refused(await world.http.post("/api/v1/calls", json=body)) == "database_away"
        assert await total(world) == 0
        other.execute("ROLLBACK")
    await takes_calls_again(world, body)


async def test_a_read_only_postgresql_refuses_writes_shows_its_calls_and_recovers(
    on_postgres: World, own_postgres: Postgres
) -> None:
    world, body = on_postgres, await on_postgres.body()
    name = world.db.url.database
    setting = f"ALTER DATABASE {name} SET default_transaction_read_only"
    own_postgres.execute(f"{setting} = on")
    await world.db.engine.dispose()
    assert refused(await world.http.post("/api/v1/calls", json=body)) == "database_read_only"
    assert await ready(world) == (503, "read-only")
    assert await total(world) == 0
    own_postgres.execute(f"{setting} = off")
    await world.db.engine.dispose()
    await takes_calls_again(world, body)


async def test_sessions_that_the_server_ends_cost_no_promised_call(
    on_postgres: World, own_postgres: Postgres
) -> None:
    world, agent_id = on_postgres, await on_postgres.agent()
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    sending = asyncio.create_task(submitted(world, agent_id, 60))
    for _ in range(5):
        own_postgres.execute(f"{end} AND datname = '{world.db.url.database}'")
        await asyncio.sleep(0)
    await everything_promised_is_there(world, await sending)


async def test_a_postgresql_that_is_restarted_under_load_loses_no_promised_call(
    on_postgres: World, own_postgres: Postgres
) -> None:
    world, agent_id = on_postgres, await on_postgres.agent()
    sending = asyncio.create_task(submitted(world, agent_id, 60))
    await until(lambda: some(world), "a call")
    await asyncio.to_thread(own_postgres.restart)
    await everything_promised_is_there(world, await sending)
    await world.run_loops()
    assert await ready(world) == (200, "ok")


async def submitted(world: World, agent_id: str, count: int) -> Counter[str]:
    """Ids of promised calls; a request that is refused is sent again, with the same key."""
    limit = asyncio.Semaphore(8)

    async def one(number: int) -> str:
        body = {"agentId": agent_id, "endpoint": f"+1212555{100 + number:04}"}
        key = {"Idempotency-Key": f"call-{number}"}
        async with limit:
            while (answer := await send(world, body, key)).status_code != 202:
                refused(answer)
                await asyncio.sleep(0.05)
        return str(answer.json()["callId"])

    return Counter(await asyncio.gather(*map(one, range(count))))


async def send(world: World, body: Json, headers: dict[str, str]) -> httpx2.Response:
    return await world.http.post("/api/v1/calls", json=body, headers=headers)


async def some(world: World) -> bool:
    answer = await world.http.get("/api/v1/calls")
    return answer.status_code == 200 and answer.json()["total"] > 0


async def everything_promised_is_there(world: World, promised: Counter[str]) -> None:
    assert set(promised.values()) == {1}
    assert await total(world) == len(promised) == 60
