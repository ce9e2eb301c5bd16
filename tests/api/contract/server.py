"""The whole web process on a real socket, in a thread of its own, with what the examples name."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import AsyncMock, patch
from urllib.parse import parse_qsl

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from activities.caller_ids import number_sources
from api.accounts import agent_schemas, pathway_schemas
from api.app import assemble
from api.callbacks.deps import CallbackServices
from api.calls.schemas import EXAMPLE
from api.http.connection import BoundedConnection
from policy.model.purposes import Purpose
from server import create_server
from settings import Settings
from storage import loop_leases
from storage.accounts import accounts
from storage.carriers.sealer import new_key
from storage.database.engine import Database
from storage.tables import Agent, Pathway
from telephony.memory.numbers import MemoryNumbers
from tests.api.conftest import with_first_account
from tests.api.world import AUTH_TOKEN, CALLER_ID, KEY, PUBLIC_URL, Clock, FakeGateway, Json, sign
from tests.permits import IDENTITY
from tests.wait import wait_until

_SETTINGS = Settings(
    # The document is tried with thousands of requests a minute, and with wrong keys.
    wrong_keys_per_minute=0,
    api_requests_per_minute=0,
    public_url=PUBLIC_URL,
    bootstrap_api_key=SecretStr(KEY),
    twilio_auth_token=SecretStr(AUTH_TOKEN),
    secret_keys=SecretStr(new_key()),
)


class AsTheCarrier:
    """Signs what is sent to the carrier's addresses, which refuse all else unread."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/twilio/"):
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        asked = Request(scope).url
        url = PUBLIC_URL + asked.path + ("?" + asked.query if asked.query else "")
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        signature = (b"x-twilio-signature", sign(url, dict(pairs)).encode())
        whole: list[Any] = [{"type": "http.request", "body": body}]

        async def again() -> Any:
            return whole.pop() if whole else await receive()

        await self._app({**scope, "headers": [*scope["headers"], signature]}, again, send)


async def fill(db: Database) -> None:
    """The account of `KEY`, and the agent and the pathway that the document's examples name."""
    await with_first_account(db)
    now = Clock().now
    async with db.write() as session:
        found = await accounts.find_by_key(session, KEY, now)
        assert found is not None
        shared: Json = {"account_id": found[0].account_id, "created_time": now, "updated_time": now}
        pathway = pathway_schemas.EXAMPLE
        pathway_id = agent_schemas.EXAMPLE["pathwayId"]
        session.add(Pathway(pathway_id=pathway_id, **pathway, **shared))
        agent = Agent(
            agent_id=EXAMPLE["agentId"],
            name="examples",
            timezone="America/New_York",
            caller_ids=[CALLER_ID, *agent_schemas.EXAMPLE["callerIds"]],
            pathway_id=pathway_id,
            purpose=Purpose.REMINDER,
            identity_spec=IDENTITY,
            **shared,
        )
        session.add(agent)


@dataclass(frozen=True)
class Process:
    """The web process, whose clock stands and whose workflows are none."""

    app: FastAPI
    address: str

    def begin_anew(self, database_url: str) -> None:
        """Another database, in which is only what the document's examples name."""
        asyncio.run(_filled(database_url))
        gateway = FakeGateway()
        db = Database(database_url)
        self.app.state.services = assemble(_SETTINGS, db, gateway, Clock())
        self.app.state.callbacks = CallbackServices.of(_SETTINGS, gateway)


async def _filled(database_url: str) -> None:
    db = Database(database_url)
    await fill(db)
    await db.close()


@contextmanager
def running() -> Iterator[Process]:
    app = create_server(_SETTINGS)
    config = uvicorn.Config(
        AsTheCarrier(app),
        host="127.0.0.1",
        port=0,
        http=BoundedConnection,
        ws="none",
        lifespan="off",
        log_config=None,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    # No worker is beside it, and a lease of its loops would last for seconds only.
    all_run = patch.object(loop_leases, "neglected", AsyncMock(return_value=set()))
    answers = patch.object(number_sources, "TwilioNumbers", lambda *_, **__: MemoryNumbers())
    try:
        all_run.start()
        answers.start()
        wait_until(lambda: server.started or None, "the server listens")
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Process(app, f"http://127.0.0.1:{port}")
    finally:
        all_run.stop()
        answers.stop()
        server.should_exit = True
        thread.join()
