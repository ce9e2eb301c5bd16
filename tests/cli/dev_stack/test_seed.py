"""A new stack has an agent that can call at once."""

import httpx2
import pytest

from cli.api_client import DemoClient
from cli.dev_stack.seed import NAME, make_demo_agent
from tests.api.conftest import application, database_url, settings, world
from tests.api.world import World

__all__ = ["application", "database_url", "settings", "world"]


def client(http: httpx2.AsyncClient) -> DemoClient:
    return DemoClient(http, "http://carrier")


async def test_an_empty_database_gets_one_agent_that_can_call_and_deals_with_machines(
    world: World,
):
    for _ in range(2):
        await make_demo_agent(client(world.http))

    listed = (await world.http.get("/api/v1/agents")).json()
    [agent] = listed["agents"]
    assert (agent["name"], agent["voicemail"]["action"]) == (NAME, "leave_message")
    body = {"agentId": agent["agentId"], "endpoint": "+12025550123"}
    assert (await world.http.post("/api/v1/calls", json=body)).status_code == 202


@pytest.mark.parametrize("name", ["mine", NAME])
async def test_where_there_is_an_agent_none_is_made(world: World, name: str):
    await world.agent(name=name)

    await make_demo_agent(client(world.http))

    assert (await world.http.get("/api/v1/agents")).json()["total"] == 1
