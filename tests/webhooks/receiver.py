"""A receiver of webhooks: real HTTP, answers as it is told, remembers what it got."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]
Answering = Callable[[Json], web.StreamResponse | float]


@dataclass
class Received:
    headers: dict[str, str]
    body: str
    told: Json


@dataclass
class Receiver:
    """`answering` says what each event is answered with; a number: seconds of silence first."""

    url: str = ""
    answering: Answering = lambda _: web.Response(status=204)
    got: list[Received] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        told = await request.json()
        self.got.append(Received(dict(request.headers), body, told))
        answer = self.answering(told)
        if isinstance(answer, (int, float)):
            await asyncio.sleep(answer)
            return web.Response(status=204)
        return answer

    def ids(self) -> list[str]:
        return [one.told["id"] for one in self.got]


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    """A receiver on this machine."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
