"""What the API tests stand on: a fake gateway, a clock that stands, and signed callbacks."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
from sqlmodel.ext.asyncio.session import AsyncSession

from api.temporal_client import NotRunning, Readiness, Refused, TemporalAway
from contracts import names
from contracts.calls import CarrierNews
from policy.model.call import Decision, DecisionKind, Outcome
from storage import loop_leases
from storage.accounts import accounts
from storage.attempts import attempts
from storage.calls import calls
from storage.calls.startable import Startable
from storage.database.engine import Database
from storage.tables import Attempt, Call
from telephony.memory.numbers import MemoryNumbers
from tests.permits import IDENTITY
from tests.storage import make

Json = dict[str, Any]

KEY = "tl_test-key"
AUTH_TOKEN = "test-auth-token"
PUBLIC_URL = "https://calls.example.com"
#: A Monday, 10:00 in New York.
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ENDPOINT = "+12125550123"
CALLER_ID = "+12125550100"
SID = "CA" + "1" * 32

PATHWAY: Json = {
    "name": "reminder",
    "kind": "script",
    "definition": {
        "variables": ["name"],
        "start": "ask",
        "nodes": {
            "ask": {
                "kind": "gather",
                "text": "Hello {{name|there}}. Press 1 to confirm.",
                "numDigits": 1,
                "branches": [
                    {"digits": "1", "next": "yes"},
                    {"digits": "2", "next": "no"},
                ],
                "otherwise": "bye",
            },
            "yes": {"kind": "outcome", "outcome": "confirmed", "next": "bye"},
            "no": {"kind": "outcome", "outcome": "declined", "next": "bye"},
            "bye": {"kind": "hang_up", "text": "Goodbye."},
        },
    },
}


class Clock:
    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class FakeGateway:
    """WorkflowGateway in memory: notes what it is told and fails as it is told to."""

    away: bool = False
    refuse_with: str | None = None
    not_running: bool = False
    rings: bool = False
    worker: bool = True
    started: list[str] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    signaled: list[str] = field(default_factory=list)
    replanned: list[str] = field(default_factory=list)
    rescheduled: list[tuple[str, datetime]] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    news: list[tuple[str, CarrierNews]] = field(default_factory=list)
    targets_dialed: list[str] = field(default_factory=list)
    campaigns_started: list[str] = field(default_factory=list)
    campaigns_nudged: list[str] = field(default_factory=list)

    def _answer(self) -> None:
        if self.away:
            raise TemporalAway
        if self.refuse_with:
            raise Refused(self.refuse_with)
        if self.not_running:
            raise NotRunning

    async def replan(self, call_id: str) -> None:
        self._answer()
        self.replanned.append(call_id)

    async def start(self, call: Call | Startable) -> None:
        if self.away:
            raise TemporalAway
        self.started.append(call.call_id)

    async def cancel(self, call_id: str) -> bool:
        self._answer()
        self.canceled.append(call_id)
        return not self.rings

    async def signal_cancel(self, call_id: str) -> None:
        self._answer()
        self.signaled.append(call_id)

    async def reschedule(self, call_id: str, not_before: datetime) -> None:
        self._answer()
        self.rescheduled.append((call_id, not_before))

    async def hang_up(self, call_id: str) -> None:
        self._answer()
        self.hung_up.append(call_id)

    async def carrier_event(self, call_id: str, news: CarrierNews) -> None:
        self._answer()
        self.news.append((call_id, news))

    async def put_through(self, call_id: str, transfer_id: str) -> None:
        self._answer()
        self.targets_dialed.append(transfer_id)

    async def start_campaign(self, campaign_id: str) -> None:
        if self.away:
            raise TemporalAway
        self.campaigns_started.append(campaign_id)

    async def nudge_campaign(self, campaign_id: str) -> None:
        self._answer()
        self.campaigns_nudged.append(campaign_id)

    async def readiness(self) -> Readiness:
        return Readiness(temporal=not self.away, worker=not self.away and self.worker)


@dataclass
class World:
    """The application with a database of its own; `http` carries the API key."""

    http: httpx2.AsyncClient
    db: Database
    gateway: FakeGateway
    clock: Clock
    #: What every account at the carrier says of itself.
    numbers: MemoryNumbers = field(default_factory=MemoryNumbers)

    async def post(self, path: str, body: Json, status: int = 201, **headers: str) -> Json:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self.http.post(path, json=body, headers=named)
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def pathway(self, **changes: Any) -> str:
        made = await self.post("/api/v1/pathways", {**PATHWAY, **changes})
        return str(made["pathwayId"])

    async def agent(self, **changes: Any) -> str:
        body = {
            "name": "tests",
            "timezone": "America/New_York",
            "callerIds": [CALLER_ID, "+12125550101"],
            "pathwayId": changes.pop("pathwayId", None) or await self.pathway(),
            "purpose": "reminder",
            "identity": IDENTITY,
            "voicemail": {"action": "hang_up"},
            **changes,
        }
        return str((await self.post("/api/v1/agents", body))["agentId"])

    async def body(self, **changes: Any) -> Json:
        """A request for a call that is accepted as it is."""
        agent_id = changes.pop("agentId", None) or await self.agent()
        context = {"name": "Ada Lovelace"}
        return {"agentId": agent_id, "endpoint": ENDPOINT, "context": context, **changes}

    async def call(self, **changes: Any) -> str:
        return str((await self.post("/api/v1/calls", await self.body(**changes), 202))["callId"])

    async def view(self, call_id: str) -> Json:
        answer = await self.http.get(f"/api/v1/calls/{call_id}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def refusal(self, **changes: Any) -> tuple[str, str]:
        """Code and field of the one error with which such a call is refused."""
        body = await self.body(**changes)
        problem = await self.post("/api/v1/calls", body, 422)
        assert len(problem["errors"]) == 1, problem
        return problem["errors"][0]["code"], problem["errors"][0]["field"]

    async def narrow(self, scopes: list[str]) -> None:
        """From now on the key may do no more than that."""
        async with self.db.write() as session:
            found = await accounts.find_by_key(session, KEY, self.clock.now)
            assert found is not None
            found[1].scopes = scopes
            session.add(found[1])

    # -- what the worker would do

    async def run_loops(self) -> None:
        """For the next seconds they are in its hands."""
        async with self.db.write() as session:
            await loop_leases.hold(session, "worker", names.LOOPS)

    async def decide(self, call_id: str, kind: DecisionKind, **said: Any) -> None:
        decision = Decision(kind, **{"reason": "test", "detail": "A test.", **said})
        async with self.db.write() as session:
            call = await calls.lock(session, call_id)
            assert call is not None
            await calls.apply_decision(session, call, decision, self.clock.now)

    async def dial(self, call_id: str) -> Attempt:
        """The call's next attempt, on its way to the carrier."""
        await self.decide(call_id, DecisionKind.DIAL, attempt_number=1)
        async with self.db.write() as session:
            call = await calls.lock(session, call_id)
            assert call is not None
            attempt = await make.intent(session, call, 1, self.clock.now)
            await attempts.begin_sending(session, attempt, self.clock.now)
        return attempt

    async def lose(self, attempt: Attempt) -> None:
        async with self.db.write() as session:
            row = await attempts.reload(session, attempt)
            assert await attempts.mark_unknown(session, row, self.clock.now, "test")

    async def settle(self, attempt: Attempt, outcome: Outcome = Outcome.COMPLETED) -> None:
        async with self.db.write() as session:
            await attempts.settle(session, await self._reload(session, attempt), self.clock.now)
        await self.decide(attempt.call_id, DecisionKind.END, outcome=outcome)

    async def ledger(self, attempt: Attempt) -> Attempt:
        async with self.db.read() as session:
            found = await attempts.get(session, attempt.call_id, attempt.number)
        assert found is not None
        return found

    async def _reload(self, session: AsyncSession, attempt: Attempt) -> Attempt:
        return await attempts.reload(session, attempt)

    # -- what the carrier would do

    async def callback(self, kind: str, token: str, query: str = "", **form: str) -> Any:
        """A signed callback; the base fields are Twilio's, phone numbers included."""
        fields = {
            "CallSid": SID,
            "AccountSid": "AC" + "2" * 32,
            "From": CALLER_ID,
            "To": ENDPOINT,
            "FromCity": "",
            **form,
        }
        path = f"/twilio/{kind}/{token}" + (f"?{query}" if query else "")
        headers = {"X-Twilio-Signature": sign(PUBLIC_URL + path, fields)}
        return await self.raw_callback(path, fields, headers)

    async def raw_callback(self, path: str, fields: Json, headers: dict[str, str]) -> Any:
        form_type = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.http.post(path, content=urlencode(fields), headers=headers | form_type)

    async def voice(self, token: str, query: str = "", **form: str) -> str:
        answer = await self.callback("voice", token, query, **{"CallStatus": "in-progress", **form})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/xml")
        return str(answer.text)

    async def status(self, token: str, status: str, **form: str) -> int:
        return int((await self.callback("status", token, CallStatus=status, **form)).status_code)

    async def amd(self, token: str, answered_by: str, **form: str) -> int:
        return int((await self.callback("amd", token, AnsweredBy=answered_by, **form)).status_code)


def sign(url: str, fields: Json, token: str = AUTH_TOKEN) -> str:
    """Twilio's published algorithm, written a second time."""
    text = url + "".join(name + str(fields[name]) for name in sorted(fields))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def is_hangup(twiml: str) -> bool:
    return "<Hangup" in twiml and "<Say" not in twiml and "<Gather" not in twiml
