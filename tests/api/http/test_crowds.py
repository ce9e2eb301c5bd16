"""More connections than there is room for, and answers that nobody reads, over real sockets."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from api.http.connection import BoundedConnection
from server import connections
from tests.api.http.wire import Pipes, connected, listening, port_of, request, to_the_end
from tests.api.world import KEY, World
from tests.wait import until

_LARGE = b"x" * 1_000_000


class Impatient(BoundedConnection):
    read_seconds = 0.3


async def small(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


async def large(scope: Scope, receive: Receive, send: Send) -> None:
    """An answer larger than what the systems on both sides hold for us."""
    headers = [(b"content-length", b"%d" % len(_LARGE))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _LARGE})


async def endless(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    left = asyncio.ensure_future(receive())
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while not left.done():
        await send({"type": "http.response.body", "body": b"x" * 10_000, "more_body": True})
        await asyncio.sleep(0)


@pytest.fixture
async def two_at_once() -> AsyncIterator[uvicorn.Server]:
    async with listening(small, connections(2)) as server:
        yield server


async def crowd(server: uvicorn.Server, size: int) -> list[Pipes]:
    """Connections that have all been answered, and stay."""
    found = []
    for _ in range(size):
        pipes = await connected(server)
        pipes[1].write(request(line="GET / HTTP/1.1"))
        assert (await pipes[0].readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
        found.append(pipes)
    return found


def leave(pipes: list[Pipes]) -> None:
    for _, writer in pipes:
        writer.close()


async def asked(server: uvicorn.Server, line: str) -> bytes:
    reader, writer = await connected(server)
    writer.write(request("Connection: close", line=line))
    answer = await to_the_end(reader)
    writer.close()
    return answer


async def test_one_too_many_is_told_when_to_come_back(two_at_once: uvicorn.Server) -> None:
    there = await crowd(two_at_once, 2)
    head, _, body = (await asked(two_at_once, "GET / HTTP/1.1")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 2" in head
    assert b"content-type: application/problem+json" in head
    assert json.loads(body)["code"] == "too_many_connections"
    leave(there)


async def test_those_who_are_there_are_answered_on(two_at_once: uvicorn.Server) -> None:
    there = await crowd(two_at_once, 2)
    await asked(two_at_once, "GET / HTTP/1.1")
    there[0][1].write(request(line="GET / HTTP/1.1"))
    assert (await there[0][0].readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
    leave(there)


async def test_the_carrier_is_answered_in_a_crowd(two_at_once: uvicorn.Server) -> None:
    there = await crowd(two_at_once, 2)
    answer = await asked(two_at_once, "POST /twilio/status/x HTTP/1.1")
    assert answer.startswith(b"HTTP/1.1 204")
    leave(there)


async def test_beyond_the_carriers_places_nobody_is_listened_to(
    two_at_once: uvicorn.Server,
) -> None:
    there = await crowd(two_at_once, 2)
    there.append(await connected(two_at_once))
    await until(lambda: _open(two_at_once, 3), "the carrier's place is taken")
    reader, writer = await connected(two_at_once)
    assert (await to_the_end(reader)).startswith(b"HTTP/1.1 503 ")
    writer.close()
    leave(there)


async def test_there_is_room_again_when_somebody_has_left(two_at_once: uvicorn.Server) -> None:
    there = await crowd(two_at_once, 2)
    leave(there[:1])
    await until(lambda: _open(two_at_once, 1), "one has left")
    assert (await asked(two_at_once, "GET / HTTP/1.1")).startswith(b"HTTP/1.1 204")
    leave(there)


async def _open(server: uvicorn.Server, count: int) -> bool:
    return len(server.server_state.connections) == count


async def narrow(server: uvicorn.Server) -> socket.socket:
    """A connection whose own side holds little."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    found.setblocking(False)
    await asyncio.get_running_loop().sock_connect(found, ("127.0.0.1", port_of(server)))
    return found


@pytest.mark.parametrize("app", [large, endless])
async def test_an_answer_that_nobody_reads_is_given_up(app: Any) -> None:
    async with listening(app, Impatient) as server:
        client = await narrow(server)
        await asyncio.get_running_loop().sock_sendall(client, request(line="GET / HTTP/1.1"))
        await until(lambda: _open(server, 1), "it is connected")
        await until(lambda: _open(server, 0), "it is given up")
        client.close()


async def test_an_answer_that_is_read_slowly_but_read_comes_whole() -> None:
    loop = asyncio.get_running_loop()
    async with listening(large, Impatient) as server:
        client = await narrow(server)
        await loop.sock_sendall(client, request("Connection: close", line="GET / HTTP/1.1"))
        size = 0
        while got := await loop.sock_recv(client, 65536):
            size += len(got)
            # Longer in all than an answer may be left unread.
            await asyncio.sleep(0.003)
        client.close()
    assert size > len(_LARGE)


@pytest.mark.parametrize(
    "line",
    [
        "POST /api/v1/calls HTTP/1.1",
        "POST /api/v1/calls/bulk HTTP/1.1",
        "POST /api/v1/suppressions HTTP/1.1",
        "POST /api/v1/suppressions/import HTTP/1.1",
        "POST /twilio/status/x HTTP/1.1",
    ],
)
async def test_who_leaves_in_the_middle_of_a_body_is_no_error_of_ours(
    world: World, application: FastAPI, logged: list[MutableMapping[str, Any]], line: str
) -> None:
    headers = (f"Authorization: Bearer {KEY}", "Content-Type: text/csv", "Content-Length: 100")
    async with listening(application, BoundedConnection) as server:
        _, writer = await connected(server)
        writer.write(request(*headers, line=line) + b"phone\n+1212")
        await writer.drain()
        await until(lambda: _open(server, 1), "it is connected")
        writer.close()
        await until(lambda: _told(logged, "request"), "the request has ended")
    assert [one for one in logged if one["log_level"] == "error"] == []
    # Of a JSON body FastAPI says so to nobody: 422.
    [status] = [one["status"] for one in logged if one["event"] == "request"]
    assert status in (None, 422)


async def _told(logged: list[MutableMapping[str, Any]], event: str) -> bool:
    return any(one["event"] == event for one in logged)
