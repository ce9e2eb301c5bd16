"""What a worker costs while nothing is called: statements to the database, Actions of Temporal."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from temporalio.client import Client

from activities.dials.worker_presence import BEAT_SECONDS, WorkerPresence
from activities.loops.loop import Loop
from activities.loops.tenures import LoopTenures
from settings import Settings
from storage.database.engine import Database
from telephony.memory.carrier import MemoryCarrier
from tests.databases import SqliteTemplates
from tests.statements import statements
from tests.storage import make
from tests.storage.webhooks import delivery_rows
from tests.workflows.server import start_plain_server
from worker import activities_of, loops_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOST_STATEMENTS_A_SECOND = 12.0
#: Those that look more often than every two seconds ask one thing.
OFTEN = 2.0


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def client() -> AsyncIterator[Client]:
    async with await start_plain_server() as env:
        yield env.client


@pytest_asyncio.fixture(loop_scope="session")
async def db(sqlite_templates: SqliteTemplates) -> AsyncIterator[Database]:
    """An account with an agent and a webhook, all of whose events have been told and counted."""
    async with sqlite_templates.opened("idle") as database:
        account = await make.account(database)
        await make.agent(database, account)
        await delivery_rows.hook(database, account)
        yield database


async def sent_by(db: Database, turn: Callable[[], Awaitable[object]]) -> int:
    with statements(db) as sent:
        await turn()
    return len([one for one in sent if not one.text.startswith(("BEGIN", "PRAGMA"))])


async def presence_cost(db: Database, client: Client, names: list[str]) -> dict[str, float]:
    """What the worker says of itself, with all loops in its hands."""
    tenures = LoopTenures(db, "idle", [Loop(name, rest) for name in names])
    presence = WorkerPresence(db, client, "idle", tenures)
    async with tenures.kept():
        await presence.beat()
        assert {*tenures.running} == {*names}
        return {
            turn.__name__: await sent_by(db, turn) / BEAT_SECONDS
            for turn in (presence.beat, presence.look)
        }


async def rest() -> float:
    return 3600


async def test_an_idle_second_takes_so_many_statements_at_most(
    db: Database, client: Client
) -> None:
    own = activities_of(db, MemoryCarrier(), client, Settings())
    cost = await presence_cost(db, client, [loop.name for loop in loops_of(own)])
    for loop in loops_of(own):
        # What is only done once, and what was left to be counted.
        await loop.turn()
        seconds = await loop.turn()
        sent = await sent_by(db, loop.turn)
        assert sent == 1 or seconds > OFTEN, loop.name
        cost[loop.name] = sent / seconds
    assert sum(cost.values()) <= MOST_STATEMENTS_A_SECOND, cost
    await own.webhook_delivery.end(0)


async def test_an_idle_month_takes_no_actions(db: Database, client: Client) -> None:
    """Nothing is started, signaled or scheduled: there is nobody to bill for."""
    own = activities_of(db, MemoryCarrier(), client, Settings())
    for loop in loops_of(own):
        await loop.turn()
    await WorkerPresence(db, client, "idle", LoopTenures(db, "idle", loops_of(own))).look()
    assert [run.id async for run in client.list_workflows()] == []
    assert [one.id async for one in await client.list_schedules()] == []
    await own.webhook_delivery.end(0)
