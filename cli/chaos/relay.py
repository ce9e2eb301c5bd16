"""A door between two programs, which can be shut: TCP passed on as it comes."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_CHUNK = 64 * 1024
_AT_ONCE = struct.pack("ii", 1, 0)


class Relay:
    """Listens on a port of its own, and passes on to where `connect` leads."""

    def __init__(self) -> None:
        self.connect: Callable[[], Awaitable[Streams]] | None = None
        self._is_shut = False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> int:
        """Begin to listen; returns the port."""
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def to_port(self, port: int) -> None:
        """Lead to a port of this machine."""
        self.connect = lambda: asyncio.open_connection("127.0.0.1", port)

    def to_socket(self, path: str) -> None:
        """Lead to a Unix socket."""
        self.connect = lambda: asyncio.open_unix_connection(path)

    def shut(self) -> None:
        """Reset every connection, and every further one."""
        self._is_shut = True
        for writer in tuple(self._writers):
            _reset(writer)

    def reopen(self) -> None:
        self._is_shut = False

    async def close(self) -> None:
        """Nobody gets through any more."""
        self.shut()
        if self._server is not None:
            self._server.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_shut or self.connect is None:
            _reset(writer)
            return
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError):
                there = await self.connect()
                await self._both_ways((reader, writer), there)
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _both_ways(self, here: Streams, there: Streams) -> None:
        self._writers.add(there[1])
        try:
            await asyncio.gather(_copied(here[0], there[1]), _copied(there[0], here[1]))
        finally:
            self._writers.discard(there[1])
            there[1].transport.abort()


def _reset(writer: asyncio.StreamWriter) -> None:
    """RST and not FIN: what was on its way is lost."""
    own = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    writer.transport.abort()


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until the sender has nothing more to say, which the receiver is then told."""
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        with contextlib.suppress(OSError):
            writer.write_eof()
