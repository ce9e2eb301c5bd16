"""What is removed from tables of a million old rows on PostgreSQL, and who waits for it.

`python -m benchmarks.databases.retention [rows]` prints the figures; it is no part of `make bench`.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from statistics import median

from sqlalchemy import insert, text
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.sweep import BATCH, EMPTIED, PAGES
from benchmarks.databases.databases import postgres
from benchmarks.databases.rows import call_row, open_database
from benchmarks.figures.figures import Figure
from storage.database.engine import Database
from storage.dispatch import leases
from storage.privacy import retention
from storage.tables import Call
from storage.webhooks import deliveries

ROWS = 1_000_000
#: So many pages are timed, all over the table: the first are no better than the last.
TIMED = 200
#: A page holds its rows for no longer, on a machine that has nothing else to do.
MOST_MILLISECONDS = 50.0
_NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
_OLD = "timestamptz '2027-01-01 09:00Z' + n * interval '1 s'"
_ID = "lpad(n::text, 36, '0')"
_NUMBER = "'+1' || (2012000000 + n)"
Purge = Callable[[AsyncSession, datetime, int], Awaitable[int]]
#: What a table's rows have; the rest is as in a new row.
_ROWS = {
    "lease": {
        "lease_id": _ID,
        "account_id": "'bench'",
        "agent_id": "'agent-0'",
        "call_id": _ID,
        "attempt_number": "1",
        "granted_at": _OLD,
        "taken_at": _OLD,
        "expires_at": _OLD,
        "released_at": _OLD,
    },
    # A call's row in the list of its campaign, and the dial that was made for it.
    "contact": {
        "campaign_id": "'campaign'",
        "row_number": "n",
        "state": "'called'",
        "endpoint": _NUMBER,
        "endpoint_kind": "'phone'",
        "context": """'{"firstName": "Ada"}'""",
        "call_id": _ID,
    },
    "attempt": {
        "attempt_id": _ID,
        "call_id": _ID,
        "account_id": "'bench'",
        "number": "1",
        "token": _ID,
        "to_endpoint": _NUMBER,
        "from_endpoint": "'+12125550100'",
        "notices": "'{}'",
        "state": "'ended'",
        "result": "'completed'",
        "carrier_sid": _ID,
        # One in ten was recorded.
        "recording_sid": f"CASE WHEN n % 10 = 0 THEN {_ID} END",
        "dialed_at": _OLD,
        "settled_at": _OLD,
    },
    "delivery": {
        "webhook_id": "'hook'",
        "event_id": "n",
        "stream": _ID,
        # One in a thousand still waits, and stays.
        "state": "CASE WHEN n % 1000 = 0 THEN 'pending' ELSE 'delivered' END",
        "next_at": _OLD,
        "failures": "0",
        "tries": """'[{"at": "2027-01-01T09:00:00Z", "ms": 48, "status": 204}]'""",
        "created_time": _OLD,
        "done_time": _OLD,
    },
}
#: A call of the table's own makes the others.
_CALL = {
    "call_id": _ID,
    "client_token": "NULL",
    "campaign_id": "'campaign'",
    "endpoint": _NUMBER,
    "waiting_for": "NULL",
    "consent_spec": """'{"tier": "express", "method": "web form", "evidence": "signed"}'""",
    "created_time": _OLD,
    "completed_time": _OLD,
    "status": "'Completed'",
    "outcome": "'completed'",
}
_PURGES: dict[str, Purge] = {
    "lease": leases.purge,
    "delivery": deliveries.purge,
    "call": retention.forget,
}


async def run(rows: int = ROWS) -> list[Figure]:
    """How long a page takes of each kind, and how many rows go an hour at most."""
    with postgres() as url:
        async with open_database(url) as db:
            await _fill(db, rows)
            return [
                figure
                for name, purge in _PURGES.items()
                for figure in await _measured(db, name, purge, rows)
            ]


async def _measured(db: Database, name: str, purge: Purge, rows: int) -> list[Figure]:
    took, page = [], EMPTIED if name == "call" else BATCH
    for _ in range(min(TIMED, rows // page - 1)):
        begun = time.perf_counter()
        async with db.write() as session:
            assert await purge(session, _NOW, page) == page
        took.append((time.perf_counter() - begun) * 1000)
    typical, longest = median(took), sorted(took)[int(len(took) * 0.99) - 1]
    emptied = "emptied" if name == "call" else "removed"
    kind = f"{name}: {page} of {rows:,} rows {emptied}"
    bound = f"<= {MOST_MILLISECONDS:.0f} ms median"
    holds = typical <= MOST_MILLISECONDS
    return [
        Figure(kind, round(typical, 1), "ms", bound=bound, holds=holds),
        Figure(f"{name}: the longest but one in a hundred", round(longest, 1), "ms"),
        Figure(f"{name}: rows a sweep in ten seconds takes", page * PAGES * 360, "an hour"),
    ]


async def _fill(db: Database, rows: int) -> None:
    async with db.write() as session:
        # References are sound, and ended calls need not be counted: half the time.
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        for table, columns in _ROWS.items():
            names, values = ", ".join(columns), ", ".join(columns.values())
            made = (
                f"INSERT INTO {table} ({names}) SELECT {values} FROM generate_series(1, {rows}) n"
            )
            await session.execute(text(made))
        await _add_calls(session, rows)
    async with db.engine.connect() as connection:
        free = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await free.execute(text("SET statement_timeout = 0"))
        await free.execute(text("VACUUM ANALYZE"))


async def _add_calls(session: AsyncSession, rows: int) -> None:
    """One of them first, of which all others are made."""
    await session.execute(insert(Call), [call_row(0)])
    columns = [one.name for one in Call.metadata.tables["call"].columns]
    given = ", ".join(_CALL.get(one, f"of.{one}") for one in columns)
    made = (
        f"INSERT INTO call ({', '.join(columns)}) SELECT {given} "
        f"FROM call AS of, generate_series(1, {rows}) AS n"
    )
    await session.execute(text(made))


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    for one in asyncio.run(run(wanted)):
        sys.stdout.write(json.dumps(asdict(one)) + "\n")
