"""Recordings from Twilio: only from the one known host, as they come, and how that can fail."""

import asyncio
import base64
import logging
import socket

import pytest
from yarl import URL

from telephony.errors import Ambiguous, CarrierError, NoRecording, NoSuchPart, Unreachable
from telephony.twilio.recordings import TwilioRecordings
from tests.telephony.dials import ACCOUNT, SHORT
from tests.telephony.fake_http import (
    CLOSE,
    HANG,
    RESET,
    FakeServer,
    answer,
    fake_server,
    refusal,
    serving,
)

SID = "RE" + "1a" * 16
TOKEN = "token"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{SID}.wav"
SOUND = answer(200, "RIFF", "Content-Type: audio/x-wav", "Set-Cookie: a=b")


def store(server: FakeServer) -> TwilioRecordings:
    return TwilioRecordings(ACCOUNT, TOKEN, api_url=server.url, timeouts=SHORT)


async def failure(server: FakeServer, sid: str = SID, part: str | None = None) -> CarrierError:
    recordings = store(server)
    with pytest.raises(CarrierError) as caught:
        await recordings.open(sid, part)
    await recordings.close()
    return caught.value


async def test_the_account_asks_and_only_what_a_listener_needs_is_passed_on() -> None:
    async with fake_server(SOUND) as server:
        recordings = store(server)
        audio = await recordings.open(SID, "bytes=0-3")
        assert b"".join([chunk async for chunk in audio.chunks]) == b"RIFF"
        await audio.close()
        await recordings.close()
    [(line, _, headers)] = server.requests
    assert line.split()[:2] == ["GET", PATH]
    said = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode()
    assert said == f"{ACCOUNT}:{TOKEN}"
    assert (headers["range"], headers["accept-encoding"]) == ("bytes=0-3", "identity")
    assert dict(audio.headers) == {"content-type": "audio/x-wav", "content-length": "4"}


@pytest.mark.parametrize(
    "forged",
    [
        "https://evil.example.com/x",
        "//evil.example.com/x",
        f"../Calls/{SID}",
        f"{SID}/../../Calls.json?",
        f"{SID}@evil.example.com",
        f"{SID}\n",
        SID.upper(),
        "RE123",
        "",
    ],
)
async def test_what_is_no_sid_is_never_asked_for(forged: str) -> None:
    async with fake_server(SOUND) as server:
        assert isinstance(await failure(server, forged), NoRecording)
        assert server.requests == []


async def test_a_redirect_is_not_followed() -> None:
    async with fake_server(SOUND) as other:
        elsewhere = answer(302, "", f"Location: {other.url}/x")
        async with fake_server(elsewhere) as server:
            error = await failure(server)
        assert (type(error), error.status) == (CarrierError, 302)
        assert other.requests == []


@pytest.mark.parametrize(
    ("reply", "kind", "status"),
    [
        (refusal(404, 20404), NoRecording, 404),
        (answer(416, ""), NoSuchPart, 416),
        (refusal(401, 20003), CarrierError, 401),
        (refusal(429, 20429), CarrierError, 429),
        (answer(500, "oops"), CarrierError, 500),
        (answer(204, ""), CarrierError, 204),
        (CLOSE, Ambiguous, None),
        (RESET, Ambiguous, None),
        (HANG, Ambiguous, None),
        (b"SSH-2.0\r\n\r\n", Ambiguous, None),
    ],
)
async def test_what_else_comes_is_an_error_that_says_what(
    reply: bytes, kind: type[CarrierError], status: int | None
) -> None:
    async with fake_server(reply) as server:
        error = await failure(server)
    assert (type(error), error.status) == (kind, status)
    assert SID not in str(error)
    assert error.__context__ is None
    assert len(server.requests) == 1


async def test_nobody_there_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = FakeServer([], url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert isinstance(await failure(server), Unreachable)


class Slow(FakeServer):
    """Sends the head and the first half of a sound, and the rest when it is told to, or never."""

    def __init__(self, rest: bytes) -> None:
        super().__init__([])
        self.rest = rest
        self.go_on = asyncio.Event()

    async def _reply(self, reply: bytes, writer: asyncio.StreamWriter) -> bool:
        head = "HTTP/1.1 200 OK\r\nContent-Type: audio/x-wav\r\nContent-Length: 8\r\n\r\n"
        writer.write(head.encode() + b"RIFF")
        await writer.drain()
        await self.go_on.wait()
        writer.write(self.rest)
        await writer.drain()
        return bool(self.rest)

    async def answer(self, line: str, headers: dict[str, str], body: bytes) -> bytes:
        return b""


async def test_what_has_come_is_passed_on_before_the_rest_is_there() -> None:

    async with serving(Slow(b"WAVE")) as server:
        recordings = store(server)
        audio = await recordings.open(SID)
        assert await anext(audio.chunks) == b"RIFF"
        server.go_on.set()
        assert [chunk async for chunk in audio.chunks] == [b"WAVE"]
        await recordings.close()


async def test_a_carrier_that_breaks_off_is_told_without_an_address() -> None:

    async with serving(Slow(b"")) as server:
        recordings = store(server)
        audio = await recordings.open(SID)
        server.go_on.set()
        with pytest.raises(CarrierError) as caught:
            [chunk async for chunk in audio.chunks]
        await recordings.close()
    assert "broke off" in str(caught.value)
    assert caught.value.__context__ is None


async def test_a_listener_who_hangs_up_early_gives_the_connection_back() -> None:
    async with fake_server(SOUND) as server:
        recordings = store(server)
        for _ in range(60):
            await (await recordings.open(SID)).close()
        await recordings.close()


async def test_no_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with fake_server(SOUND) as server:
        recordings = store(server)
        await (await recordings.open(SID)).close()
        await recordings.close()
    assert SID not in caplog.text


def test_an_address_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="API URL"):
        TwilioRecordings(ACCOUNT, TOKEN, api_url="ftp://carrier")


def test_without_an_address_it_is_twilio_s() -> None:
    recordings = TwilioRecordings(ACCOUNT, TOKEN)
    assert URL(recordings._folder).host == "api.twilio.com"
