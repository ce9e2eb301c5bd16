"""Transactions that hold, errors that tell no numbers, and a database that is away."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from anyio import create_task_group
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlmodel import col, select, update

from storage.calls import calls
from storage.database.engine import Database, is_away, lock_key
from storage.tables import Account, Call
from tests.databases import SqliteTemplates
from tests.storage import make
from tests.storage.make import CALLEE, NOW


async def test_what_is_written_is_kept_and_what_fails_is_not(db: Database):
    account = await make.account(db)

    async def fail() -> None:
        async with db.write() as session:
            session.add(Account(name="lost", created_time=NOW))
            await session.flush()
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fail()
    async with db.read() as session:
        names = (await session.exec(text("SELECT name FROM account"))).all()  # type: ignore[call-overload]
        assert [name for (name,) in names] == [account.name]


async def test_what_is_written_in_a_read_is_not_kept(db: Database):
    async with db.read() as session:
        session.add(Account(name="lost", created_time=NOW))
        await session.flush()
    async with db.read() as session:
        names = (await session.exec(text("SELECT name FROM account"))).all()  # type: ignore[call-overload]
        assert names == []


async def test_no_update_is_lost_between_writers(db: Database):
    call = await make.call_of_somebody(db)

    async def add_one() -> None:
        async with db.write() as session:
            row = await calls.lock(session, call.call_id)
            assert row is not None
            row.attempt_count += 1

    await asyncio.gather(*(add_one() for _ in range(20)))
    assert (await make.call_seen(db, call.call_id)).attempt_count == 20


async def test_a_lock_shows_what_others_have_written_meanwhile(db: Database):
    call = await make.call_of_somebody(db)
    async with db.write() as session:
        row = await calls.lock(session, call.call_id)
        assert row is not None
        assert await calls.lock(session, call.call_id) is row
        assert await calls.lock(session, "nobody") is None


async def test_who_names_the_same_key_waits(db: Database):
    order: list[str] = []

    async def hold(name: str) -> None:
        async with db.write() as session:
            await lock_key(session, "the same")
            order.append(name)
            await asyncio.sleep(0.02)
            order.append(name)

    await asyncio.gather(hold("a"), hold("b"))
    assert order in (["a", "a", "b", "b"], ["b", "b", "a", "a"])


async def test_no_error_shows_a_row(db: Database):
    call = await make.call_of_somebody(db)
    broken = update(Call).where(col(Call.call_id) == call.call_id).values(caller_id=None)
    with pytest.raises(IntegrityError) as caught:
        async with db.write() as session:
            await session.exec(broken)
    error: BaseException | None = caught.value
    while error is not None:
        assert CALLEE not in f"{error} {error!r} {error.args}"
        error = error.__cause__ or error.__context__


async def test_a_naive_instant_is_refused(db: Database):
    with pytest.raises(StatementError, match="naive"):
        await make.account(db, created_time=NOW.replace(tzinfo=None))


async def test_a_running_database_answers(db: Database):
    await db.ping()
    assert db.dialect in ("sqlite", "postgresql")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all.db",
        "postgresql://somebody:secret@127.0.0.1:1/x?connect_timeout=2",
    ],
)
async def test_a_missing_database_is_away_and_its_password_hidden(url: str):
    database = Database(url)
    with pytest.raises(DBAPIError) as caught:
        await database.ping()
    assert is_away(caught.value)
    assert "secret" not in f"{database!r} {database.url} {database.url!r} {caught.value}"
    await database.close()
    # The driver's thread may still have to tell its loop of the failure.
    await asyncio.sleep(0.05)


async def test_a_mistake_in_a_query_is_not_an_absence(db: Database):
    with pytest.raises(DBAPIError) as caught:
        async with db.read() as session:
            await session.exec(text("SELECT 1 FROM nowhere"))  # type: ignore[call-overload]
    assert not is_away(caught.value)
    assert not is_away(ValueError())


def test_a_locked_file_counts_as_away():
    error = OperationalError("x", None, sqlite3.OperationalError("database is locked"))
    assert is_away(error)
    wrapped = RuntimeError()
    wrapped.__cause__ = error
    assert is_away(wrapped)


def test_another_connection_that_breaks_says_nothing_of_the_database():
    """A driver wraps its own; what comes as it is was somebody else's, a provider's for one."""
    assert not is_away(ConnectionResetError())


def test_other_databases_are_refused():
    with pytest.raises(ValueError, match="mysql"):
        Database("mysql://localhost/x")


async def test_two_processes_write_to_one_file(sqlite_templates: SqliteTemplates, tmp_path: Path):
    url = sqlite_templates.copy(tmp_path / "shared.db")
    first, second = Database(url), Database(url)
    await asyncio.gather(*(make.account(one) for one in (first, second) * 10))
    async with first.read() as session:
        (count,) = (await session.exec(text("SELECT count(*) FROM account"))).one()  # type: ignore[call-overload]
    assert count == 20
    await first.close()
    await second.close()


async def test_whoever_goes_away_from_a_list_leaves_no_connection_half_ended(db: Database) -> None:
    """The client of a stream disconnects at any moment of a look at the database."""

    async def look() -> None:
        async with db.browse() as session:
            await session.exec(select(Account))
            await session.exec(select(Account))

    own = asyncio.all_tasks()
    for turn in range(60):
        async with create_task_group() as group:
            group.start_soon(look)
            await asyncio.sleep(turn * 0.0001)
            group.cancel_scope.cancel()
        # As at the process's end: no connection is kept that would hide an unfinished one.
        await db.close()
    assert asyncio.all_tasks() == own


async def test_a_probe_writes_and_can_be_repeated(db: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("storage.database.engine.PROBE_SECONDS", 0)
    await asyncio.gather(*(db.probe() for _ in range(4)))
    async with db.read() as session:
        assert (await session.execute(text("SELECT max(filler) FROM write_probe"))).scalar() == ""
