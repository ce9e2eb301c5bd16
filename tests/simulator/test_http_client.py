"""The client webhooks go through: connections, framing, addresses and failures."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
import uvloop

from simulator.callbacks import http_client
from simulator.callbacks.connection import HttpAnswer, NoAnswer
from simulator.callbacks.http_client import HttpClient, Limits, NoConnection, parse_target

PATIENT = Limits(connect=2, answer=2)
HASTY = Limits(connect=2, answer=0.05)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@dataclass
class Server:
    """Gives its answers in order, the last one for ever, whatever it is asked."""

    answers: list[bytes] = field(default_factory=lambda: [OK])
    closes: bool = False
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while request := await self._read(reader):
            self.requests.append(request)
            writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
            if self.closes:
                break
        writer.close()

    @staticmethod
    async def _read(reader: asyncio.StreamReader) -> bytes:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        _, _, length = head.lower().partition(b"content-length: ")
        return head + await reader.readexactly(int(length.split(b"\r\n")[0] or 0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/path?x=1"


async def started(server: Server) -> asyncio.Server:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    return listening


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    running = Server()
    listening = await started(running)
    yield running
    listening.close()


@pytest.fixture
def client() -> HttpClient:
    return HttpClient()


async def post(client: HttpClient, url: str, limits: Limits = PATIENT) -> HttpAnswer:
    return await client.request("POST", url, {"X-Name": "value"}, b"a=b", limits)


async def settle() -> None:
    await asyncio.sleep(0.02)


async def test_a_request_is_whole_and_names_its_host(client: HttpClient, server: Server):
    await post(client, server.url)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /path?x=1 HTTP/1.1",
        b"Host: 127.0.0.1:%d" % server.port,
        b"X-Name: value",
        b"Content-Length: 3",
    ]
    assert body == b"a=b"


async def test_a_connection_is_used_again(client: HttpClient, server: Server):
    for _ in range(3):
        assert (await post(client, server.url)).text == "hello"
    assert server.connections == 1


async def test_requests_at_one_time_have_a_connection_each(client: HttpClient, server: Server):
    await asyncio.gather(*(post(client, server.url) for _ in range(3)))
    assert server.connections == 3


async def test_a_connection_idle_for_long_is_not_used_again(
    client: HttpClient, server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(http_client, "LONGEST_IDLE", -1)
    await post(client, server.url)
    await post(client, server.url)
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "closes"),
    [
        (OK, True),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", False),
        (OK + OK, False),
    ],
    ids=["closed behind the answer", "announced close", "HTTP/1.0", "more than was asked for"],
)
async def test_a_connection_that_cannot_go_on_is_not_used_again(
    client: HttpClient, server: Server, answer: bytes, closes: bool
):
    server.answers, server.closes = [answer, OK], closes
    for _ in range(2):
        assert (await post(client, server.url)).status == 200
        await settle()
    assert server.connections == 2


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
LATIN = "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=latin-1\r\nContent-Length: 1\r\n\r\né"


@pytest.mark.parametrize(
    ("answer", "closes", "status", "text"),
    [
        (OK, False, 200, "hello"),
        (CHUNKED, False, 200, "hello"),
        (b"HTTP/1.1 200 OK\r\n\r\nhello", True, 200, "hello"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", False, 204, ""),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, False, 200, "hello"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", False, 302, ""),
        (LATIN.encode("latin-1"), False, 200, "é"),
        (LATIN.replace("latin-1", "no-such").encode("latin-1"), False, 200, "\ufffd"),
    ],
    ids=[
        "length",
        "chunks",
        "end",
        "none",
        "early-hints",
        "redirect",
        "charset",
        "unknown-charset",
    ],
)
async def test_answers_are_read_however_they_are_framed(
    client: HttpClient, server: Server, answer: bytes, closes: bool, status: int, text: str
):
    server.answers, server.closes = [answer], closes
    got = await post(client, server.url)
    assert (got.status, got.text) == (status, text)


@pytest.mark.parametrize(
    ("answer", "closes"),
    [
        (b"", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", True),
        (CHUNKED[:-5], True),
        (b"SSH-2.0-OpenSSH\r\n", False),
        (b"", False),
    ],
    ids=["closed", "cut-short", "chunk-missing", "not-http", "silence"],
)
async def test_a_request_without_a_whole_answer_fails_and_its_connection_goes(
    client: HttpClient, server: Server, answer: bytes, closes: bool
):
    server.answers, server.closes = [answer, OK], closes
    with pytest.raises(NoAnswer):
        await post(client, server.url, HASTY)
    assert (await post(client, server.url)).status == 200
    assert server.connections == 2


async def test_a_cancelled_request_gives_its_connection_up(client: HttpClient, server: Server):
    server.answers = [b"", OK]
    asking = asyncio.create_task(post(client, server.url))
    await settle()
    asking.cancel()
    await asyncio.wait({asking})
    assert (await post(client, server.url)).text == "hello"
    assert server.connections == 2


async def test_closing_drops_idle_connections(client: HttpClient, server: Server):
    await post(client, server.url)
    client.close()
    await post(client, server.url)
    assert server.connections == 2


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9/", "/relative", "ftp://host/", "http:///path", f"http://{'a' * 64}.b/"],
)
async def test_where_nobody_listens_there_is_no_connection(client: HttpClient, url: str):
    with pytest.raises(NoConnection):
        await post(client, url)


@pytest.mark.parametrize("url", ["http://host:port/", "http://[::1/"])
async def test_a_url_that_is_none_gets_no_answer(client: HttpClient, url: str):
    with pytest.raises(NoAnswer):
        await post(client, url)


async def test_a_method_cannot_smuggle_lines_in(client: HttpClient, server: Server):
    with pytest.raises(NoAnswer):
        await client.request("GET / HTTP/1.1\r\nX", server.url, {}, None, PATIENT)


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("http://host", "host", "/"),
        ("HTTPS://Host:443/a%20b?c=d%2B", "host", "/a%20b?c=d%2B"),
        ("http://host:443/a b?é", "host:443", "/a%20b?%C3%A9"),
        ("http://[::1]:80/?#fragment", "[::1]", "/"),
        ("http://münchen.de/", "xn--mnchen-3ya.de", "/"),
        ("http://host/\r\nX: y", "host", "/X:%20y"),
    ],
)
def test_urls_become_hosts_and_paths(url: str, host: str, path: str):
    target = parse_target(url)
    assert (target.headers, target.path) == ({"Host": host}, path)


@pytest.mark.parametrize(("login", "sent"), [("user:p%40ss", "dXNlcjpwQHNz"), ("user", "dXNlcjo=")])
def test_a_login_in_the_url_becomes_a_header(login: str, sent: str):
    assert parse_target(f"http://{login}@host/").headers["Authorization"] == f"Basic {sent}"


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_it_works_on_both_event_loops(run: Callable[..., None]):
    async def ask() -> None:
        server, client = Server(answers=[CHUNKED, OK, b""]), HttpClient()
        listening = await started(server)
        for _ in range(2):
            assert (await post(client, server.url)).text == "hello"
        assert server.connections == 1
        with pytest.raises(NoAnswer):
            await post(client, server.url, HASTY)
        client.close()
        listening.close()

    run(ask())
