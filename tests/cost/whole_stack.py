"""API, worker and simulated carrier in this very process, so that what they send can be counted.

Real HTTP between them, Temporal's real server, a real database; only the processes are one.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import uvicorn
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, Interceptor
from temporalio.testing import WorkflowEnvironment

from contracts.names import call_workflow_id
from server import create_server
from settings import Settings
from simulator.app import create_app as create_simulator
from simulator.config import DEFAULT_ACCOUNT_SID, DEFAULT_AUTH_TOKEN, SimulatorConfig
from storage.database.engine import Database
from telephony.twilio.client import TwilioCarrier
from tests.permits import IDENTITY
from tests.wait import until
from worker import activities_of, call_worker, dial_worker

KEY = "tl_counted"
NUMBER = "+12025550123"
CALLER_ID = "+12125550100"
Json = dict[str, Any]


@dataclass(frozen=True)
class WholeStack:
    db: Database
    client: Client
    api: httpx2.AsyncClient
    carrier: httpx2.AsyncClient

    async def agent(self, **changes: Any) -> str:
        definition = {
            "start": "hello",
            "nodes": {
                "hello": {"kind": "say", "text": "Hello {{name|there}}.", "next": "bye"},
                "bye": {"kind": "hang_up", "text": "Goodbye."},
            },
            "variables": ["name"],
        }
        pathway = {"name": "hello", "kind": "script", "definition": definition}
        pathway_id = (await self._made("/api/v1/pathways", pathway))["pathwayId"]
        body = {
            "name": "counted",
            "timezone": "America/New_York",
            "callerIds": [CALLER_ID],
            "pathwayId": pathway_id,
            "purpose": "reminder",
            "identity": IDENTITY,
            "voicemail": None,
            **changes,
        }
        return str((await self._made("/api/v1/agents", body))["agentId"])

    async def _made(self, path: str, body: Json) -> Json:
        answer = await self.api.post(path, json=body)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def call(self, agent_id: str, number: str) -> str:
        """One call, from its POST to its end; its id."""
        body = {"agentId": agent_id, "endpoint": number, "context": {"name": "Ada"}}
        answer = await self.api.post("/api/v1/calls", json=body)
        assert answer.status_code == 202, answer.text
        call_id = str(answer.json()["callId"])
        await self.client.get_workflow_handle(call_workflow_id(call_id)).result()
        return call_id

    async def history(self, call_id: str) -> list[HistoryEvent]:
        handle = self.client.get_workflow_handle(call_workflow_id(call_id))
        return list((await handle.fetch_history()).events)

    async def script(self, number: str, *entries: Json) -> None:
        answer = await self.carrier.put(f"/_sim/numbers/{number}", json={"script": list(entries)})
        answer.raise_for_status()


@asynccontextmanager
async def whole_stack(
    env: WorkflowEnvironment, db: Database, interceptors: Sequence[Interceptor] = ()
) -> AsyncIterator[WholeStack]:
    async with AsyncExitStack() as stack:
        sim_socket, api_socket = _socket(), _socket()
        carrier_url, api_url = _url(sim_socket), _url(api_socket)
        settings = _settings(db, env, carrier_url, api_url)
        config = SimulatorConfig(
            account_sid=DEFAULT_ACCOUNT_SID,
            auth_token=DEFAULT_AUTH_TOKEN,
            speed=50.0,
            cps=1000.0,
            state=None,
            base_url=carrier_url,
        )
        await stack.enter_async_context(_served(create_simulator(config), sim_socket))
        app = create_server(settings, db=db, interceptors=interceptors)
        client = await Client.connect(settings.temporal_address, interceptors=interceptors)
        await stack.enter_async_context(_served(app, api_socket))
        twilio = TwilioCarrier(DEFAULT_ACCOUNT_SID, DEFAULT_AUTH_TOKEN, api_url=carrier_url)
        stack.push_async_callback(twilio.close)
        own = activities_of(db, twilio, client, settings)
        await stack.enter_async_context(call_worker(client, own, settings))
        await stack.enter_async_context(dial_worker(client, own, settings))
        headers = {"Authorization": f"Bearer {KEY}"}
        api = httpx2.AsyncClient(base_url=api_url, headers=headers, timeout=60)
        carrier = httpx2.AsyncClient(base_url=carrier_url, timeout=60)
        yield WholeStack(
            db,
            client,
            await stack.enter_async_context(api),
            await stack.enter_async_context(carrier),
        )


def _settings(db: Database, env: WorkflowEnvironment, carrier_url: str, api_url: str) -> Settings:
    return Settings(
        database_url=db.url.render_as_string(hide_password=False),
        temporal_address=env.client.service_client.config.target_host,
        public_url=api_url,
        twilio_account_sid=DEFAULT_ACCOUNT_SID,
        twilio_auth_token=DEFAULT_AUTH_TOKEN,
        twilio_api_url=carrier_url,
        bootstrap_api_key=KEY,
        simulated_phones=True,
    )


def _socket() -> socket.socket:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def _url(bound: socket.socket) -> str:
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


@asynccontextmanager
async def _served(app: Any, bound: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(app, log_level="warning", access_log=False, ws="none")
    server = uvicorn.Server(config)
    server.config.load()
    task = asyncio.create_task(server._serve([bound]))

    async def started() -> bool:
        return server.started

    await until(started, "a server that listens")
    try:
        yield
    finally:
        server.should_exit = True
        await task
