"""Which calls get their workflow now, in which order, and which stay rows."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from policy.model.call import CallStatus, Outcome, WaitingFor
from storage.calls import calls, startable
from storage.database.engine import Database
from storage.database.locks import lock_call
from storage.tables import Call
from tests.storage import make
from tests.storage.calls.test_reminder_locks import until_somebody_waits
from tests.storage.make import NOW, later

FAR = NOW + timedelta(hours=9)


async def startable_ids(db: Database, at: float = 10, limit: int = 10) -> list[str]:
    async with db.read() as session:
        return [call.call_id for call in await startable.startable(session, later(at), limit)]


async def row(db: Database, **changes: Any) -> Call:
    """A call as a bulk request leaves it."""
    call = make.unsaved_call(await make.agent(db, await make.account(db)), **changes)
    for name, value in startable.start_columns(call.not_before, call.timezone, NOW).items():
        setattr(call, name, value)
    async with db.write() as session:
        await calls.insert_many(session, [call], NOW)
    return call


async def test_the_higher_priority_comes_first_then_the_older_call(db: Database):
    agent = await make.agent(db, await make.account(db))
    wanted = [(5, 2), (5, 1), (10, 3), (0, 0)]
    made = [
        (await make.call(db, agent, at=later(at), priority=priority)).call_id
        for priority, at in wanted
    ]
    assert await startable_ids(db) == [made[2], made[1], made[0], made[3]]
    assert await startable_ids(db, limit=2) == [made[2], made[1]]


async def test_a_call_with_a_decision_or_of_a_campaign_is_not_the_starters(db: Database):
    agent = await make.agent(db, await make.account(db))
    decided, _, left = [
        await make.call(db, agent, campaign_id=campaign) for campaign in (None, "c", None)
    ]
    await make.decide(db, decided.call_id, make.queue())
    assert await startable_ids(db) == [left.call_id]


async def test_a_call_just_committed_is_left_to_the_api_for_a_moment(db: Database):
    call = await make.call_of_somebody(db)
    grace = startable.GRACE.total_seconds()
    assert await startable_ids(db, at=grace - 0.1) == []
    assert await startable_ids(db, at=grace) == [call.call_id]


async def test_two_that_put_calls_into_the_queue_never_wait_for_each_other(db: Database):
    if db.dialect == "sqlite":
        pytest.skip("writers take turns on SQLite")
    agent = await make.agent(db, await make.account(db))
    first, second = sorted([(await make.call(db, agent)).call_id for _ in range(2)])

    async def enter() -> None:
        async with db.write() as session:
            await startable.enqueue(session, {second: None, first: None}, NOW)

    async with db.write() as other:
        await lock_call(other, first)
        entering = asyncio.create_task(enter())
        await until_somebody_waits(db)
        # It has nothing yet that others could want; else this would be a deadlock.
        assert await lock_call(other, second) is not None
    await entering


async def test_a_far_call_stays_a_row_until_it_is_nearly_due(db: Database):
    call = await row(db, not_before=FAR, timezone="America/New_York")
    seen = await make.call_seen(db, call.call_id)
    assert (seen.status, seen.waiting_for) == (CallStatus.CREATED, WaitingFor.WINDOW)
    assert (seen.next_attempt_at, seen.reason) == (FAR, "not_before")
    assert seen.detail == "Not to start until Mon 23 Nov 14:00 (America/New_York)"
    due = (FAR - NOW - startable.LEAD).total_seconds()
    assert await startable_ids(db, at=due - 1) == []
    assert await startable_ids(db, at=due) == [call.call_id]


async def test_a_near_call_is_started_at_once(db: Database):
    call = await row(db, not_before=NOW + timedelta(minutes=2))
    assert (await make.call_seen(db, call.call_id)).next_attempt_at is None
    assert await startable_ids(db) == [call.call_id]


async def test_a_far_call_that_is_canceled_is_started_to_be_ended(db: Database):
    call = await row(db, not_before=FAR)
    async with db.write() as session:
        assert await calls.request_cancel(session, call.call_id)
    assert await startable_ids(db) == [call.call_id]


async def test_a_far_call_that_is_rescheduled_waits_for_its_new_time(db: Database):
    call = await row(db, not_before=FAR)
    async with db.write() as session:
        await calls.set_not_before(session, call, FAR + timedelta(days=1), NOW)
    assert (await make.call_seen(db, call.call_id)).next_attempt_at == FAR + timedelta(days=1)
    async with db.write() as session:
        await calls.set_not_before(session, call, NOW, NOW)
    assert await startable_ids(db) == [call.call_id]


async def test_the_sweep_finds_what_was_forgotten_of_any_kind(db: Database):
    agent = await make.agent(db, await make.account(db))
    of_campaign = await make.call(db, agent, at=later(1), campaign_id="c")
    older = await make.call(db, agent)
    await make.call(db, agent, at=later(8))
    await row(db, not_before=FAR)
    async with db.read() as session:
        found = await startable.left(session, later(5), 10)
    assert [call.call_id for call in found] == [older.call_id, of_campaign.call_id]


async def test_a_decided_call_is_not_undecided(db: Database):
    agent = await make.agent(db, await make.account(db))
    first, second = await make.call(db, agent), await make.call(db, agent)
    await make.decide(db, first.call_id, make.queue())
    async with db.read() as session:
        found = await startable.undecided(session, [first.call_id, second.call_id, "nobody"])
        assert found == {second.call_id}
        assert await startable.undecided(session, []) == set()


async def test_duplicates_are_found_for_many_endpoints_at_once(db: Database):
    agent = await make.agent(db, await make.account(db))
    open_, recent, old = [
        await make.call(db, agent, at=later(at), endpoint=f"+1415555010{number}")
        for number, at in enumerate((0, 500, 0))
    ]
    for call in (recent, old):
        await make.decide(db, call.call_id, make.end(Outcome.COMPLETED))
    asked = [f"+1415555{number:04}" for number in range(100, 1300)]
    async with db.write() as session:
        found = await calls.find_duplicates(session, agent.agent_id, asked, later(530))
        other = await calls.find_duplicates(session, "somebody else", asked, later(530))
    assert found == {open_.endpoint: open_.call_id, recent.endpoint: recent.call_id}
    assert other == {}


async def test_the_same_row_stands_whether_it_came_as_an_object_or_as_columns(db: Database):
    agent = await make.agent(db, await make.account(db))
    call = make.unsaved_call(agent)
    columns = {
        name: getattr(call, name)
        for name in Call.model_fields
        if getattr(call, name) is not None and name != "status"
    }
    async with db.write() as session:
        await calls.insert_rows(session, [columns], NOW)
    seen = await make.call_seen(db, call.call_id)
    other = await make.call(db, agent)
    apart = {"call_id"}
    assert seen.model_dump(exclude=apart) == (await make.call_seen(db, other.call_id)).model_dump(
        exclude=apart
    )


async def test_a_failed_bulk_insert_does_not_quote_the_row(db: Database):
    stranger = make.unsaved_call(await make.agent(db, await make.account(db)))
    stranger.account_id = "nobody"
    with pytest.raises(Exception, match=r"(?i)foreign key") as failed:
        async with db.write() as session:
            await calls.insert_many(session, [stranger], NOW)
    assert stranger.endpoint not in f"{failed.value!r} {failed.value}"
