"""Whether the numbers are complete, and how far a counting is."""

from datetime import timedelta

from storage.analytics import rollup
from storage.analytics.rollup import MOST_LAG
from storage.database.engine import Database
from tests.storage import make
from tests.storage.analytics.test_rollup import count_all
from tests.storage.make import NOW, later


async def keeps_up(db: Database, account_id: str, seconds: float = 0) -> bool:
    async with db.read() as session:
        return await rollup.keeps_up(session, account_id, later(seconds))


async def left(db: Database, account_id: str) -> int:
    async with db.read() as session:
        return await rollup.left(session, account_id)


async def test_an_account_that_was_never_counted_is_not_complete(db: Database) -> None:
    owner = await make.account(db)
    assert not await keeps_up(db, owner.account_id)
    await count_all(db)
    assert await keeps_up(db, owner.account_id)


async def test_what_waits_to_be_counted_for_a_minute_is_missed(db: Database) -> None:
    agent = await make.agent(db, await make.account(db))
    await count_all(db)
    await make.call(db, agent)
    lag = MOST_LAG.total_seconds()
    assert await keeps_up(db, agent.account_id, lag - 1)
    assert not await keeps_up(db, agent.account_id, lag + 1)
    await count_all(db)
    assert await keeps_up(db, agent.account_id, lag + 1)


async def test_calls_of_others_that_wait_make_no_difference(db: Database) -> None:
    owner, other = await make.account(db), await make.account(db)
    await count_all(db)
    await make.call(db, await make.agent(db, other))
    assert await keeps_up(db, owner.account_id, 3600)
    assert not await keeps_up(db, other.account_id, 3600)


async def test_it_can_be_told_how_many_calls_are_left(db: Database) -> None:
    agent = await make.agent(db, await make.account(db))
    for number in range(5):
        await make.call(db, agent, at=NOW + timedelta(seconds=number // 2))
    assert await left(db, agent.account_id) == 0
    await count_all(db)
    async with db.write() as session:
        assert agent.account_id in await rollup.accounts(session)
        await rollup.begin_anew(session, agent.account_id)
    found = [await left(db, agent.account_id)]
    for _ in range(3):
        async with db.write() as session:
            await rollup.count(session, agent.account_id, 2)
        assert not await keeps_up(db, agent.account_id) or len(found) == 3
        found.append(await left(db, agent.account_id))
    assert found == [5, 3, 1, 0]
