"""Our own public address, asked as the carrier would: is anybody there who answers?

A person who picks up while nobody does hears the carrier's error message, or nothing. So no dial
is sent then.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import structlog

log = structlog.get_logger(__name__)

#: Between two questions, and how long an answer may take.
EVERY_SECONDS, LONGEST_SECONDS = 2.0, 3.0
#: What the API says at this path while it is alive.
PATH, ALIVE = "/healthz", {"status": "ok"}


class PublicAddress:
    """Asked all the time, so that a dial need not wait for an answer."""

    def __init__(self, url: str, *, every: float = EVERY_SECONDS) -> None:
        self._url = url.rstrip("/") + PATH
        self._every = every
        self._answered = asyncio.Event()

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """While it is asked. Before, and after, nobody is known to answer."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def answers_within(self, seconds: float) -> bool:
        """Whether the last question was answered, or one of the next `seconds` is."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._answered.wait(), seconds)
        return self._answered.is_set()

    async def _watch(self) -> None:
        limit = aiohttp.ClientTimeout(total=LONGEST_SECONDS)
        # What the environment says of proxies holds here as it does for Twilio's own requests.
        async with aiohttp.ClientSession(timeout=limit, trust_env=True) as session:
            while True:
                self._note(await _is_alive(session, self._url))
                await asyncio.sleep(self._every)

    def _note(self, is_alive: bool) -> None:
        if is_alive:
            if not self._answered.is_set():
                log.info("public_address.answers")
            self._answered.set()
            return
        # Said each time: while this goes on, nobody is called.
        log.warning("public_address.silent", dials="held back")
        self._answered.clear()


async def _is_alive(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, allow_redirects=False) as answer:
            return answer.status == 200 and await answer.json() == ALIVE
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return False
