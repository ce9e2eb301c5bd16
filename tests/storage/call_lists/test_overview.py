"""What the dashboard reads at a glance: counts by kind, who wakes next, how far campaigns are."""

from typing import Any

import pytest
from sqlalchemy import event

from policy.model.call import CallStatus, CampaignStatus, ContactState, Outcome, WaitingFor
from storage.call_lists import call_counts, call_list
from storage.call_lists.call_list import CallFilter
from storage.call_lists.queue_list import next_to_wake
from storage.campaigns.summaries import summaries_of
from storage.database.engine import Database
from storage.tables import Contact
from tests.storage import make
from tests.storage.make import later


async def test_the_kinds_of_an_account_are_counted_all_at_once(db: Database):
    agent = await make.agent(db, await make.account(db))
    await make.call_of_somebody(db)
    await make.call(db, agent)
    for decision in (
        make.wait(later(9)),
        make.wait(later(9), WaitingFor.RETRY),
        make.queue(),
        make.end(Outcome.CONFIRMED),
        make.end(Outcome.CONFIRMED),
        make.end(Outcome.BUSY),
    ):
        await make.decide(db, (await make.call(db, agent)).call_id, decision)
    async with db.read() as session:
        found = await call_counts.kinds(session, agent.account_id)
    assert {status: number for status, number in found.statuses.items() if number} == {
        CallStatus.CREATED: 1,
        CallStatus.QUEUED: 3,
        CallStatus.COMPLETED: 2,
        CallStatus.FAILED: 1,
    }
    assert set(found.statuses) == set(CallStatus)
    assert found.waiting == {WaitingFor.WINDOW: 1, WaitingFor.RETRY: 1, WaitingFor.SLOT: 1}
    assert found.outcomes == {Outcome.CONFIRMED: 2, Outcome.BUSY: 1}


async def test_whose_time_comes_first_wakes_first_and_a_slot_is_not_slept_for(db: Database):
    agent = await make.agent(db, await make.account(db))
    await make.decide(db, (await make.call_of_somebody(db)).call_id, make.wait(later(1)))
    late, early, slot = [await make.call(db, agent) for _ in range(3)]
    await make.decide(db, late.call_id, make.wait(later(90)))
    await make.decide(db, early.call_id, make.wait(later(30), WaitingFor.RETRY))
    await make.decide(db, slot.call_id, make.queue())
    async with db.read() as session:
        both = await next_to_wake(session, agent.account_id, 9)
        first = await next_to_wake(session, agent.account_id, 1)
    assert [one.call_id for one in both] == [early.call_id, late.call_id]
    assert [one.call_id for one in first] == [early.call_id]


async def test_campaigns_stand_where_their_calls_and_contacts_do(db: Database):
    agent = await make.agent(db, await make.account(db))
    one, two = [await make.campaign(db, agent, status=CampaignStatus.RUNNING) for _ in range(2)]
    async with db.write() as session:
        for number, state in enumerate([*ContactState, ContactState.STAGED]):
            session.add(Contact(campaign_id=one.campaign_id, row_number=number, state=state))
    calls = [await make.call(db, agent, campaign_id=one.campaign_id) for _ in range(3)]
    await make.decide(db, calls[0].call_id, make.end(Outcome.COMPLETED))
    await make.decide(db, calls[1].call_id, make.dial())
    async with db.read() as session:
        found = await summaries_of(session, agent.account_id, [one.campaign_id, two.campaign_id])
        assert await summaries_of(session, agent.account_id, []) == {}
    stands = found[one.campaign_id]
    assert (stands.total, stands.ended, stands.in_flight, stands.waiting) == (5, 1, 1, 3)
    assert (found[two.campaign_id].total, found[two.campaign_id].ended) == (0, 0)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
async def test_a_status_that_few_calls_have_is_found_without_reading_all(db: Database):
    agent = await make.agent(db, await make.account(db))
    said: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        said.append((statement, values))

    engine = db._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    async with db.read() as session:
        wanted = CallFilter(statuses=[CallStatus.PENDING])
        await call_list.call_page(session, agent.account_id, wanted, take=8)
        event.remove(engine, "before_cursor_execute", note)
        [(statement, values)] = [one for one in said if "ORDER BY call.created_time" in one[0]]
        connection = await session.connection()
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [str(row._mapping["detail"]) for row in plan]
    assert "ix_call_account_status" in steps[0], steps
