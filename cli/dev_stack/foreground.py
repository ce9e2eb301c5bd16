"""The local stack in the foreground: up until a signal comes."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dotenv import dotenv_values

from cli.dev_stack.processes import PREFIX
from cli.dev_stack.seed import seed
from cli.dev_stack.stack import Stack, StackOptions
from cli.dev_stack.welcome import greet
from cli.errors import Interrupted, say


async def run(options: StackOptions, *, as_json: bool) -> None:
    """Run the stack until SIGTERM or SIGINT; says when all is up, as JSON in one line."""
    async with running(options) as (stack, interrupted):
        await seed(stack)
        if as_json:
            sys.stdout.write(json.dumps(stack.ready_line()) + "\n")
        else:
            greet(stack)
        sys.stdout.flush()
        await interrupted.wait()


@asynccontextmanager
async def running(
    options: StackOptions, settings: dict[str, str] | None = None
) -> AsyncIterator[tuple[Stack, asyncio.Event]]:
    """A stack that is up, and the event that a signal sets; a second signal ends it at once.

    `settings` win over those a person made.
    """
    stack = prepared(options, settings)
    async with started(stack) as interrupted:
        yield stack, interrupted


def prepared(options: StackOptions, settings: dict[str, str] | None = None) -> Stack:
    """A stack of which nothing runs yet; `started` begins and ends it. Raises Unusable."""
    # Numbers and names are kept in the data directory: nobody else on this machine reads them.
    os.umask(0o077)
    return Stack.prepare(options, say, {**own_settings(), **os.environ, **(settings or {})})


@asynccontextmanager
async def started(stack: Stack) -> AsyncIterator[asyncio.Event]:
    """Runs it until the block ends; what is given is the event that a signal sets."""
    interrupted = _on_signals(stack)
    try:
        if not await _started(stack, interrupted):
            raise Interrupted
        yield interrupted
    finally:
        await stack.stop()


def own_settings() -> dict[str, str]:
    """What a person wrote into the settings file, as environment variables."""
    written = dotenv_values(os.environ.get(f"{PREFIX}ENV_FILE") or ".env")
    return {name: value for name, value in written.items() if name.startswith(PREFIX) and value}


async def _started(stack: Stack, interrupted: asyncio.Event) -> bool:
    """Whether the stack came up before a signal did."""
    starting = asyncio.create_task(stack.start())
    signalled = asyncio.create_task(interrupted.wait())
    await asyncio.wait({starting, signalled}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        signalled.cancel()
        starting.result()
        return True
    starting.cancel()
    await asyncio.wait({starting})
    return False


def _on_signals(stack: Stack) -> asyncio.Event:
    interrupted = asyncio.Event()

    def interrupt() -> None:
        if interrupted.is_set():
            stack.kill()
        interrupted.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, interrupt)
    return interrupted
