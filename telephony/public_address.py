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
#: What the API says there while it is alive. Of a proxy only /twilio/ must be open to the outside.
PATH, ALIVE = "/twilio/healthz", {"status": "ok"}


class PublicAddress:
    """Asked all the time, so that a dial need not wait for an answer."""

    def __init__(self, url: str, *, every: float = EVERY_SECONDS, by_proxy: bool = False) -> None:
        """`by_proxy`: as the environment says, which leads outside, not to a local stand-in."""
        self._url = url.rstrip("/") + PATH
        self._every = every
        self._by_proxy = by_proxy
        self._answers: bool | None = None

    @property
    def answers(self) -> bool:
        """Whether the last question was answered."""
        return self._answers is True

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """While it is asked; the first answer is there when this begins."""
        limit = aiohttp.ClientTimeout(total=LONGEST_SECONDS)
        async with aiohttp.ClientSession(timeout=limit, trust_env=self._by_proxy) as session:
            self.note(await _is_alive(session, self._url))
            task = asyncio.create_task(self._watch(session))
            try:
                yield
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
                self._answers = None

    async def _watch(self, session: aiohttp.ClientSession) -> None:
        while True:
            await asyncio.sleep(self._every)
            self.note(await _is_alive(session, self._url))

    def note(self, is_alive: bool) -> None:
        """What came of a question."""
        if not is_alive:
            # Said each time: while this goes on, nobody is called.
            log.warning("public_address.silent", dials="held back")
        elif not self._answers:
            log.info("public_address.answers")
        self._answers = is_alive


async def _is_alive(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, allow_redirects=False) as answer:
            return answer.status == 200 and await answer.json() == ALIVE
    except Exception:  # whatever it is, our API did not say that it is alive
        return False
