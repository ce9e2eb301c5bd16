"""The two carriers of the contract suite, each with what a test needs around it.

The same words script both; every callback of a world ends up in its one queue of events.
"""

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import uvicorn

from simulator.app import create_app
from simulator.config import SimulatorConfig
from telephony.events import CarrierEvent
from telephony.memory.carrier import MemoryCarrier
from telephony.memory.scripts import Entry
from telephony.port import Carrier, DialRequest, Leg, LegStatus
from telephony.twilio.callbacks import (
    callback_urls,
    parse_amd,
    parse_recording,
    parse_status,
    valid_signature,
)
from telephony.twilio.client import TwilioCarrier
from tests.telephony.fake_http import FakeServer, answer, serving
from tests.wait import PATIENCE

FROM = "+15550009876"
TOKEN = "tok-1"
PARSERS = {"status": parse_status, "amd": parse_amd, "recording": parse_recording}


@dataclass(frozen=True)
class Told:
    """One callback that arrived."""

    kind: str
    token: str
    event: CarrierEvent


class World(ABC):
    """A carrier, its scripts, and what it tells."""

    carrier: Carrier
    public_url = "http://us.test"

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Told] = asyncio.Queue()
        self.told: list[Told] = []

    @abstractmethod
    async def script(self, to: str, *words: str) -> None:
        """What dials of `to` meet, one word a dial, the last repeating."""

    @abstractmethod
    async def legs_to(self, to: str) -> int:
        """How many legs to that number were ever created, as the carrier's own books say."""

    def request(self, to: str, **changes: Any) -> DialRequest:
        urls = callback_urls(self.public_url, TOKEN)
        given: dict[str, Any] = {"ring_timeout": 600, "max_duration": 3600} | changes
        for name in ("amd_url", "recording_url"):
            if given.get(name) is True:
                given[name] = getattr(urls, name.removesuffix("_url"))
        return DialRequest(to=to, from_=FROM, voice_url=urls.voice, status_url=urls.status, **given)

    async def dial(self, to: str, **changes: Any) -> Leg:
        return await self.carrier.dial(self.request(to, **changes))

    async def next(self, kind: str) -> Told:
        """The next callback of a kind; those before it stay in `told`."""
        while True:
            told = await asyncio.wait_for(self.queue.get(), PATIENCE)
            self.told.append(told)
            if told.kind == kind:
                return told

    async def until(self, status: LegStatus) -> CarrierEvent:
        """The event that tells of a status."""
        while True:
            told = await self.next("status")
            if told.event.status is status:
                return told.event


MEMORY_ENTRIES: dict[str, Entry] = {
    "human": {"answer": {}},
    "human stays": {"answer": {"stay": True}},
    "machine": {"answer": {"by": "machine"}},
    "lost answer": {"answer": {"stay": True}, "create": "ambiguous"},
    "lost request": "ambiguous_lost",
    "429": "throttled",
    "forbidden": "refused",
    "wrong credentials": "account",
}


class MemoryWorld(World):
    """MemoryCarrier."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = MemoryCarrier(
            self._hearing("status"), self._hearing("amd"), on_recording=self._hearing("recording")
        )
        self.carrier = self.memory

    def _hearing(self, kind: str) -> Any:
        async def hear(token: str, event: CarrierEvent) -> None:
            self.queue.put_nowait(Told(kind, token, event))

        return hear

    async def script(self, to: str, *words: str) -> None:
        self.memory.script(to, [MEMORY_ENTRIES.get(word, word) for word in words])

    async def legs_to(self, to: str) -> int:
        return sum(leg.request.to == to for leg in self.memory.legs)


CONFIG = SimulatorConfig(speed=50)
SILENCE = '<Response><Pause length="900"/></Response>'


class SimulatorWorld(World):
    """TwilioCarrier against the simulator, with real HTTP in both directions."""

    def __init__(self, api_url: str, receiver: "Receiver") -> None:
        super().__init__()
        self.api_url = api_url
        self.carrier = TwilioCarrier(CONFIG.account_sid, CONFIG.auth_token, api_url=api_url)
        self.control = httpx2.AsyncClient(base_url=api_url, trust_env=False)
        self.public_url = receiver.url
        receiver.world = self

    async def script(self, to: str, *words: str) -> None:
        faults = {"lost request": "500_before", "429": "429"}
        modes = [{"mode": faults[word]} for word in words if word in faults]
        refuse = "401" if "wrong credentials" in words else None
        await self._put("/_sim/faults", {"create": modes, "refuse": refuse})
        known = {*faults, "wrong credentials"}
        entries = [self._entry(word) for word in words if word not in known]
        await self._put(f"/_sim/numbers/{to}", {"script": entries})

    def _entry(self, word: str) -> Any:
        def picks_up(**answer: Any) -> dict[str, Any]:
            return {"answer": {"after": 1} | answer}

        return {
            "human": picks_up(talk=5),
            "human stays": picks_up(talk=900),
            "machine": picks_up(by="machine"),
            "rings": picks_up(after=500),
            "lost answer": picks_up(talk=900) | {"create": "drop_response"},
            "forbidden": "geo-permission",
        }.get(word, word)

    async def legs_to(self, to: str) -> int:
        ledger = await self.control.get("/_sim/calls", params={"to": to})
        return len(ledger.json()["calls"])

    async def _put(self, path: str, body: object) -> None:
        (await self.control.put(path, json=body)).raise_for_status()

    async def close(self) -> None:
        await self.carrier.close()
        await self.control.aclose()


class Receiver(FakeServer):
    """Our side of the webhooks: checks, parses, queues; says nothing to the callee."""

    world: SimulatorWorld

    async def answer(self, line: str, headers: dict[str, str], body: bytes) -> bytes:
        path = line.split(" ")[1]
        kind, token = path.split("/")[2:4]
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        signature = headers["x-twilio-signature"]
        if not valid_signature(CONFIG.auth_token, self.url + path, pairs, signature):
            return answer(403, "")
        if kind in PARSERS:
            event = PARSERS[kind](dict(pairs))
            self.world.queue.put_nowait(Told(kind, token, event))
        if kind == "voice":
            # The question what the leg is to hear tells of its answer.
            self.world.queue.put_nowait(Told("status", token, parse_status(dict(pairs))))
        return answer(200, SILENCE if kind == "voice" else "", "Content-Type: text/xml")


@asynccontextmanager
async def simulator_world() -> AsyncIterator[SimulatorWorld]:
    """A fresh simulator and a fresh receiver, both on free ports."""
    async with serving_app(create_app(CONFIG)) as url, serving(Receiver([])) as receiver:
        world = SimulatorWorld(url, receiver)
        try:
            yield world
        finally:
            await world.close()


@asynccontextmanager
async def serving_app(app: Any) -> AsyncIterator[str]:
    """Uvicorn in this event loop, without its main loop, which only polls for signals."""
    config = uvicorn.Config(app, log_level="critical", lifespan="on")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        await server.startup(sockets=[listening])
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.force_exit = True
            await server.shutdown(sockets=[listening])
