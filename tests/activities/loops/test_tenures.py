"""Loops run where their lease surely is: taken over, left in time, given back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from sqlmodel import update
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.clock import utcnow
from activities.loops import tenures
from activities.loops.loop import REST_SECONDS, Loop
from activities.loops.tenures import LoopTenures
from storage import loop_leases
from storage.attempts import workers
from storage.database.engine import Database, DatabaseBusy
from storage.tables import LoopLease
from tests.databases import SqliteTemplates
from tests.wait import PATIENCE

NAME = "turns"


@pytest_asyncio.fixture
async def db(sqlite_templates: SqliteTemplates) -> AsyncIterator[Database]:
    async with sqlite_templates.opened("tenures") as database:
        yield database


class Process:
    """A worker with one loop, whose turn lasts until it is let go on."""

    def __init__(self, db: Database, worker_id: str) -> None:
        self.begun, self.go_on, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.finished = 0
        #: How long what the loop had begun was given to end.
        self.rest: float | None = None
        self._db = db
        self._worker_id = worker_id
        self.tenures = LoopTenures(db, worker_id, [Loop(NAME, self._turn, self._end)])

    async def beat(self) -> None:
        await self.tenures.renew(self._note)

    async def _note(self, session: AsyncSession) -> None:
        await workers.beat(session, self._worker_id, utcnow())

    async def _turn(self) -> float:
        self.begun.set()
        await self.go_on.wait()
        self.finished += 1
        return 3600

    async def _end(self, seconds: float) -> None:
        self.rest = seconds
        self.ended.set()


async def heard(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), PATIENCE)


async def holders(db: Database) -> dict[str, str]:
    async with db.read() as session:
        return await loop_leases.held(session)


async def expire(db: Database) -> None:
    """As if nobody had renewed for long."""
    async with db.write() as session:
        await session.exec(update(LoopLease).values(expires_at=utcnow() - timedelta(minutes=1)))


async def test_one_worker_runs_a_loop_and_another_when_that_one_has_died(db: Database):
    first, second = Process(db, "first"), Process(db, "second")
    async with first.tenures.kept(), second.tenures.kept():
        await first.beat()
        await second.beat()
        await heard(first.begun)
        assert [*second.tenures.running] == []
        await expire(db)
        await second.beat()
        await heard(second.begun)
        assert await holders(db) == {NAME: "second"}
        first.go_on.set()
        second.go_on.set()


async def test_a_worker_whose_lease_is_anothers_leaves_the_loop_when_it_hears_so(db: Database):
    first, second = Process(db, "first"), Process(db, "second")
    async with first.tenures.kept(), second.tenures.kept():
        await first.beat()
        await heard(first.begun)
        await expire(db)
        await second.beat()
        await first.beat()
        await heard(first.ended)
        assert (first.finished, first.rest) == (0, 0)
        second.go_on.set()


async def test_a_worker_that_cannot_renew_leaves_its_loops_while_the_lease_is_still_its_own(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tenures, "SURE_SECONDS", 0.2)
    process = Process(db, "here")
    async with process.tenures.kept():
        await process.beat()
        await heard(process.begun)
        await heard(process.ended)
        assert (process.finished, process.rest) == (0, 0)
        assert await holders(db) == {NAME: "here"}
        monkeypatch.undo()
        process.begun.clear()
        await process.beat()
        await heard(process.begun)
        process.go_on.set()


async def test_what_is_sure_ends_before_anybody_else_can_have_it():
    """The lease is counted from after the moment from which the worker counts."""
    assert 2 * 2.0 < tenures.SURE_SECONDS < loop_leases.LIFETIME.total_seconds()


async def test_a_renewal_that_took_too_long_begins_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tenures, "SURE_SECONDS", 0.0)
    process = Process(db, "here")
    async with process.tenures.kept():
        await process.beat()
        assert [*process.tenures.running] == []


async def test_a_worker_that_stops_ends_its_turn_and_gives_the_loop_back_at_once(db: Database):
    first, second = Process(db, "first"), Process(db, "second")
    async with second.tenures.kept():
        async with first.tenures.kept():
            await first.beat()
            await heard(first.begun)
            first.tenures.leave()
            # Its dials are finished meanwhile, so it goes on to beat.
            await first.beat()
            assert await holders(db) == {NAME: "first"}
            first.go_on.set()
            await heard(first.ended)
        assert (first.finished, first.rest) == (1, REST_SECONDS)
        assert await holders(db) == {}
        await second.beat()
        await heard(second.begun)
        second.go_on.set()


async def test_a_worker_that_stops_takes_no_loop_any_more(db: Database):
    process = Process(db, "here")
    async with process.tenures.kept():
        process.tenures.leave()
        await process.beat()
        assert await holders(db) == {}


async def test_a_turn_that_does_not_end_is_cancelled_when_its_worker_stops(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tenures, "LEAVE_SECONDS", 0.05)
    process = Process(db, "here")
    async with process.tenures.kept():
        await process.beat()
        await heard(process.begun)
    assert (process.finished, process.rest) == (0, 0)
    assert await holders(db) == {}


async def test_leases_are_renewed_with_the_workers_beat_or_not_at_all(db: Database):
    process = Process(db, "here")

    async def fail(_session: AsyncSession) -> None:
        raise DatabaseBusy

    async with process.tenures.kept():
        with pytest.raises(DatabaseBusy):
            await process.tenures.renew(fail)
        assert await holders(db) == {}
        await process.beat()
        async with db.read() as session:
            assert await workers.present(session, datetime.min.replace(tzinfo=utcnow().tzinfo))
        process.go_on.set()
