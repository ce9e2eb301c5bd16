"""An assistant before the running stack, by both doors: from a question to a call that was made."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ElicitResult

from tests.e2e.stack import Stack
from tests.wait import PATIENCE, until

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]


def environment(stack: Stack) -> dict[str, str]:
    said = {"TRUNKLINE_URL": stack.ready["api"], "TRUNKLINE_KEY": stack.ready["apiKey"]}
    return {**os.environ, **said, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def served(stack: Stack) -> Iterator[str]:
    known = {name: v for name, v in environment(stack).items() if name != "TRUNKLINE_KEY"}
    serving = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "mcp", "--http", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env=known,
    )
    assert serving.stderr is not None
    yield serving.stderr.readline().split()[-1]
    serving.terminate()
    serving.communicate(timeout=PATIENCE)


async def use(client: Client, tool: str, **arguments: Any) -> Any:
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    return answer.structured_content


async def story(client: Client, call_id: str) -> Any:
    """The call once it has ended."""

    async def ended() -> Any:
        found = await use(client, "show_call", call_id=call_id)
        return found if found["outcome"] else None

    return await until(ended, "the call ends")


async def test_over_standard_input_a_person_says_yes_and_the_call_is_made(stack: Stack) -> None:
    agent, asked = stack.agent(name="by stdio"), []

    async def yes(context: object, params: Any) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"confirm": True})

    server = StdioServerParameters(
        command=sys.executable, args=["-m", "cli.main", "mcp"], env=environment(stack)
    )
    async with Client(server, elicitation_callback=yes) as client:
        assert (await use(client, "may_i_call", number="+12065550115", agent=agent))["now"]
        told = await use(
            client, "schedule_call", number="+12065550115", agent=agent, context={"name": "Ada"}
        )
        assert [("+12065550115" in one, "at once" in one) for one in asked] == [(True, True)]
        found = await story(client, told["call"]["call_id"])
        assert (found["outcome"], len(found["dials"])) == ("confirmed", 1)
        why = await use(client, "explain_call", call_id=found["call_id"])
        assert why["decisions"][-1]["kind"] == "end"
    assert len(stack.legs("+12065550115")) == 1


async def test_over_http_without_a_person_to_ask_only_the_word_of_the_dry_answer_does_it(
    stack: Stack, served: str
) -> None:
    agent = stack.agent(name="by http")
    key = {"Authorization": f"Bearer {stack.ready['apiKey']}"}
    said: dict[str, Any] = {"number": "+12065550116", "agent": agent, "context": {"name": "Bo"}}
    async with (
        httpx2.AsyncClient(headers=key, timeout=PATIENCE) as http,
        Client(streamable_http_client(served, http_client=http)) as client,
    ):
        dry = await use(client, "schedule_call", **said)
        assert (dry["done"], dry["plan"]["decision"]) == (False, "dial")
        assert stack.legs("+12065550116") == []
        told = await use(client, "schedule_call", **said, confirm=dry["confirm"])
        found = await story(client, told["call"]["call_id"])
        assert found["outcome"] == "confirmed"
    assert len(stack.legs("+12065550116")) == 1
