"""What a worker says of itself to whoever starts it anew, or waits for it before it goes on.

As the API's: /healthz says that the process is alive, /readyz whether it can work.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

#: Whoever does not answer within it is away.
PATIENCE_SECONDS = 3.0
Look = Callable[[], Awaitable[bool]]


async def _not_yet() -> bool:
    return False


class WorkerHealth:
    """Before `begin` the process waits for what it needs, and is alive but not ready."""

    def __init__(self) -> None:
        self._looks: dict[str, Look] = {"worker": _not_yet}

    def begin(self, **looks: Look) -> None:
        """From now on it is ready while each of these finds what it looks for."""
        self._looks = looks

    async def alive(self, _request: web.Request) -> web.Response:
        """Answered by the loop that everything runs on: one that is stuck does not answer."""
        return web.json_response({"status": "ok"})

    async def ready(self, _request: web.Request) -> web.Response:
        """Each part is `ok` or `away`; 503 where one is."""
        found = await asyncio.gather(*map(_is_there, self._looks.values()))
        body = {
            name: "ok" if there else "away" for name, there in zip(self._looks, found, strict=True)
        }
        return web.json_response(body, status=200 if all(found) else 503)


async def _is_there(look: Look) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await look()
    except Exception:  # whatever it is, nobody knows
        return False
