"""A simulator and an application on real sockets, in this process and at high speed."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx2
import uvicorn
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from simulator.app import create_app
from simulator.config import SimulatorConfig
from tests.wait import PATIENCE, until

ACCOUNT = "AC" + "a" * 32
TOKEN = "a-secret-token"
FROM = "+12025550199"
SPEED = 50.0


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve an app on a free port; yields its root URL."""
    # With the protocol named, asyncio turns Nagle's delays off; without, a response takes 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    # Not serve(): its main loop takes over signals and looks for the end every 100 ms.
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[sock])
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        await _stop(server)


async def _stop(server: uvicorn.Server) -> None:
    """As uvicorn's own shutdown, without its pause of 100 ms."""
    for listener in server.servers:
        listener.close()
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    await server.lifespan.shutdown()


@dataclass
class Hit:
    """One request the application received."""

    method: str
    path: str
    url: str
    fields: dict[str, str]
    headers: dict[str, str]


@dataclass
class Application:
    """The customer's side: answers TwiML, receives callbacks, remembers all."""

    root: str = ""
    hits: list[Hit] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await _lifespan(receive, send)
        path, query = scope["path"], scope["query_string"].decode()
        body = await _body(receive)
        if path in self.slow:
            await asyncio.sleep(self.slow[path])
        await self._remember(scope, path, query, body)
        planned = self.statuses.get(path)
        status = planned.pop(0) if planned else 200
        headers = [(b"content-type", b"text/xml")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": self.documents.get(path, "").encode()})
        return None

    async def _remember(self, scope: Any, path: str, query: str, body: str) -> None:
        fields = dict(parse_qsl(body, keep_blank_values=True))
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        url = self.root + path + (f"?{query}" if query else "")
        async with self._arrived:
            self.hits.append(Hit(scope["method"], path, url, fields, headers))
            self._arrived.notify_all()

    def at(self, path: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.path == path]

    async def until(self, ready: Callable[[], Any], seconds: float = PATIENCE) -> None:
        async with self._arrived, asyncio.timeout(seconds):
            await self._arrived.wait_for(ready)

    async def terminal(self, sid: str, path: str = "/status") -> Hit:
        """Wait for the terminal status callback of a call."""

        def found() -> list[Hit]:
            return [
                hit
                for hit in self.at(path)
                if "CallDuration" in hit.fields and hit.fields["CallSid"] == sid
            ]

        await self.until(found)
        return found()[0]


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _body(receive: Any) -> str:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body.decode()


class ToSimulator(AsyncHttpClient):
    """The HTTP client under Twilio's own package, with the host rewritten."""

    def __init__(self, root: str, http: httpx2.AsyncClient) -> None:
        self._root = root
        self._http = http
        self.is_async = True

    async def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        **_: Any,
    ) -> Response:
        assert url.startswith("https://api.twilio.com/")
        body = urlencode(data or {}, doseq=True).encode()
        answer = await self._http.request(
            method,
            url.replace("https://api.twilio.com", self._root),
            params=params or None,
            content=body,
            headers=headers,
            auth=auth,
        )
        return Response(answer.status_code, answer.text, answer.headers)


class Simulator:
    """One running simulator as its clients see it."""

    def __init__(self, root: str, http: httpx2.AsyncClient, application: Application) -> None:
        self.root = root
        self.http = http
        self.application = application
        self.account = f"{root}/2010-04-01/Accounts/{ACCOUNT}"
        self.twilio = Client(ACCOUNT, TOKEN, http_client=ToSimulator(root, http))

    async def post(self, path: str, form: dict[str, Any]) -> httpx2.Response:
        body = urlencode(form, doseq=True).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.http.post(
            self.account + path, content=body, headers=headers, auth=(ACCOUNT, TOKEN)
        )

    async def create(self, to: str, **form: Any) -> httpx2.Response:
        """Create a call whose document and callbacks are the application's."""
        usual = {
            "To": to,
            "From": FROM,
            "StatusCallback": f"{self.application.root}/status",
            "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        }
        if "Twiml" not in form and "Url" not in form:
            usual["Twiml"] = "<Response><Say>Hello there</Say></Response>"
        return await self.post("/Calls.json", {**usual, **form})

    async def run(self, to: str, **form: Any) -> dict[str, Any]:
        """Create a call and return its ledger entry once it has ended and all is delivered."""
        created = await self.create(to, **form)
        assert created.status_code == 201, created.text
        sid = created.json()["sid"]
        await self.settled()
        return next(call for call in await self.ledger(to) if call["sid"] == sid)

    async def ledger(self, to: str | None = None) -> list[dict[str, Any]]:
        params = {"to": to} if to else None
        answer = await self.http.get(f"{self.root}/_sim/calls", params=params)
        calls: list[dict[str, Any]] = answer.json()["calls"]
        return calls

    async def put(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        return await self.http.put(f"{self.root}/_sim/{path}", json=body)

    async def script(self, number: str, *entries: Any) -> None:
        answer = await self.put(f"numbers/{number}", {"script": list(entries)})
        assert answer.status_code == 200, answer.text

    async def faults(self, **faults: Any) -> None:
        answer = await self.put("faults", faults)
        assert answer.status_code == 200, answer.text

    async def speed(self, speed: float) -> None:
        await self.put("clock", {"speed": speed})

    async def settled(self) -> None:
        """Wait until no call is live and no callback on its way."""

        async def quiet() -> bool:
            health = (await self.http.get(f"{self.root}/_sim/health")).json()
            return not health["live"] and not health["pendingCallbacks"]

        await until(quiet, "the simulator is quiet")


def config(**changes: Any) -> SimulatorConfig:
    base: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": TOKEN, "speed": SPEED}
    return SimulatorConfig(**{**base, **changes})


@asynccontextmanager
async def simulating(application: Application, **changes: Any) -> AsyncIterator[Simulator]:
    """A running simulator for an application."""
    limits = httpx2.Limits(max_connections=None)
    async with (
        serving(create_app(config(**changes))) as root,
        httpx2.AsyncClient(trust_env=False, timeout=PATIENCE, limits=limits, verify=False) as http,
    ):
        yield Simulator(root, http, application)


@asynccontextmanager
async def receiving() -> AsyncIterator[Application]:
    """A running application."""
    application = Application()
    async with serving(application) as root:
        application.root = root
        yield application
