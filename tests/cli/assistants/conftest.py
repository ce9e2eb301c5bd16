"""An assistant in this process before the real API: what its person is asked, and answers."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_types import CallToolResult, ElicitResult

from cli.assistants.access import Access
from cli.assistants.server import AssistantServer
from storage.accounts import accounts
from storage.database.engine import Database
from tests.api.contract.server import Process
from tests.api.world import KEY
from tests.client.conftest import CONTEXT, client, process
from tests.databases import SqliteTemplates

__all__ = ["client", "process"]
NUMBER = "+12125550123"
CALL: dict[str, Any] = {"number": NUMBER, "context": CONTEXT}
#: How questions are carried: in the answers of tools, and before that as requests of the server.
ERAS = ("auto", "legacy")


@dataclass
class Person:
    """Answers what they are asked."""

    says: ElicitResult | None = None
    asked: list[str] = field(default_factory=list)

    async def answer(self, context: object, params: Any) -> ElicitResult:
        self.asked.append(params.message)
        assert self.says is not None
        return self.says


YES = ElicitResult(action="accept", content={"confirm": True})
NO = (
    ElicitResult(action="accept", content={"confirm": False}),
    ElicitResult(action="decline"),
    ElicitResult(action="cancel"),
)
Opened = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def database_url(sqlite_templates: SqliteTemplates, tmp_path: Path) -> str:
    return sqlite_templates.copy(tmp_path / "api.db")


@pytest.fixture
def address(process: Process, database_url: str) -> str:
    process.begin_anew(database_url)
    return process.address


@pytest.fixture
def assistant(address: str) -> Opened:
    """Opens one, whose client can ask a person if there is one."""

    @asynccontextmanager
    async def opened(
        person: Person | None = None, era: str = "auto", url: str = address, key: str = KEY
    ) -> AsyncIterator[Client]:
        server = AssistantServer(Access(url, lambda: key))
        ask = person.answer if person else None
        async with Client(server, mode=era, elicitation_callback=ask) as found:
            yield found

    return opened


async def narrow(database_url: str, scopes: list[str]) -> None:
    """From now on the key may do no more than that."""
    db = Database(database_url)
    async with db.write() as session:
        found = await accounts.find_by_key(session, KEY, datetime.now(UTC))
        assert found is not None
        found[1].scopes = scopes
        session.add(found[1])
    await db.close()


async def use(client: Client, tool: str, **arguments: Any) -> Any:
    """What a tool answers that works."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, text(answer)
    return answer.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """What it says where it does not."""
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error
    return text(answer)


def text(answer: CallToolResult) -> str:
    [content] = answer.content
    return str(getattr(content, "text", ""))
