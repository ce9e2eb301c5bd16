"""However large the tables are, nothing that is done with every call reads one to its end."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlmodel import select

from activities.clock import utcnow
from contracts import names
from settings import Settings
from storage.database.engine import Database
from storage.dispatch import leases
from storage.tables import Account
from telephony.memory.carrier import MemoryCarrier
from tests.cost import large_tables
from tests.cost.large_tables import LARGE
from tests.cost.plans import scanned
from tests.cost.whole_stack import NUMBER, WholeStack, whole_stack
from tests.databases import SqliteTemplates, migrated_database
from tests.statements import Statement
from tests.storage import make
from tests.storage.database.postgres import Postgres
from tests.storage.webhooks import delivery_rows
from tests.workflows.server import start_plain_server
from worker import activities_of, loops_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWERED = {"answer": {"after": 0.5, "by": "human", "talk": 5}}
OTHER = "+12025550124"
#: An account with a queue.
WAITING = "waiting"
LOOKS = (
    "calls",
    "calls?status=Queued",
    "calls?status=Completed&take=50",
    "calls?endpoint=%2B12125550123",
    "calls/queue/list",
    "calls/statistics/statuses",
    "events",
    "analytics",
)


@pytest_asyncio.fixture(loop_scope="session", scope="module", params=["sqlite", "postgresql"])
async def stack(request: pytest.FixtureRequest) -> AsyncIterator[WholeStack]:
    if request.param == "sqlite":
        templates: SqliteTemplates = request.getfixturevalue("sqlite_templates")
        async with (
            templates.opened("plans") as db,
            await start_plain_server() as env,
            whole_stack(env, db) as opened,
        ):
            yield opened
        return
    server: Postgres = request.getfixturevalue("postgres")
    db = Database(server.url(migrated_database(server)))
    async with await start_plain_server() as env, whole_stack(env, db) as opened:
        yield opened
    await db.close()


@contextmanager
def sent_to_any_engine() -> Iterator[list[Statement]]:
    """On SQLite looks have an engine of their own."""
    sent: list[Statement] = []

    def note(_conn: Any, _cursor: Any, text: str, values: Any, *_rest: Any) -> None:
        sent.append(Statement(text, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def grown(stack: WholeStack) -> WholeStack:
    """With one call made; on PostgreSQL it was made very often, and others wait."""
    await stack.script(NUMBER, ANSWERED)
    await stack.script(OTHER, ANSWERED)
    first = await stack.call(await stack.agent(), NUMBER)
    queue = await make.agent(stack.db, await make.account(stack.db, account_id=WAITING))
    if stack.db.dialect == "postgresql":
        await large_tables.multiply(stack.db, first)
        await large_tables.let_wait(stack.db, first, WAITING, queue.agent_id)
    # Somebody who has been told of everything: mostly there is nothing new.
    async with stack.db.read() as session:
        owner = (await session.exec(select(Account).where(Account.account_id != WAITING))).one()
    await delivery_rows.hook(stack.db, owner)
    if stack.db.dialect == "postgresql":
        await large_tables.look_at_all(stack.db)
    return stack


async def test_nothing_that_is_done_with_a_call_reads_a_large_table_to_its_end(
    grown: WholeStack,
) -> None:
    agent = await grown.agent()
    with sent_to_any_engine() as sent:
        await grown.call(agent, OTHER)
    assert len(sent) >= 24
    assert await scanned(grown.db, sent, LARGE) == {}


async def test_no_turn_of_a_loop_reads_a_large_table_to_its_end(grown: WholeStack) -> None:
    own = activities_of(grown.db, MemoryCarrier(), grown.client, Settings(retention_days=30))
    with sent_to_any_engine() as sent:
        await granted(grown.db)
        for loop in loops_of(own):
            if loop.name != names.DISPATCHER:
                await loop.turn()
    await own.webhook_delivery.end(0)
    assert len(sent) >= 10
    assert await scanned(grown.db, sent, LARGE) == {}


async def granted(db: Database) -> None:
    """A turn of the dispatcher's that tells nobody, and gives all back."""
    async with db.read() as session:
        waiting = await leases.accounts_waiting(session)
    assert waiting == ([WAITING] if db.dialect == "postgresql" else [])
    async with db.write() as session:
        now = utcnow()
        await leases.grant(session, WAITING, now, ttl=timedelta(seconds=15), take=50)
        await session.rollback()


@pytest.mark.parametrize("path", LOOKS)
async def test_no_list_reads_a_large_table_to_its_end(grown: WholeStack, path: str) -> None:
    with sent_to_any_engine() as sent:
        answer = await grown.api.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    assert await scanned(grown.db, sent, LARGE) == {}


async def test_a_statement_without_an_index_would_be_noticed(grown: WholeStack) -> None:
    asked = Statement("SELECT call_id FROM attempt WHERE error = 'x'", ())
    assert await scanned(grown.db, [asked], LARGE) == {asked.text: "attempt"}
