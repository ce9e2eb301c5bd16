"""uvicorn on a real socket, in the loop of a test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

Pipes = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def listening(app: Any, http: type[asyncio.Protocol]) -> AsyncIterator[uvicorn.Server]:
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, http=http, ws="none", lifespan="off", log_config=None
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server
    finally:
        server.should_exit = True
        await server.shutdown()


def port_of(server: uvicorn.Server) -> int:
    return int(server.servers[0].sockets[0].getsockname()[1])


async def connected(server: uvicorn.Server) -> Pipes:
    return await asyncio.open_connection("127.0.0.1", port_of(server))


def request(*headers: str, line: str = "POST / HTTP/1.1") -> bytes:
    return ("\r\n".join([line, "Host: x", *headers]) + "\r\n\r\n").encode()


async def to_the_end(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
