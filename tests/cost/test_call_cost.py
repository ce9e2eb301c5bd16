"""What an answered call costs from its POST to its end, counted: so that it cannot creep back."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event
from sqlalchemy.engine import Engine
from temporalio.api.history.v1 import HistoryEvent

from tests.cost.whole_stack import NUMBER, WholeStack, whole_stack
from tests.databases import SqliteTemplates
from tests.workflows.server import start_plain_server

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWERED = {"answer": {"after": 0.5, "by": "human", "talk": 5}}
OTHER = "+12025550124"
#: Decision 0003, and what Temporal Cloud would count: docs/operations.md.
MOST_EVENTS, MOST_ACTIONS = 14, 5
#: By what sends them, in the order of the call; each is one transaction.
MOST_BY_PART = {
    "accepted": 4,
    "decided": 8,
    "let through the gate": 3,
    "sent": 2,
    "ringing": 3,
    "answered": 3,
    "ended": 4,
    "settled": 6,
}
MOST_STATEMENTS, MOST_TRANSACTIONS = sum(MOST_BY_PART.values()), len(MOST_BY_PART)


@dataclass
class Sent:
    """What was sent to any database meanwhile, each transaction's by itself."""

    parts: list[list[str]] = field(default_factory=list)

    @property
    def statements(self) -> list[str]:
        return [text for part in self.parts for text in part]

    @property
    def transactions(self) -> int:
        return len(self.parts)

    def told(self) -> str:
        return "\n".join(f"{len(part)}\n  " + "\n  ".join(part) for part in self.parts)


@contextmanager
def counted() -> Iterator[Sent]:
    sent = Sent()
    open_parts: dict[int, list[str]] = {}

    def statement(conn: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if not text.startswith("BEGIN"):
            open_parts[id(conn)].append(text)

    def begun(conn: Any) -> None:
        open_parts[id(conn)] = []
        sent.parts.append(open_parts[id(conn)])

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "begin", begun)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", statement)
        event.remove(Engine, "begin", begun)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def stack(sqlite_templates: SqliteTemplates) -> AsyncIterator[WholeStack]:
    async with (
        sqlite_templates.opened("cost") as db,
        await start_plain_server() as env,
        whole_stack(env, db) as opened,
    ):
        yield opened


async def answered(stack: WholeStack, **agent: Any) -> tuple[Sent, list[HistoryEvent]]:
    """One answered call after another that has warmed everything up."""
    agent_id = await stack.agent(**agent)
    await stack.script(NUMBER, ANSWERED)
    await stack.script(OTHER, ANSWERED)
    await stack.call(agent_id, NUMBER)
    with counted() as sent:
        call_id = await stack.call(agent_id, OTHER)
    return sent, await stack.history(call_id)


async def test_an_answered_call_takes_so_many_statements_and_transactions_at_most(
    stack: WholeStack,
) -> None:
    sent, _ = await answered(stack)
    assert len(sent.statements) <= MOST_STATEMENTS, sent.told()
    assert sent.transactions <= MOST_TRANSACTIONS, sent.told()


async def test_an_answered_call_takes_so_many_events_and_actions_at_most(
    stack: WholeStack,
) -> None:
    _, history = await answered(stack)
    assert len(history) <= MOST_EVENTS
    assert actions(history) <= MOST_ACTIONS


def actions(history: list[HistoryEvent]) -> int:
    """As Temporal Cloud counts them: all local activities of one workflow task are one."""
    kinds = Counter(str(one.WhichOneof("attributes")) for one in history)
    turns = {
        one.marker_recorded_event_attributes.workflow_task_completed_event_id
        for one in history
        if one.WhichOneof("attributes") == "marker_recorded_event_attributes"
    }
    single = (
        "workflow_execution_started",
        "activity_task_scheduled",
        "timer_started",
        "workflow_execution_signaled",
        "upsert_workflow_search_attributes",
    )
    return len(turns) + sum(kinds[f"{name}_event_attributes"] for name in single)
