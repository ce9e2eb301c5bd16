"""Where metrics are read: GET /metrics, at an address of its own and without a key.

What only the database knows is read when somebody asks, and kept for a while, so that asking more
often costs nothing more.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

from observability.metrics import REGISTRY, DatabaseMetrics, Samples
from observability.worker_health import WorkerHealth

log = structlog.get_logger(__name__)

#: What was read is shown for so long, and for so many times as long as reading it took.
KEPT_SECONDS, KEPT_TIMES = 5.0, 20.0
READ_SECONDS = 5.0
_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Reader = Callable[[], Awaitable[Samples]]


class DatabaseReader:
    """What the database knows, for one answer after the other; what cannot be read is left out."""

    def __init__(self, read: Reader, clock: Callable[[], float] = time.monotonic) -> None:
        self.shown = DatabaseMetrics()
        self._read = read
        self._clock = clock
        self._fresh_until = float("-inf")
        self._turn = asyncio.Lock()

    async def refresh(self) -> None:
        """Never raises, and takes no longer than `READ_SECONDS`."""
        async with self._turn:
            began = self._clock()
            if began < self._fresh_until:
                return
            self.shown.samples = await self._found()
            took = self._clock() - began
            self._fresh_until = began + took + max(KEPT_SECONDS, KEPT_TIMES * took)

    async def _found(self) -> Samples:
        try:
            async with asyncio.timeout(READ_SECONDS):
                return {**await self._read(), "trunkline_database_read": {(): 1.0}}
        except Exception as error:  # an answer without them says more than none
            log.warning("metrics.database_away", error=type(error).__name__)
            return {"trunkline_database_read": {(): 0.0}}


class Exposition:
    """`beside` is an address whose metrics are shown as well, such as the Temporal SDK's."""

    def __init__(
        self,
        registry: CollectorRegistry = REGISTRY,
        database: DatabaseReader | None = None,
        beside: str | None = None,
    ) -> None:
        self._registry = registry
        self._database = database
        self._beside = beside

    async def answer(self, _request: web.Request) -> web.Response:
        parts = []
        if self._database is not None:
            await self._database.refresh()
            own = CollectorRegistry()
            own.register(self._database.shown)
            parts.append(generate_latest(own))
        parts.append(generate_latest(self._registry))
        if self._beside is not None:
            parts.append(await _text_of(self._beside))
        return web.Response(body=b"".join(parts), headers={"Content-Type": _TYPE})


async def _text_of(url: str) -> bytes:
    try:
        timeout = aiohttp.ClientTimeout(total=READ_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as client, client.get(url) as answer:
            return await answer.read()
    except (aiohttp.ClientError, TimeoutError):
        return b""


@asynccontextmanager
async def served(
    address: str, exposition: Exposition, health: WorkerHealth | None = None
) -> AsyncIterator[int | None]:
    """At `host:port` meanwhile; the port, which is any free one for 0. `health`: beside them.

    Without an address, or where it is taken, nothing is served: calls matter more.
    """
    if not address:
        yield None
        return
    host, _, port = address.rpartition(":")
    app = web.Application()
    app.router.add_get("/metrics", exposition.answer)
    if health is not None:
        app.router.add_get("/healthz", health.alive)
        app.router.add_get("/readyz", health.ready)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=5)
    await runner.setup()
    try:
        yield await _started(runner, host.strip("[]"), int(port))
    finally:
        await runner.cleanup()


async def _started(runner: web.AppRunner, host: str, port: int) -> int | None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        log.warning("metrics.not_served", port=port, error=error.strerror)
        return None
    taken: int = runner.addresses[0][1]
    log.info("metrics.served", port=taken)
    return taken
