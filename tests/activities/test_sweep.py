"""Old rows go page by page, and when none are left they are looked for more seldom."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, cast
from unittest.mock import patch

import pytest
import pytest_asyncio
from sqlalchemy import func
from sqlmodel import select

from activities import sweep as sweeps
from activities.clock import utcnow
from activities.sweep import LEASES_KEPT, PURGE_EVERY, Sweep
from storage.database.engine import Database
from storage.tables import Account, Lease
from tests.databases import SqliteTemplates
from tests.storage import make

NOW = utcnow()


@pytest_asyncio.fixture
async def db(sqlite_templates: SqliteTemplates) -> AsyncIterator[Database]:
    async with sqlite_templates.opened("sweep") as database:
        yield database


@pytest.fixture
def sweep(db: Database) -> Sweep:
    """As far as it needs no Temporal."""
    nobody = cast(Any, None)
    with at(NOW):
        return Sweep(db, nobody, nobody, nobody, interval=10)


def at(now: datetime) -> Any:
    return patch("activities.sweep.utcnow", lambda: now)


async def given_back(db: Database, owner: Account, number: int, when: datetime) -> None:
    async with db.write() as session:
        for n in range(number):
            session.add(
                Lease(
                    account_id=owner.account_id,
                    agent_id="a",
                    call_id=f"{when}-{n}",
                    attempt_number=1,
                    granted_at=when,
                    expires_at=when,
                    released_at=when,
                )
            )


async def left(db: Database) -> int:
    async with db.read() as session:
        return (await session.exec(select(func.count()).select_from(Lease))).one()


async def test_old_rows_are_looked_for_with_every_turn_until_none_are_left_and_then_once_a_minute(
    db: Database, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sweeps, "BATCH", 2)
    monkeypatch.setattr(sweeps, "PAGES", 2)
    account, old = await make.account(db), NOW - LEASES_KEPT - timedelta(hours=1)
    await given_back(db, account, 9, old)
    found = []
    with at(NOW):
        for _ in range(4):
            await sweep.age_out()
            found.append(await left(db))
        await given_back(db, account, 1, old - timedelta(hours=1))
        await sweep.age_out()
        found.append(await left(db))
    assert found == [5, 1, 0, 0, 1]
    with at(NOW + PURGE_EVERY):
        await sweep.age_out()
    assert await left(db) == 0


async def test_leases_that_expired_are_given_back_with_every_turn(db: Database, sweep: Sweep):
    account = await make.account(db)
    with at(NOW):
        await sweep.age_out()
        async with db.write() as session:
            session.add(
                Lease(
                    account_id=account.account_id,
                    agent_id="a",
                    call_id="c",
                    attempt_number=1,
                    granted_at=NOW,
                    expires_at=NOW,
                )
            )
        await sweep.age_out()
    async with db.read() as session:
        assert (await session.exec(select(Lease.released_at))).one() == NOW


async def test_a_step_that_fails_keeps_none_behind_it_from_being_done(db: Database, sweep: Sweep):
    """Here all that need Temporal, of which there is none, not even one that is away."""
    await given_back(db, await make.account(db), 3, NOW - LEASES_KEPT - timedelta(hours=1))
    with at(NOW):
        await sweep.round()
    assert await left(db) == 0
