"""A database without room: refused with a reason, shown by /readyz, and over by itself."""

import errno
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event, text

from storage.database import engine
from storage.database.engine import Database, is_away, is_full
from tests.api.world import World

Limit = Callable[[int], Awaitable[None]]
#: SQLite's own limit.
ROOMY = 1_000_000


@pytest.fixture
def limit(world: World, monkeypatch: pytest.MonkeyPatch) -> Limit:
    """Lets the database grow by so many pages more."""
    monkeypatch.setattr(engine, "PROBE_SECONDS", 0)

    async def by(pages: int) -> None:
        async with world.db.read() as session:
            most = (await session.execute(text("PRAGMA page_count"))).scalar_one() + pages
        await world.db.engine.dispose()

        def set_limit(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA max_page_count={most}")
            cursor.close()

        event.listen(world.db.engine.sync_engine, "connect", set_limit)

    return by


async def bulk(world: World, agent_id: str) -> Any:
    context = {"name": "x" * 5000}
    calls = [{"endpoint": f"+1212555{n:04}", "context": context} for n in range(100, 200)]
    body = {"agentId": agent_id, "calls": calls}
    return await world.http.post("/api/v1/calls/bulk", json=body)


async def test_a_full_disk_is_told_and_over_by_itself(world: World, limit: Limit) -> None:
    agent_id = await world.agent()
    await limit(3)
    for _ in range(3):
        answer = await bulk(world, agent_id)
        assert (answer.status_code, answer.json()["code"]) == (503, "disk_full"), answer.text
        assert int(answer.headers["Retry-After"]) > 0
    ready = await world.http.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (503, "full")
    assert (await world.http.get("/healthz")).status_code == 200
    assert (await world.http.get("/api/v1/calls")).json()["total"] == 0

    await limit(ROOMY)
    assert (await bulk(world, agent_id)).status_code == 202
    await world.run_loops()
    assert (await world.http.get("/readyz")).status_code == 200


async def test_a_probe_leaves_nothing_behind(world: World, limit: Limit) -> None:
    for _ in range(3):
        assert (await world.http.get("/readyz")).json()["database"] == "ok"
    async with world.db.read() as session:
        rows = (await session.execute(text("SELECT filler FROM write_probe"))).all()
    assert [tuple(row) for row in rows] == [("",)]


async def test_what_is_well_is_not_asked_again_at_once(world: World) -> None:
    await world.http.get("/readyz")
    async with world.db.write() as session:
        await session.execute(text("DROP TABLE write_probe"))
    assert (await world.http.get("/readyz")).json()["database"] == "ok"


async def test_a_database_that_others_write_to_is_well(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(_self: Database) -> None:
        raise engine.DatabaseBusy("another transaction holds the database")

    monkeypatch.setattr(Database, "probe", busy)
    await world.run_loops()
    assert (await world.http.get("/readyz")).status_code == 200


class DiskFull(Exception):
    """As psycopg raises it."""

    sqlstate = "53100"


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.OperationalError("disk I/O error"),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        DiskFull(),
    ],
)
def test_every_way_to_say_that_a_disk_is_full_is_known(error: Exception) -> None:
    assert is_full(error)
    wrapped = RuntimeError()
    wrapped.__cause__ = error
    assert is_full(wrapped)


def test_other_errors_are_no_full_disk() -> None:
    locked = sqlite3.OperationalError("database is locked")
    assert is_away(locked)
    assert not any(is_full(one) for one in (None, locked, ConnectionRefusedError(), ValueError()))
