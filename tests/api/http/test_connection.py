"""What a stranger's connection may send and how slowly, over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Receive, Scope, Send

from api.http.connection import MAX_HEAD, TOO_LARGE, BoundedConnection
from tests.api.http.wire import Pipes, connected, listening, request, to_the_end


class Impatient(BoundedConnection):
    head_seconds = 0.3
    body_seconds = 0.3
    body_rate = 1e6


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers how many bytes the body had."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    said = str(size).encode()
    headers = [(b"content-length", str(len(said)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": said})


@asynccontextmanager
async def serving(http: type[asyncio.Protocol]) -> AsyncIterator[Pipes]:
    async with listening(echo, http) as server:
        pipes = await connected(server)
        try:
            yield pipes
        finally:
            pipes[1].close()


@pytest.fixture
async def wire() -> AsyncIterator[Pipes]:
    async with serving(BoundedConnection) as pipes:
        yield pipes


@pytest.fixture
async def hasty() -> AsyncIterator[Pipes]:
    async with serving(Impatient) as pipes:
        yield pipes


async def test_headers_up_to_the_limit_are_read(wire: Pipes) -> None:
    long = "x" * (MAX_HEAD - 2048)
    wire[1].write(request(f"A: {long}", "Content-Length: 3", "Connection: close") + b"abc")
    answer = await to_the_end(wire[0])
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n3")


@pytest.mark.parametrize("way", ["one line", "many lines", "never ending", "address"])
async def test_larger_headers_are_refused_without_being_kept(wire: Pipes, way: str) -> None:
    sent = {
        "one line": request("A: " + "x" * MAX_HEAD),
        "many lines": request(*[f"A{n}: x" for n in range(MAX_HEAD // 6)]),
        "never ending": b"GET / HTTP/1.1\r\nA: " + b"x" * (MAX_HEAD * 8),
        "address": request(line=f"GET /{'x' * MAX_HEAD} HTTP/1.1"),
    }[way]
    wire[1].write(sent)
    # What was still under way when we hung up makes the answer a reset on some machines.
    assert (await to_the_end(wire[0])) in (b"", TOO_LARGE)


async def test_trailers_and_extensions_of_chunks_count_as_headers(wire: Pipes) -> None:
    wire[1].write(request("Transfer-Encoding: chunked") + b"1\r\na\r\n0\r\n")
    wire[1].write(b"A: " + b"x" * (MAX_HEAD * 8))
    assert (await to_the_end(wire[0])) == b""


async def test_the_smallest_chunks_are_no_framing_beyond_measure(wire: Pipes) -> None:
    body = b"1\r\na\r\n" * 200_000 + b"0\r\n\r\n"
    wire[1].write(request("Transfer-Encoding: chunked", "Connection: close") + body)
    assert (await to_the_end(wire[0])).endswith(b"\r\n\r\n200000")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\r\n",
        b"GET / HTTP/1.1\r\nHost:",
        request("Content-Length: 10") + b"abc",
        request("Transfer-Encoding: chunked") + b"1\r\na\r\n",
    ],
)
async def test_who_does_not_go_on_is_left(hasty: Pipes, said: bytes) -> None:
    hasty[1].write(said)
    assert await to_the_end(hasty[0]) == b""


async def test_a_byte_now_and_then_is_no_going_on(hasty: Pipes) -> None:
    async def trickle() -> None:
        while True:
            hasty[1].write(b"a")
            await asyncio.sleep(0.02)

    hasty[1].write(request("Content-Length: 100000"))
    dripping = asyncio.create_task(trickle())
    assert await to_the_end(hasty[0]) == b""
    dripping.cancel()


async def test_a_second_request_on_a_connection_is_bounded_as_the_first(hasty: Pipes) -> None:
    hasty[1].write(request("Content-Length: 1") + b"a")
    assert (await hasty[0].readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    hasty[1].write(b"GET / HTTP/1.1\r\nHost:")
    assert await to_the_end(hasty[0]) == b"1"
