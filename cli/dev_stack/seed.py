"""What a new stack begins with, made through the REST API: an agent for the first call, and the
simulated provider by which people sign in."""

import httpx2

from cli.api_client import DemoClient, read_example
from cli.dev_stack.processes import ROOT
from cli.dev_stack.stack import Stack
from cli.errors import Unusable, say

EXAMPLES = ROOT / "examples"
NAME = "demo agent"


async def seed(stack: Stack) -> None:
    """Make the demo agent of a new stack. One that is not made stops nothing."""
    headers = {"Authorization": f"Bearer {stack.api_key}"}
    try:
        async with httpx2.AsyncClient(
            base_url=stack.site.api_url, headers=headers, timeout=10, trust_env=False
        ) as http:
            client = DemoClient(http, stack.site.carrier_url)
            if not await client.count_agents():
                await client.let_people_sign_on()
            await make_demo_agent(client)
    except (httpx2.HTTPError, Unusable):
        say("The demo agent could not be made; make one of your own.")


async def make_demo_agent(client: DemoClient) -> None:
    """Only where there is no agent at all."""
    if await client.count_agents():
        return
    agent = {**read_example(EXAMPLES / "agent.json"), "name": NAME}
    await client.create_agent(agent, read_example(EXAMPLES / "appointment-reminder.json"))
