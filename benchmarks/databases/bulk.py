"""What a bulk request of 10,000 rows costs, beside parsing, validating and inserting them alone.

Alone is what a program would do that asks nothing: JSON, pydantic, the numbers, and SQLAlchemy's
`executemany` of the same rows and their events into the same tables, with the same indexes.
Both run in a process of their own, so that its memory is its own;
`python -m benchmarks.databases.bulk` prints one measurement of each as JSON.
"""

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx2
from pydantic import SecretStr
from sqlalchemy import insert

from api.app import assemble, create_app
from api.calls.bulk_schemas import BulkCall
from api.temporal_client import TemporalGateway
from benchmarks.figures.figures import Figure
from bootstrap import settle_in
from policy.location.endpoints import parse_endpoint
from policy.model.call import CallStatus, Refusal
from policy.model.purposes import Purpose
from settings import Settings
from storage.accounts import accounts, agents
from storage.database import migrate
from storage.database.engine import Database
from storage.database.pagination import batches
from storage.events import event_log
from storage.tables import Agent, Call, Pathway
from storage.tables.columns import new_id
from storage.tables.specs import DEFAULT_RETRY_SPEC

ROWS = 10_000
ROUNDS = 3
MEASURED, WARM_UP = range(ROWS), range(ROWS, ROWS + 20)
KEY = "tl_bench"
MOST_SECONDS, MOST_RATIO, MOST_MIB = 3.0, 1.3, 150.0
_CALLER = "+12125550100"


async def run(database_url: str | None = None, rounds: int = ROUNDS) -> list[Figure]:
    """The three figures of a bulk request; a fresh SQLite file unless a database is given."""
    pairs = [
        (await _child("alone", database_url), await _child("request", database_url))
        for _ in range(rounds)
    ]
    alone = median(pair[0]["seconds"] for pair in pairs)
    request = median(pair[1]["seconds"] for pair in pairs)
    cost = median(pair[1]["cpu"] / pair[0]["cpu"] for pair in pairs)
    grown = max(pair[1]["mib"] for pair in pairs)
    return [
        Figure(
            name=f"bulk request of {ROWS} rows, answered and committed",
            value=round(request, 2),
            unit="s",
            compared_to=f"parse, validate, insert alone: {alone:.2f} s",
            ratio=round(request / alone, 2),
            bound=f"<= {MOST_SECONDS} s",
            holds=request <= MOST_SECONDS,
        ),
        Figure(
            name="its processor time",
            value=round(median(pair[1]["cpu"] for pair in pairs), 2),
            unit="s",
            compared_to="parse, validate, insert alone",
            ratio=round(cost, 2),
            bound=f"<= {MOST_RATIO} times",
            holds=cost <= MOST_RATIO,
        ),
        Figure(
            name="its peak memory growth",
            value=round(grown, 1),
            unit="MiB",
            compared_to=None,
            ratio=None,
            bound=f"<= {MOST_MIB} MiB",
            holds=grown <= MOST_MIB,
        ),
    ]


async def _child(what: str, database_url: str | None) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.databases.bulk",
        what,
        database_url or "",
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    out, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"benchmarks.databases.bulk {what} failed")
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


# -- in the child


def body_of(rows: range, agent_id: str) -> bytes:
    """Rows such as a clinic sends: a number, a name, a token; one time zone in three is told."""
    lines = [
        {
            "clientToken": f"C-{number}",
            "endpoint": f"+1{_AREAS[number % len(_AREAS)]}{2000000 + number}",
            "context": {"firstName": "Ada", "appointment": f"Tuesday at {number % 12}"},
            "additionalData": {"crmId": f"K-{number}"},
            **({"recipient": {"timezone": "America/Chicago"}} if number % 3 == 0 else {}),
        }
        for number in rows
    ]
    body = {"agentId": agent_id, "defaults": {"priority": 4}, "calls": lines}
    return json.dumps(body).encode()


_AREAS = ("212", "312", "415", "303", "617", "202", "713", "206")


async def _alone(db: Database, agent: Agent) -> dict[str, float]:
    await _insert_alone(db, agent, body_of(WARM_UP, agent.agent_id))
    body = body_of(MEASURED, agent.agent_id)
    with _measured() as found:
        await _insert_alone(db, agent, body)
    return found


async def _insert_alone(db: Database, agent: Agent, body: bytes) -> None:
    now = datetime.now(UTC)
    rows = [_row(row, agent, now) for row in json.loads(body)["calls"]]
    events = [
        {**event_log.row_of(row, event_log.EventType.CREATED, now), "sequence": 1} for row in rows
    ]
    async with db.write() as session:
        connection = await session.connection()
        for table, inserted in ((_CALLS, rows), (_EVENTS, events)):
            for some in batches(inserted):
                await connection.execute(insert(table), some)


_CALLS, _EVENTS = Call.metadata.tables["call"], Call.metadata.tables["event"]


def _row(sent: dict[str, Any], agent: Agent, now: datetime) -> dict[str, Any]:
    said = BulkCall.model_validate({"agentId": agent.agent_id, **sent})
    endpoint = parse_endpoint(said.endpoint)
    assert not isinstance(endpoint, Refusal)
    return {
        "call_id": new_id(),
        "account_id": agent.account_id,
        "agent_id": agent.agent_id,
        "pathway_id": agent.pathway_id,
        "endpoint": endpoint.value,
        "endpoint_kind": endpoint.kind,
        "caller_id": _CALLER,
        "priority": said.priority,
        "timezone": agent.timezone,
        "retry_spec": DEFAULT_RETRY_SPEC,
        "voicemail_spec": {},
        "recipient_spec": said.recipient.as_spec() if said.recipient else {},
        "ring_timeout": agent.ring_timeout,
        "max_duration": agent.max_duration,
        "recording": agent.recording,
        "context": said.context,
        "additional_data": said.additional_data,
        "status": CallStatus.CREATED,
        "event_sequence": 1,
        "created_time": now,
    }


async def _request(db: Database, agent: Agent) -> dict[str, float]:
    app = create_app(Settings())
    settings = Settings(bootstrap_api_key=SecretStr(KEY))
    gateway = TemporalGateway(None)  # type: ignore[arg-type]
    app.state.services = assemble(settings, db, gateway, lambda: datetime.now(UTC))
    transport = httpx2.ASGITransport(app)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://bench", headers=headers
    ) as http:
        await _post(http, body_of(WARM_UP, agent.agent_id))
        body = body_of(MEASURED, agent.agent_id)
        with _measured() as found:
            await _post(http, body)
    return found


async def _post(http: httpx2.AsyncClient, body: bytes) -> None:
    headers = {"Idempotency-Key": new_id()}
    answer = await http.post("/api/v1/calls/bulk", content=body, headers=headers)
    if answer.status_code != 202:
        raise RuntimeError(f"the bulk request was answered with {answer.status_code}")


@contextmanager
def _measured() -> Iterator[dict[str, float]]:
    found: dict[str, float] = {}
    peak, started, cpu = _peak_mib(), time.perf_counter(), time.process_time()
    yield found
    found["seconds"] = time.perf_counter() - started
    found["cpu"] = time.process_time() - cpu
    found["mib"] = _peak_mib() - peak


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


#: The people are asked about either way; that none of them agreed is set aside.
_WAIVER = {"rule": "consent", "reason": "benchmarks", "by": "benchmarks"}


async def _agent(db: Database) -> Agent:
    now = datetime.now(UTC)
    async with db.write() as session:
        await accounts.bootstrap(session, KEY, now=now, waivers=[_WAIVER])
        found = await accounts.find_by_key(session, KEY, now)
        assert found is not None
        pathway = Pathway(
            account_id=found[0].account_id,
            name="bench",
            kind="sip",
            definition={"uri": "sip:agent@example.com"},
            created_time=now,
            updated_time=now,
        )
        agent = Agent(
            account_id=found[0].account_id,
            name="bench",
            timezone="America/New_York",
            caller_ids=[f"+1{area}5550100" for area in _AREAS],
            pathway_id=pathway.pathway_id,
            purpose=Purpose.REMINDER,
            identity_spec={"name": "Blue Clinic", "callbackNumber": _CALLER},
            created_time=now,
            updated_time=now,
        )
        session.add(pathway)
        await agents.add(session, agent)
    return agent


async def _main(what: str, url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        chosen = url or f"sqlite:///{folder}/bench.db"
        migrate.upgrade(chosen)
        db = Database(chosen)
        agent = await _agent(db)
        found = await (_alone if what == "alone" else _request)(db, agent)
        await db.close()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    # As the API's own process does.
    settle_in()
    asyncio.run(_main(*sys.argv[1:3]))
