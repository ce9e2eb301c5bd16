"""Every way a create can fail: which error it becomes, and that it was sent exactly once."""

import asyncio
import logging
import socket
import traceback

import aiohttp
import pytest

from telephony.errors import Ambiguous, CarrierError, Rejected, RejectedClass, Unreachable
from telephony.twilio.client import TwilioCarrier
from telephony.twilio.http_client import NUMBER_LOGGERS
from tests.telephony.dials import ACCOUNT, CREATED, FROM, NOW, REQUEST, SHORT, SID, TO, carrier_of
from tests.telephony.fake_http import CLOSE, HANG, RESET, FakeServer, answer, fake_server, refusal

NUMBER = [21201, 21202, 21211, 21214, 21216, 21217, 13223, 13224, 13225, 13226]
#: Of this call: its country, its caller ID, its addresses.
CONFIGURATION = [
    *(21203, 21215, 13227, 32205, 21210, 21212, 21213, 21219, 99999),
    *(21205, 21206, 21208, 21209, 21609, 21626, *range(21221, 21230)),
]
OF_ACCOUNT = [20003, 20005, 20403, 20404, 10001, None]
REJECTIONS = [
    *((400, code, RejectedClass.NUMBER) for code in NUMBER),
    *((400, code, RejectedClass.CONFIGURATION) for code in CONFIGURATION),
    *((400, code, RejectedClass.ACCOUNT) for code in OF_ACCOUNT),
    (401, 20003, RejectedClass.ACCOUNT),
    (401, None, RejectedClass.ACCOUNT),
    (401, 99999, RejectedClass.ACCOUNT),
    (403, 20005, RejectedClass.ACCOUNT),
    (403, 20403, RejectedClass.ACCOUNT),
    (403, 21215, RejectedClass.CONFIGURATION),
    (403, 21210, RejectedClass.CONFIGURATION),
    (404, 20404, RejectedClass.ACCOUNT),
    (429, 20429, RejectedClass.THROTTLED),
    (429, None, RejectedClass.THROTTLED),
    (400, 20429, RejectedClass.THROTTLED),
    (400, 10004, RejectedClass.CAPACITY),
    (429, 10004, RejectedClass.CAPACITY),
]
AMBIGUOUS = {
    "500": refusal(500, 20500),
    "500 with the body of a refusal": refusal(500, 21211),
    "502 in HTML": answer(502, "<html>Bad Gateway</html>"),
    "503": refusal(503, 20503),
    "504 without a body": answer(504, ""),
    "429 code under a 503": refusal(503, 20429),
    "redirect": answer(307, "", "Location: /elsewhere"),
    "201 that is not JSON": answer(201, "<html>created</html>"),
    "201 with a list": answer(201, ["sid"]),
    "201 with null": answer(201, None),
    "201 without a body": answer(201, ""),
    "201 without a sid": answer(201, {"status": "queued"}),
    "201 with a null sid": answer(201, {"sid": None}),
    "201 cut off": answer(201, {"sid": SID})[:-5],
    "not HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "closed": CLOSE,
    "reset": RESET,
    "hanging": HANG,
}


async def failed_dial(server: FakeServer) -> CarrierError:
    carrier = carrier_of(server)
    with pytest.raises(CarrierError) as caught:
        await carrier.dial(REQUEST)
    await carrier.close()
    return caught.value


@pytest.mark.parametrize(("status", "code", "reason"), REJECTIONS)
async def test_a_4xx_is_surely_not_created(
    status: int, code: int | None, reason: RejectedClass
) -> None:
    async with fake_server(refusal(status, code)) as server:
        error = await failed_dial(server)
    assert isinstance(error, Rejected)
    assert (error.reason, error.code, error.status) == (reason, code, status)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 407, 408, 413, 451])
async def test_what_the_carrier_did_not_write_is_not_about_the_call(status: int) -> None:
    async with fake_server(answer(status, "<html>No</html>")) as server:
        error = await failed_dial(server)
    assert isinstance(error, Rejected)
    assert (error.reason, error.code, error.status) == (RejectedClass.ACCOUNT, None, status)
    assert len(server.requests) == 1


async def test_a_proxy_that_refuses_the_way_is_not_about_the_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a proxy answers to CONNECT: there is no answer to the request itself then."""
    async with fake_server(answer(407, "<html>Who are you?</html>")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        carrier = TwilioCarrier(ACCOUNT, "secret")
        with pytest.raises(Rejected) as caught:
            await carrier.dial(REQUEST)
        await carrier.close()
    assert caught.value.reason is RejectedClass.ACCOUNT
    assert [line.split(" ")[0] for line, _, _ in proxy.requests] == ["CONNECT"]


@pytest.mark.parametrize("name", AMBIGUOUS)
async def test_anything_else_is_perhaps_created_and_never_repeated(name: str) -> None:
    reply = AMBIGUOUS[name]
    async with fake_server(reply) as server:
        error = await failed_dial(server)
    assert isinstance(error, Ambiguous)
    assert len(server.requests) == 1


async def test_a_create_on_a_kept_connection_that_dies_is_not_repeated() -> None:
    async with fake_server(CREATED, CLOSE, CREATED) as server:
        carrier = carrier_of(server)
        assert (await carrier.dial(REQUEST)).sid == SID
        with pytest.raises(Ambiguous):
            await carrier.dial(REQUEST)
        await carrier.close()
    assert len(server.requests) == 2
    assert server.connections == 1


async def unreachable_dial(api_url: str) -> None:
    carrier = TwilioCarrier(ACCOUNT, "secret", api_url=api_url, timeouts=SHORT)
    with pytest.raises(Unreachable) as caught:
        await carrier.dial(REQUEST)
    await carrier.close()
    assert TO not in str(caught.value)


async def test_a_refused_connection_is_unreachable() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        await unreachable_dial(f"http://127.0.0.1:{reserved.getsockname()[1]}")


async def test_a_failed_tls_handshake_is_unreachable() -> None:
    def talk_plainly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(400, "this is not TLS"))

    async with await asyncio.start_server(talk_plainly, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await unreachable_dial(f"https://127.0.0.1:{port}")


async def test_an_unknown_host_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_host(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such host")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_host)
    await unreachable_dial("http://carrier.invalid")


async def test_what_dies_before_a_connection_stands_is_unreachable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def failing(*args: object, **kwargs: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", failing)
    await unreachable_dial("http://carrier.test")


async def test_cancelling_a_dial_stays_a_cancellation() -> None:
    async with fake_server(HANG) as server:
        carrier = TwilioCarrier(ACCOUNT, "secret", api_url=server.url)
        dialing = asyncio.create_task(carrier.dial(REQUEST))
        await server.reached.wait()
        dialing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dialing
        await carrier.close()
    assert len(server.requests) == 1


@pytest.mark.parametrize("reply", [refusal(400, 21211), refusal(500, 20500), CLOSE])
async def test_no_number_reaches_an_exception(reply: bytes) -> None:
    async with fake_server(reply) as server:
        error = await failed_dial(server)
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    assert TO not in told
    assert TO[1:] not in told
    assert error.__cause__ is None
    assert error.__context__ is None


async def test_no_number_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    # The carrier quiets the loggers that print URLs, even where the root lets everything pass.
    for name in NUMBER_LOGGERS:
        logging.getLogger(name).setLevel(logging.NOTSET)
    empty = answer(200, {"calls": [], "page": 0})
    with caplog.at_level(logging.DEBUG):
        async with fake_server(CREATED, empty, refusal(400, 21211)) as server:
            carrier = carrier_of(server)
            await carrier.dial(REQUEST)
            await carrier.find(to=TO, from_=FROM, since=NOW)
            with pytest.raises(Rejected):
                await carrier.dial(REQUEST)
            await carrier.close()
    assert len(server.requests) == 3
    assert TO[1:] not in caplog.text
    assert FROM[1:] not in caplog.text


async def test_no_number_stands_in_the_repr_of_a_request_or_a_leg() -> None:
    async with fake_server(CREATED) as server:
        carrier = carrier_of(server)
        leg = await carrier.dial(REQUEST)
        await carrier.close()
    assert TO not in repr(REQUEST) + repr(leg)
    assert FROM not in repr(REQUEST) + repr(leg)
