"""The starter: committed calls get their workflows once, a bounded number ahead, in order."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities import workflow_starter
from activities.clock import utcnow
from activities.workflow_starter import WorkflowStarter
from contracts.calls import CallEnd
from policy.model.call import CallStatus, Outcome, WaitingFor
from storage.calls import calls, startable
from storage.database.engine import Database
from storage.dispatch import leases
from storage.tables import Account, Agent, Call
from tests.databases import SqliteTemplates
from tests.storage import make
from tests.wait import until
from tests.workflows.bench import Bench, dispatching

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class FakeTemporal:
    """Notes which workflows are started, and how many at once."""

    away: bool = False
    started: list[str] = field(default_factory=list)
    under_way: int = 0
    most: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def start_workflow(self, _name: str, start: Any, **_options: Any) -> None:
        if self.away:
            raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")
        self.under_way += 1
        self.begun.set()
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0.001)
        self.under_way -= 1
        self.started.append(start.call_id)


@pytest_asyncio.fixture(loop_scope="session")
async def db(sqlite_templates: SqliteTemplates) -> AsyncIterator[Database]:
    async with sqlite_templates.opened("starter") as database:
        yield database


def starter(db: Database, temporal: FakeTemporal) -> WorkflowStarter:
    return WorkflowStarter(db, cast(Client, temporal))


async def committed(db: Database, number: int, **changes: Any) -> list[str]:
    agent = await make.agent(db, await make.account(db))
    return await more(db, agent, number, **changes)


async def more(db: Database, agent: Agent, number: int, **changes: Any) -> list[str]:
    rows = [make.unsaved_call(agent, **changes) for _ in range(number)]
    async with db.write() as session:
        await calls.insert_many(session, rows, utcnow() - timedelta(seconds=5))
    return [row.call_id for row in rows]


async def test_every_committed_call_is_started_once(db: Database) -> None:
    temporal = FakeTemporal()
    loop, made = starter(db, temporal), await committed(db, 60)
    assert await loop.turn() == 60
    assert await loop.turn() == 0
    assert sorted(temporal.started) == sorted(made)
    assert 1 < temporal.most <= workflow_starter.PARALLEL


async def test_no_more_than_so_many_undecided_calls_are_ahead(db: Database) -> None:
    temporal = FakeTemporal()
    loop, made = starter(db, temporal), await committed(db, workflow_starter.AHEAD + 30)
    assert await loop.turn() == workflow_starter.AHEAD
    assert await loop.turn() == 0
    for call_id in temporal.started[:10]:
        await make.decide(db, call_id, make.queue())
    assert await loop.turn() == 10
    assert len(set(temporal.started)) == len(temporal.started) == workflow_starter.AHEAD + 10
    assert set(temporal.started) <= set(made)


async def test_an_urgent_call_overtakes_those_not_started_yet(db: Database) -> None:
    temporal = FakeTemporal()
    loop = starter(db, temporal)
    agent = await make.agent(db, await make.account(db))
    await more(db, agent, workflow_starter.AHEAD + 5)
    await loop.turn()
    (urgent,) = await more(db, agent, 1, priority=10)
    await make.decide(db, temporal.started[0], make.queue())
    assert await loop.turn() == 1
    assert temporal.started[-1] == urgent


async def test_what_could_not_be_started_is_started_next_time(db: Database) -> None:
    temporal = FakeTemporal(away=True)
    loop, made = starter(db, temporal), await committed(db, 3)
    assert await loop.turn() == 0
    temporal.away = False
    assert await loop.turn() == 3
    assert sorted(temporal.started) == sorted(made)


async def test_a_call_nothing_is_decided_about_is_started_again_after_a_while(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporal = FakeTemporal()
    loop, (made,) = starter(db, temporal), await committed(db, 1)
    await loop.turn()
    monkeypatch.setattr(workflow_starter, "AGAIN_SECONDS", -1.0)
    await loop.turn()
    assert temporal.started == [made, made]


async def test_the_sweep_starts_what_was_forgotten_and_nothing_under_way(db: Database) -> None:
    temporal = FakeTemporal()
    loop, _ = starter(db, temporal), await committed(db, 2)
    of_campaign = await committed(db, 1, campaign_id="c")
    await loop.turn()
    assert await loop.start_left(timedelta(seconds=1), 100) == 1
    assert temporal.started[2:] == of_campaign
    assert await loop.start_left(timedelta(minutes=1), 100) == 0


async def test_it_rests_for_less_while_what_it_started_is_not_decided_about(db: Database) -> None:
    loop = starter(db, FakeTemporal())
    assert await loop.round() == workflow_starter.IDLE_SECONDS
    (made,) = await committed(db, 1)
    assert await loop.round() == workflow_starter.BUSY_SECONDS
    await make.decide(db, made, make.queue())
    assert await loop.round() == workflow_starter.IDLE_SECONDS


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startable, "GRACE", timedelta(0))


async def accepted(bench: Bench, agent: Agent, number: int, **columns: Any) -> list[Call]:
    return [
        await bench.accept(agent, endpoint=f"+121255501{n:02}", **columns) for n in range(number)
    ]


@pytest.mark.usefixtures("at_once")
async def test_calls_that_may_be_dialed_begin_their_workflow_with_their_slot(
    plain_bench: Bench,
) -> None:
    agent = await plain_bench.agent(max_concurrent=3)
    made = await accepted(plain_bench, agent, 5)
    assert await plain_bench.activities.starter.turn() == 5
    for call in made:
        row = (await plain_bench.story(call.call_id)).call
        assert (row.status, row.waiting_for) == (CallStatus.CREATED, WaitingFor.SLOT)
    assert await plain_bench.activities.dispatcher.turn() == 3
    assert await plain_bench.activities.starter.turn() == 0
    async with dispatching(plain_bench):
        ends = [await begun(plain_bench, call) for call in made]
    assert [end.outcome for end in ends] == [Outcome.COMPLETED] * 5
    for call in made:
        history = await plain_bench.handle(call.call_id).fetch_history()
        # As many as one that found a slot at once: no signal, and one decision before the dial.
        assert len(history.events) <= 15


async def begun(bench: Bench, call: Call) -> CallEnd:
    """How a call ended whose workflow has yet to begin."""

    async def has_workflow() -> bool:
        return (await bench.story(call.call_id)).call.status is not CallStatus.CREATED

    await until(has_workflow, "its workflow has begun")
    return await bench.handle(call.call_id).result()


@pytest.mark.usefixtures("at_once")
async def test_a_call_whose_permission_runs_out_soon_does_not_wait_as_a_row_for_its_slot(
    plain_bench: Bench,
) -> None:
    agent = await plain_bench.agent(max_concurrent=0)
    soon = utcnow() + timedelta(minutes=4)
    (made,) = await accepted(plain_bench, agent, 1, call_deadline=soon)
    starter = plain_bench.activities.starter
    assert await starter.turn() == 1  # It may be dialed: it waits as a row.
    assert await starter.turn() == 1  # Until shortly before its deadline: it has a workflow.
    await plain_bench.until(
        plain_bench.handle(made.call_id), lambda progress: progress.reason == "no_free_slot"
    )
    row = (await plain_bench.story(made.call_id)).call
    assert (row.status, row.waiting_for) == (CallStatus.QUEUED, WaitingFor.SLOT)


@pytest.mark.usefixtures("at_once")
async def test_a_slot_that_may_not_be_used_any_more_is_free_at_once(plain_bench: Bench) -> None:
    agent = await plain_bench.agent()
    (made,) = await accepted(plain_bench, agent, 1)
    assert await plain_bench.activities.starter.turn() == 1
    async with plain_bench.db.write() as session:
        row = await calls.lock(session, made.call_id)
        assert row is not None
        row.not_before = utcnow() + timedelta(hours=1)
    assert await plain_bench.activities.dispatcher.turn() == 1
    await plain_bench.until(
        plain_bench.handle(made.call_id), lambda progress: progress.reason == "not_before"
    )
    async with plain_bench.db.read() as session:
        assert await leases.live(session, utcnow()) == []


@pytest.mark.usefixtures("at_once")
async def test_a_row_that_is_canceled_leaves_the_queue_and_ends(plain_bench: Bench) -> None:
    agent = await plain_bench.agent()
    (made,) = await accepted(plain_bench, agent, 1)
    assert await plain_bench.activities.starter.turn() == 1
    async with plain_bench.db.write() as session:
        assert await calls.request_cancel(session, made.call_id)
    assert await plain_bench.activities.dispatcher.turn() == 0
    assert await plain_bench.activities.starter.turn() == 1
    assert (await begun(plain_bench, made)).outcome is Outcome.CANCELED


@pytest.mark.usefixtures("at_once")
async def test_a_call_without_money_says_so_itself(plain_bench: Bench) -> None:
    agent = await plain_bench.agent()
    async with plain_bench.db.write() as session:
        account = await session.get(Account, agent.account_id)
        assert account is not None
        account.spend_limit = 0
    (made,) = await accepted(plain_bench, agent, 1)
    assert await plain_bench.activities.starter.turn() == 1
    await plain_bench.until(
        plain_bench.handle(made.call_id),
        lambda progress: progress.reason == "insufficient_balance",
    )


@pytest.mark.usefixtures("at_once")
async def test_started_calls_run_to_their_end(plain_bench: Bench) -> None:
    made = await accepted(plain_bench, await plain_bench.agent(), 5)
    assert await plain_bench.activities.starter.turn() == 5
    assert await plain_bench.activities.dispatcher.turn() == 5
    for call in made:
        assert (await plain_bench.handle(call.call_id).result()).outcome is Outcome.COMPLETED
        assert (await plain_bench.story(call.call_id)).call.status is CallStatus.COMPLETED
    assert await plain_bench.activities.starter.turn() == 0


async def test_a_worker_that_only_sweeps_starts_a_call_again_and_remembers_no_decided_one(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker has the lease of the starter: the turns that forget are never taken here."""
    temporal = FakeTemporal()
    loop, (first, second) = starter(db, temporal), await committed(db, 2)
    assert await loop.start_left(timedelta(seconds=1), 100) == 2
    await make.decide(db, first, make.queue())
    monkeypatch.setattr(workflow_starter, "AGAIN_SECONDS", -1.0)
    assert await loop.start_left(timedelta(seconds=1), 100) == 1
    assert temporal.started[2:] == [second]
    assert loop._started.keys() == {second}


async def test_a_call_whose_start_was_cancelled_is_started_with_the_next_turn(db: Database) -> None:
    temporal = FakeTemporal()
    loop, made = starter(db, temporal), await committed(db, 5)
    turn = asyncio.create_task(loop.turn())
    await temporal.begun.wait()
    turn.cancel()
    await asyncio.wait({turn})
    assert await loop.turn() == 5
    assert sorted(temporal.started) == sorted(made)
