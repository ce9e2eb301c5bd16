"""Lists come from a real replica while it is near, and from the database itself otherwise."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from storage.database import read_replica
from storage.database.engine import Database
from storage.database.postgresql import ConnectionOptions
from tests.databases import migrated_database
from tests.storage import make
from tests.storage.database.postgres import Postgres, programs
from tests.wait import until


class Replica:
    """A server that follows another one, in a folder of its own."""

    def __init__(self, first: Postgres) -> None:
        there = parse_qs(urlsplit(first.url()).query)
        self._socket, self._port = there["host"][0], there["port"][0]
        self._folder = Path(tempfile.mkdtemp(prefix="trunkline-follows-"))
        owner = Path(self._socket).stat()
        self._owner = owner.st_uid if os.getuid() == 0 else None
        if self._owner is not None:
            os.chown(self._folder, owner.st_uid, owner.st_gid)

    def start(self) -> None:
        data, log = self._folder / "data", self._folder / "log"
        for mine in Path(self._socket).glob(".handle_pids.json"):
            mine.chmod(0o644)  # The wheel's own note; a base backup copies what lies there.
        source = ("-h", self._socket, "-p", self._port, "-U", "postgres")
        self._run("pg_basebackup", *source, "-D", str(data), "-R", "-X", "stream", "-c", "fast")
        own = f"-p 5433 -k {self._folder} -c listen_addresses=''"
        self._run("pg_ctl", "-D", str(data), "-l", str(log), "-o", own, "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._folder}&port=5433"

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(programs() / program), *arguments]
        subprocess.run(
            command, user=self._owner, check=True, stdout=subprocess.DEVNULL, cwd=self._folder
        )


@pytest.fixture(scope="module")
def replica(postgres: Postgres) -> Iterator[Replica]:
    following = Replica(postgres)
    following.start()
    try:
        yield following
    finally:
        following.stop()
        following.remove()


@asynccontextmanager
async def followed(postgres: Postgres, url: str, name: str) -> AsyncIterator[Database]:
    db = Database(postgres.url(name), ConnectionOptions(replica_url=url, replica_lag_seconds=2))
    try:
        yield db
    finally:
        await db.close()


async def is_surveyed_at_the_replica(db: Database) -> bool:
    async with db.survey() as session:
        return bool((await session.execute(text("SELECT pg_is_in_recovery()"))).scalar())


async def test_lists_come_from_the_replica_while_it_is_near(
    postgres: Postgres, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.read_replica.MEASURED_EVERY", 0)
    name = migrated_database(postgres)
    async with followed(postgres, replica.url(name), name) as db:
        assert db.replica is not None

        async def near() -> bool:
            return await is_surveyed_at_the_replica(db)

        async def far() -> bool:
            await make.account(db)
            return not await is_surveyed_at_the_replica(db)

        await until(near, "a replica that has caught up")
        # What is decided by, and what is written, is the database's own.
        for look in (db.read, db.browse, db.write):
            async with look() as session:
                asked = await session.execute(text("SELECT pg_is_in_recovery()"))
                assert asked.scalar() is False
        replica.execute("SELECT pg_wal_replay_pause()")
        await until(far, "lists from the database itself")
        replica.execute("SELECT pg_wal_replay_resume()")
        await until(near, "lists from the replica again")
        async with db.survey() as session:
            assert (await session.execute(text("SELECT count(*) FROM account"))).scalar_one() > 0


@pytest.mark.parametrize("kind", ["away", "no-replica"])
async def test_what_is_no_replica_is_not_read(postgres: Postgres, kind: str) -> None:
    """Neither a server that does not answer nor one that follows nobody, such as a promoted one."""
    name = postgres.create_database()
    away = "postgresql://postgres@127.0.0.1:1/x?connect_timeout=1"
    async with followed(postgres, away if kind == "away" else postgres.url(), name) as db:
        assert db.replica is not None
        assert await db.replica.lag() is None
        async with db.survey() as session:
            found = (await session.execute(text("SELECT current_database()"))).scalar()
        assert found == name


async def test_a_replica_that_does_not_answer_holds_up_a_list_now_and_then_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries = 0

    async def silent(_engine: object, _statement: object) -> int | None:
        nonlocal tries
        tries += 1
        raise TimeoutError

    monkeypatch.setattr(read_replica, "MEASURED_EVERY", 0)
    monkeypatch.setattr(read_replica, "_asked", silent)
    engine = create_async_engine("sqlite+aiosqlite://")
    replica = read_replica.ReadReplica(engine, engine, 5)
    assert [await replica.is_near() for _ in range(3)] == [False] * 3
    assert tries == 1
