"""Two reminders of one appointment never wait for each other: calls are held before the account."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from activities.decide import DecideActivities
from contracts.calls import Settle
from policy.dispatch.slots import Slot
from policy.model.call import AttemptResult, Outcome
from storage.database.engine import Database
from storage.database.locks import lock_call
from storage.dispatch import leases
from storage.facts.gather import FactGatherer
from storage.tables import Attempt, Call
from tests.storage import make
from tests.storage.calls.test_reminder_sequences import three
from tests.storage.make import NOW, later
from tests.wait import until

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
_FREE = "SELECT 1 FROM account WHERE account_id = :account FOR UPDATE NOWAIT"


async def talked(db: Database, call: Call) -> None:
    """Its only attempt was answered and is over; it still has its slot."""
    async with db.write() as session:
        lifetime = timedelta(minutes=5)
        verdict = await leases.take(session, call, 1, NOW, lifetime=lifetime)
        assert verdict.slot is Slot.TAKEN
    attempt = await make.sent(db, call)
    async with db.write() as session:
        row = await session.get(Attempt, attempt.attempt_id)
        assert row is not None
        row.result, row.answered_at, row.ended_at = AttemptResult.ANSWERED, NOW, later(20)


async def until_somebody_waits(db: Database) -> None:
    async def somebody() -> bool:
        async with db.read() as session:
            found = await (await session.connection()).execute(text(_WAITING))
        return bool(found.scalar_one())

    await until(somebody, "somebody waits for the call that is held")


async def test_a_reminder_that_settles_waits_for_the_others_before_it_holds_the_account(
    db: Database,
) -> None:
    if db.dialect == "sqlite":
        pytest.skip("writers take turns on SQLite")
    first, second, _ = await three(db)
    await talked(db, first)
    deciding = DecideActivities(db, FactGatherer())
    async with db.write() as other:
        await lock_call(other, second.call_id)
        settling = asyncio.create_task(deciding.settle(Settle(first.call_id, 2, 1, NOW, False)))
        await until_somebody_waits(db)
        async with db.write() as decider:
            connection = await decider.connection()
            await connection.execute(text(_FREE), {"account": first.account_id})
    assert (await settling).outcome is Outcome.COMPLETED
    assert (await make.call_seen(db, second.call_id)).outcome is Outcome.CANCELED
