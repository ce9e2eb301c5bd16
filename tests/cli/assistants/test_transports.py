"""The real client comes in by standard input and by HTTP, where each request brings its key."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from cli.assistants.transports import serve_http
from cli.errors import Unusable
from tests.api.world import KEY
from tests.cli.assistants.conftest import CALL, ERAS, YES, Person, narrow, use
from tests.wait import PATIENCE
from trunkline_client import Trunkline

ROOT = Path(__file__).parents[3]
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "tests", "version": "1"},
    },
}
HEADERS = {"Accept": "application/json, text/event-stream"}


@pytest.mark.parametrize("era", ERAS)
async def test_by_standard_input_the_key_is_that_of_the_profile(
    address: str, client: Trunkline, tmp_path: Path, era: str
) -> None:
    environment = {**os.environ, "TRUNKLINE_URL": address, "TRUNKLINE_KEY": KEY}
    environment["PYTHONPATH"] = str(ROOT)
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "cli.main", "mcp"], env=environment, cwd=str(tmp_path)
    )
    person = Person(YES)
    async with Client(server, mode=era, elicitation_callback=person.answer) as mine:
        assert len((await mine.list_tools()).tools) > 10
        told = await use(mine, "schedule_call", **CALL)
    assert len(person.asked) == 1
    assert [one.call_id for one in client.list_calls().calls] == [told["call"]["call_id"]]


@pytest.fixture
def served(address: str, tmp_path: Path) -> Iterator[str]:
    """Where it is served by HTTP; it knows no key."""
    environment = {**os.environ, "TRUNKLINE_URL": address, "PYTHONPATH": str(ROOT)}
    environment.pop("TRUNKLINE_KEY", None)
    serving = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "mcp", "--http", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert serving.stderr is not None
    line = serving.stderr.readline()
    assert "Serving at " in line
    yield line.split()[-1]
    serving.terminate()
    serving.communicate(timeout=PATIENCE)


@asynccontextmanager
async def caller(url: str, key: str, era: str, person: Person) -> AsyncIterator[Client]:
    async with httpx2.AsyncClient(
        headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE
    ) as http:
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport, mode=era, elicitation_callback=person.answer) as found:
            yield found


@pytest.mark.parametrize("era", ERAS)
async def test_by_http_the_key_is_the_callers_own(
    served: str, client: Trunkline, database_url: str, era: str
) -> None:
    person = Person(YES)
    async with caller(served, KEY, era, person) as mine:
        told = await use(mine, "schedule_call", **CALL)
        assert len(person.asked) == 1
        await narrow(database_url, ["agents:read"])
        assert [one.name for one in (await mine.list_tools()).tools] == ["list_agents"]
    await narrow(database_url, ["*"])
    assert [one.call_id for one in client.list_calls().calls] == [told["call"]["call_id"]]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer tl_nobody"}, 401),
        ({"Authorization": f"Bearer {KEY}", "Host": "rebound.example"}, 421),
        ({"Authorization": f"Bearer {KEY}", "Origin": "https://rebound.example"}, 403),
        ({"Authorization": f"Bearer {KEY}"}, 200),
    ],
    ids=["no key", "unknown key", "another host", "another origin", "all well"],
)
def test_by_http_no_stranger_comes_in(served: str, headers: dict[str, str], status: int) -> None:
    answer = httpx2.post(served, json=INITIALIZE, headers={**HEADERS, **headers}, timeout=PATIENCE)
    assert answer.status_code == status


def test_by_http_nothing_is_read_beyond_a_bound(served: str) -> None:
    headers = {**HEADERS, "Authorization": f"Bearer {KEY}"}
    said = {**INITIALIZE, "padding": "x" * 300_000}
    assert httpx2.post(served, json=said, headers=headers, timeout=PATIENCE).status_code == 413


def test_a_session_is_of_the_key_that_opened_it(served: str) -> None:
    headers = {**HEADERS, "Authorization": f"Bearer {KEY}"}
    opened = httpx2.post(served, json=INITIALIZE, headers=headers, timeout=PATIENCE)
    session = {"Mcp-Session-Id": opened.headers["Mcp-Session-Id"]}
    listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    theirs = {**HEADERS, **session, "Authorization": "Bearer tl_nobody"}
    assert httpx2.post(served, json=listing, headers=theirs, timeout=PATIENCE).status_code == 401
    mine = {**headers, **session}
    assert httpx2.post(served, json=listing, headers=mine, timeout=PATIENCE).status_code == 200


def test_what_others_can_reach_must_have_a_name() -> None:
    with pytest.raises(Unusable, match="--allow-host"):
        serve_http("http://127.0.0.1:1", "0.0.0.0", 0, (), print)
