"""Ten thousand people judged: zones, rules, caps, consent and do-not-call, from the database.

`python -m benchmarks.databases.compliance` prints one measurement as JSON.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event, insert

from benchmarks.figures.bounds import at_most
from benchmarks.figures.figures import Figure
from benchmarks.figures.sizes import Size
from policy.compliance.compliance import may_dial
from policy.model.person import ScopeKind
from policy.model.purposes import ConsentTier, Purpose, Voice
from storage.accounts import agents
from storage.database import migrate
from storage.database.engine import Database
from storage.facts.gather import FactGatherer
from storage.tables import Account, Agent, Call, Consent, Suppression

PEOPLE = 10_000
MOST_SECONDS, MOST_QUERIES = 2.0, 2.0
_NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
#: All over North America, and abroad.
_PREFIXES = (
    *("+1212", "+1312", "+1305", "+1512", "+1206", "+1416", "+1219", "+1480"),
    *("+4420794", "+336012", "+4915112", "+346123", "+393331", "+614123", "+919876"),
)


async def run(size: Size) -> list[Figure]:
    """Each round in a process of its own."""
    rounds = [await _child() for _ in range(size.bulk_rounds)]
    return [
        at_most(
            f"{PEOPLE} people judged", median(one["seconds"] for one in rounds), "s", MOST_SECONDS
        ),
        at_most(
            "queries for one call's facts", max(one["queries"] for one in rounds), "", MOST_QUERIES
        ),
    ]


async def _child() -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.databases.compliance"),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    out, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError("benchmarks.databases.compliance failed")
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


# -- in the child


def _account() -> Account:
    return Account(account_id="bench", name="bench", created_time=_NOW)


def _agent() -> Agent:
    return Agent(
        agent_id="bench",
        account_id="bench",
        name="bench",
        timezone="America/New_York",
        caller_ids=["+12125550100"],
        purpose=Purpose.TELEMARKETING,
        voice=Voice.ARTIFICIAL,
        identity_spec={"name": "Blue Clinic", "callbackNumber": "+12125550100"},
        created_time=_NOW,
        updated_time=_NOW,
    )


def calls(count: int = PEOPLE) -> list[Call]:
    """One to each of as many people."""
    return [
        Call(
            account_id="bench",
            agent_id="bench",
            endpoint=_endpoint(number),
            caller_id="+12125550100",
            timezone="America/New_York",
            created_time=_NOW,
            retry_spec={},
        )
        for number in range(count)
    ]


def _endpoint(number: int) -> str:
    prefix = _PREFIXES[number % len(_PREFIXES)]
    # E.164 in the length of the country; the last digits count people.
    length = {"+1": 12, "+4": 13, "+3": 12, "+6": 12, "+9": 13}[prefix[:2]]
    return prefix + f"{number:0{length - len(prefix)}}"


async def _fill(db: Database) -> None:
    """Every tenth person is on the list, every second has agreed."""
    async with db.write() as session:
        session.add(_account())
        await session.flush()
        await agents.add(session, _agent())
        numbers = [_endpoint(number) for number in range(PEOPLE)]
        entries = [
            {
                **Suppression(account_id="bench", source="bench", created_time=_NOW).model_dump(),
                "suppression_id": f"s-{endpoint}",
                "endpoint": endpoint,
                "scope": ScopeKind.ALL,
            }
            for endpoint in numbers[::10]
        ]
        given = [
            {
                **Consent(
                    account_id="bench",
                    endpoint=endpoint,
                    tier=ConsentTier.WRITTEN,
                    method="bench",
                    granted_time=_NOW - timedelta(days=1),
                    created_time=_NOW,
                ).model_dump()
            }
            for endpoint in numbers[::2]
        ]
        await session.exec(insert(Suppression), params=entries)
        await session.exec(insert(Consent), params=given)


async def measure() -> dict[str, float]:
    """Seconds for all of them, and the queries of one by itself."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        migrate.upgrade(url)
        db = Database(url)
        await _fill(db)
        gatherer, wanted = FactGatherer(), calls()
        await _judge(db, gatherer, wanted[:100])
        began = time.perf_counter()
        verdicts = await _judge(db, gatherer, wanted)
        seconds = time.perf_counter() - began
        assert len(verdicts) == PEOPLE
        assert 0 < sum(verdicts) < PEOPLE
        queries = await _queries_of_one(db, gatherer, wanted[1])
        await db.close()
    return {"seconds": seconds, "queries": queries}


async def _judge(db: Database, gatherer: FactGatherer, wanted: list[Call]) -> list[bool]:
    async with db.read() as session:
        account = await session.get(Account, "bench")
        assert account is not None
        facts = await gatherer.gather_many(session, account, wanted, _NOW)
    return [may_dial(one, _NOW).permitted for one in facts.values()]


async def _queries_of_one(db: Database, gatherer: FactGatherer, call: Call) -> int:
    with _counted(db) as queries:
        async with db.read() as session:
            may_dial(await gatherer.gather(session, call, _NOW), _NOW)
    return len(queries)


@contextmanager
def _counted(db: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(measure())) + "\n")
