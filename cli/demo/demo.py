"""`trunkline demo`: a list of contacts called on a stack of its own, each outcome checked."""

import asyncio
import shlex
import time
from collections.abc import Sequence
from pathlib import Path

import httpx2
from rich.console import Console
from rich.text import Text

from cli.api_client import CallNow, Contact, DemoClient, JsonObject, read_contacts, read_example
from cli.demo.data_dir import lasting, of_last_demo
from cli.demo.expectations import expected_of
from cli.demo.view import LiveView, Result, outcome_table, summary
from cli.dev_stack import foreground
from cli.dev_stack.ports import Ports
from cli.dev_stack.processes import PREFIX, ROOT
from cli.dev_stack.stack import Stack, StackOptions
from cli.dev_stack.welcome import invocation
from cli.errors import Interrupted

EXAMPLES = ROOT / "examples"
CONTACTS = EXAMPLES / "contacts.csv"

#: Thirty seconds of ringing take three.
SPEED = 10.0
SETTINGS = {
    f"{PREFIX}SIMULATED_PHONES": "true",
    f"{PREFIX}UNKNOWN_QUIET_SECONDS": "4",
    f"{PREFIX}WATCH_INTERVAL_SECONDS": "1",
}
#: Whatever has not ended by then has failed.
LONGEST_SECONDS = 75.0
_LOOK_SECONDS = 0.25
_WIDTH_WITHOUT_TERMINAL = 140


async def run(contacts_file: Path, *, keep: bool) -> bool:
    """Call every contact; returns whether each call ended as its callee dictates."""
    contacts = read_contacts(contacts_file)
    console = _console()
    directory = lasting() if keep else of_last_demo()
    results, seconds = await _on_own_stack(contacts, directory, console)
    console.print(outcome_table(results))
    console.print(summary(results, seconds), soft_wrap=True)
    console.print(look_again(directory), soft_wrap=True)
    return all(result.as_dictated for result in results)


def _console() -> Console:
    console = Console()
    # Rich folds to 80 columns where there is no terminal, which would break the table.
    return console if console.is_terminal else Console(width=_WIDTH_WITHOUT_TERMINAL)


async def _on_own_stack(
    contacts: Sequence[Contact], directory: Path, console: Console
) -> tuple[list[Result], float]:
    options = StackOptions(directory, ports=Ports(0, 0, 0, 0), carrier_speed=SPEED)
    console.print("Starting Temporal, a simulated carrier, a worker and the API …")
    async with foreground.running(options, SETTINGS) as (stack, interrupted):
        console.print(f"Temporal's Web UI, while this runs: {stack.site.ui_url}")
        began = time.monotonic()
        calling = asyncio.create_task(_call_all(contacts, stack, console))
        signalled = asyncio.create_task(interrupted.wait())
        await asyncio.wait({calling, signalled}, return_when=asyncio.FIRST_COMPLETED)
        if not calling.done():
            calling.cancel()
            await asyncio.wait({calling})
            raise Interrupted
        signalled.cancel()
        return calling.result(), time.monotonic() - began


async def _call_all(contacts: Sequence[Contact], stack: Stack, console: Console) -> list[Result]:
    headers = {"Authorization": f"Bearer {stack.api_key}"}
    async with httpx2.AsyncClient(
        base_url=stack.site.api_url, headers=headers, timeout=30, trust_env=False
    ) as http:
        client = DemoClient(http, stack.site.carrier_url)
        agent = await client.create_agent(
            read_example(EXAMPLES / "agent.json"),
            read_example(EXAMPLES / "appointment-reminder.json"),
        )
        view = LiveView(console, len(contacts))
        submitting = asyncio.create_task(_submit_all(client, contacts, agent, view))
        try:
            calls = await _watch(client, agent["agentId"], view, submitting)
            submitted = await submitting
        finally:
            submitting.cancel()
        legs = await client.legs()
    return [
        Result(contact, expected_of(contact.phone), calls[call.call_id], legs[contact.phone])
        for contact, call in zip(contacts, submitted, strict=True)
    ]


async def _submit_all(
    client: DemoClient, contacts: Sequence[Contact], agent: JsonObject, view: LiveView
) -> list[CallNow]:
    submitted = []
    for number, contact in enumerate(contacts):
        call = await client.submit(contact, agent, number)
        view.name(call, contact)
        submitted.append(call)
    return submitted


async def _watch(
    client: DemoClient, agent_id: str, view: LiveView, submitting: asyncio.Task[list[CallNow]]
) -> dict[str, CallNow]:
    """Show the calls until all are over, or for as long as a demo may take."""
    end = time.monotonic() + LONGEST_SECONDS
    with view:
        while True:
            # Asked before the look, so that the look sees every call.
            complete = submitting.done()
            calls = await client.calls(agent_id)
            view.update(calls)
            over = complete and all(call.is_over for call in calls.values())
            if over or time.monotonic() > end:
                return calls
            await asyncio.sleep(_LOOK_SECONDS)


def look_again(directory: Path) -> Text:
    """The command that opens the very calls that were made."""
    command = f"{invocation()} dev --data-dir {shlex.quote(str(directory))}"
    return Text(
        f"To look at these calls again: {command}\n"
        "and then open http://127.0.0.1:8233 (Temporal's Web UI)."
    )
