"""The web process on a socket, in a thread, with a database of each test's own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from api.calls.schemas import EXAMPLE
from tests.api.contract.server import Process, running
from tests.api.world import KEY
from tests.databases import SqliteTemplates
from trunkline_client import AsyncTrunkline, Trunkline

AGENT_ID = EXAMPLE["agentId"]
NUMBER = "+12125550123"
#: What the pathway says.
CONTEXT = {"firstName": "Ada", "time": "Monday at nine"}


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    # Else what it logs would stand among what a command says.
    with structlog.testing.capture_logs(), running() as found:
        yield found


@pytest.fixture
def address(process: Process, sqlite_templates: SqliteTemplates, tmp_path: Path) -> str:
    """An API that has one agent, `AGENT_ID`, and its pathway."""
    process.begin_anew(sqlite_templates.copy(tmp_path / "api.db"))
    return process.address


@pytest.fixture
def client(address: str) -> Iterator[Trunkline]:
    with Trunkline(address, KEY) as found:
        yield found


@pytest.fixture
async def async_client(address: str) -> AsyncIterator[AsyncTrunkline]:
    async with AsyncTrunkline(address, KEY) as found:
        yield found
