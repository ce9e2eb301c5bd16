"""Leases of loops: one worker each, whoever asks, until it goes or gives them back."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select, update

from storage import loop_leases
from storage.database.engine import Database
from storage.tables import LoopLease
from tests.statements import statements

NAMES = ("count", "deliver", "dispatch")
HERE, THERE = "here", "there"


async def hold(db: Database, worker_id: str, *names: str) -> set[str]:
    async with db.write() as session:
        return await loop_leases.hold(session, worker_id, names or NAMES)


async def held(db: Database) -> dict[str, str]:
    async with db.read() as session:
        return await loop_leases.held(session)


async def ends(db: Database) -> list[datetime]:
    async with db.read() as session:
        return list((await session.exec(select(LoopLease.expires_at))).all())


async def pass_by(db: Database, passed: timedelta) -> None:
    """As if so much time had passed since each lease was renewed."""
    async with db.write() as session:
        for name, until in (await session.exec(select(LoopLease.name, LoopLease.expires_at))).all():
            one = update(LoopLease).where(col(LoopLease.name) == name)
            await session.exec(one.values(expires_at=until - passed))


async def test_whoever_comes_first_holds_all_and_the_other_none(db: Database):
    assert await hold(db, HERE) == set(NAMES)
    assert await hold(db, THERE) == set()
    assert await hold(db, HERE) == set(NAMES)
    assert await held(db) == dict.fromkeys(NAMES, HERE)


async def test_a_lease_lasts_so_long_from_its_renewal_on(db: Database):
    await hold(db, HERE)
    await pass_by(db, timedelta(minutes=1))
    before = datetime.now(UTC)
    await hold(db, HERE)
    # Milliseconds are all that SQLite's clock has; the database is on this machine.
    slack = timedelta(milliseconds=2)
    earliest, latest = before + loop_leases.LIFETIME, datetime.now(UTC) + loop_leases.LIFETIME
    assert all(earliest - slack <= until <= latest + slack for until in await ends(db))


async def test_what_nobody_renews_is_free_when_it_has_expired_and_not_before(db: Database):
    await hold(db, HERE)
    await pass_by(db, loop_leases.LIFETIME - timedelta(seconds=3))
    assert await hold(db, THERE) == set()
    await pass_by(db, timedelta(seconds=3))
    assert await held(db) == {}
    assert await hold(db, THERE) == set(NAMES)
    assert await hold(db, HERE) == set()


async def test_an_expired_lease_that_nobody_took_is_its_holders_again(db: Database):
    await hold(db, HERE)
    await pass_by(db, timedelta(hours=1))
    assert await hold(db, HERE) == set(NAMES)


async def test_what_is_given_back_is_free_at_once_and_nobody_gives_back_anothers(db: Database):
    await hold(db, HERE, "deliver", "dispatch")
    await hold(db, THERE, "count")
    async with db.write() as session:
        await loop_leases.give_back(session, HERE, ["count", "dispatch"])
    assert await held(db) == {"deliver": HERE, "count": THERE}
    assert await hold(db, THERE) == {"count", "dispatch"}


async def test_a_lease_from_before_the_clock_was_put_back_holds_up_nobody(db: Database):
    await hold(db, HERE)
    await pass_by(db, timedelta(hours=-1))
    assert await held(db) == {}
    assert await hold(db, THERE) == set(NAMES)


async def test_of_many_that_ask_at_once_one_holds_each_loop(db: Database):
    for _ in range(5):
        found = await asyncio.gather(*(hold(db, f"worker-{n}") for n in range(6)))
        assert Counter(name for names in found for name in names) == Counter(NAMES)
        await pass_by(db, timedelta(minutes=1))


@pytest.mark.parametrize(("names", "sent"), [((), 0), (NAMES, 1)])
async def test_all_are_renewed_by_one_statement(db: Database, names: tuple[str, ...], sent: int):
    async with db.write() as session:
        with statements(db) as seen:
            await loop_leases.hold(session, HERE, names)
    assert len([one for one in seen if "loop_lease" in one.text]) == sent


async def test_a_loop_is_neglected_when_nobody_has_succeeded_in_time(db: Database):
    async def neglected() -> set[str]:
        async with db.read() as session:
            return await loop_leases.neglected(session, NAMES)

    assert await neglected() == set(NAMES)
    await hold(db, HERE)
    assert await neglected() == set()
    await pass_by(db, loop_leases.LIFETIME)
    assert await neglected() == set()
    await pass_by(db, loop_leases.SUCCESSION)
    assert await neglected() == set(NAMES)
    await hold(db, THERE, "count")
    assert await neglected() == {"deliver", "dispatch"}
