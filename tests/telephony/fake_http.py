"""A server that gives every request the same answer and remembers all of them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qs

CLOSE = b"close"
RESET = b"reset"
HANG = b"hang"


def answer(status: int, body: object, *headers: str) -> bytes:
    """An HTTP response; `body` is sent as JSON unless it is text."""
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", *headers, "", ""]
    return "\r\n".join(head).encode() + content


def refusal(status: int, code: int | None, to: str = "+15550001234") -> bytes:
    """Twilio's error body, number and all."""
    message = f"The phone number you are attempting to call, {to}, is not valid."
    return answer(status, {"code": code, "message": message, "status": status})


@dataclass
class FakeServer:
    """`answers` are used up one a request; the last repeats."""

    answers: list[bytes]
    url: str = ""
    requests: list[tuple[str, dict[str, list[str]], dict[str, str]]] = field(default_factory=list)
    connections: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *lines = head.strip().split("\r\n")
        fields = (header.split(": ", 1) for header in lines)
        headers = {name.lower(): value for name, value in fields}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append((line, parse_qs(body.decode()), headers))
        self.reached.set()
        return await self._reply(await self.answer(line, headers, body), writer)

    async def answer(self, line: str, headers: dict[str, str], body: bytes) -> bytes:
        """What one request gets."""
        return self.answers[min(len(self.requests), len(self.answers)) - 1]

    async def _reply(self, reply: bytes, writer: asyncio.StreamWriter) -> bool:
        if reply == HANG:
            await asyncio.Event().wait()
        if reply == RESET:
            writer.transport.abort()
        if reply in (CLOSE, RESET):
            return False
        writer.write(reply)
        await writer.drain()
        return True


S = TypeVar("S", bound=FakeServer)


def fake_server(*answers: bytes) -> AbstractAsyncContextManager[FakeServer]:
    """A FakeServer on a free port."""
    return serving(FakeServer(list(answers)))


@asynccontextmanager
async def serving(fake: S) -> AsyncIterator[S]:
    """Open the server; at the end every connection is dropped."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        # asyncio's streams print a traceback for a handler that was cancelled.
        with suppress(asyncio.CancelledError):
            await fake.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield fake
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
