"""A relay passes bytes on, is shut with a reset, and opens again."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from cli.chaos.relay import Relay


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while said := await reader.read(100):
        writer.write(said)
        await writer.drain()
    writer.close()


@pytest.fixture
async def port() -> AsyncIterator[tuple[Relay, int]]:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    relay = Relay()
    opened = await relay.open()
    relay.to_port(server.sockets[0].getsockname()[1])
    yield relay, opened
    await relay.close()
    server.close()


async def said(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello")
    try:
        return await reader.read(100)
    finally:
        writer.close()


async def test_what_is_said_is_passed_on_and_what_is_answered_comes_back(
    port: tuple[Relay, int],
) -> None:
    assert await said(port[1]) == b"hello"


async def test_a_shut_relay_resets_old_and_new_connections_until_it_is_reopened(
    port: tuple[Relay, int],
) -> None:
    relay, opened = port
    reader, writer = await asyncio.open_connection("127.0.0.1", opened)
    writer.write(b"hello")
    assert await reader.read(5) == b"hello"
    relay.shut()
    with pytest.raises(ConnectionError):
        await reader.readexactly(1)
    with pytest.raises(ConnectionError):
        await said(opened)
    relay.reopen()
    assert await said(opened) == b"hello"
