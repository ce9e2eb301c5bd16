"""What a database of a million calls costs: one turn of the dispatcher, and what people look at.

`python -m benchmarks.databases.rows [rows]` measures both databases and prints the figures.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.databases.databases import analyze, median_ms, postgres
from benchmarks.figures.figures import Figure
from policy.model.call import CallStatus, EndpointKind, WaitingFor
from storage.accounts import agents
from storage.attempts import attempts
from storage.call_lists import call_counts
from storage.call_lists import call_list as views
from storage.calls import calls, decisions
from storage.database import migrate
from storage.database.engine import Database
from storage.dispatch import leases, queue_position
from storage.events import event_log
from storage.tables import Account, Agent, Call, Lease

MOST_MILLISECONDS = 50.0
WAITING = (1_000, 10_000, 100_000, 1_000_000)
_PAGE = 2_000
AGENTS = 5
_PRIORITIES = (3, 5, 7, 9)
_LEASES = 100_000
_BEGAN = datetime(2026, 11, 2, 9, tzinfo=UTC)
_ACCOUNT = Account(
    account_id="bench", name="bench", max_concurrent=100, calls_per_minute=6000, created_time=_BEGAN
)


async def run(sizes: tuple[int, ...] = WAITING) -> list[Figure]:
    """Figures of large tables on SQLite and on PostgreSQL."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        figures += await _measure(f"sqlite:///{folder}/rows.db", sizes)
    with postgres() as url:
        figures += await _measure(url, sizes)
    return figures


async def _measure(url: str, sizes: tuple[int, ...]) -> list[Figure]:
    """Grows one database from size to size; every call waits for a slot."""
    figures: list[Figure] = []
    async with open_database(url) as db:
        made, smallest = 0, None
        for size in sizes:
            await add_calls(db, made, size)
            made = size
            await analyze(db)
            turn = await median_ms(partial(dispatcher_turn, db))
            smallest = smallest or turn
            beside = f"with {sizes[0]:,} waiting"
            figures.append(
                _figure(db, f"dispatcher's turn, {size:,} waiting", turn, beside, smallest)
            )
        for name, look in LOOKS.items():
            took = await median_ms(partial(look, db))
            figures.append(_figure(db, f"{name}, {made:,} calls", took))
    return figures


def _figure(
    db: Database,
    name: str,
    milliseconds: float,
    compared_to: str | None = None,
    compared: float | None = None,
) -> Figure:
    return Figure(
        name=f"{db.dialect}: {name}",
        value=round(milliseconds, 1),
        unit="ms",
        compared_to=compared_to,
        ratio=None if compared is None else round(milliseconds / compared, 2),
        bound=f"<= {MOST_MILLISECONDS:.0f} ms median",
        holds=milliseconds <= MOST_MILLISECONDS,
    )


# -- what is measured


async def dispatcher_turn(db: Database) -> int:
    """One turn as `activities.dispatcher` takes it, without telling anybody; all is given back."""
    now = _BEGAN + timedelta(days=1)
    async with db.read() as session:
        accounts = await leases.accounts_waiting(session)
    granted = 0
    for account_id in accounts:
        async with db.write() as session:
            ttl = timedelta(seconds=15)
            grants = await leases.grant(session, account_id, now, ttl=ttl, take=50)
            assert len(grants) == 50
            granted += len(grants)
            await session.rollback()
    return granted


async def queue_list(db: Database) -> None:
    async with db.read() as session:
        page = await views.queue_page(session, "bench", views.CallFilter(), take=20)
        shown = {row.call_id for row in page.rows}
        placed = await queue_position.in_line(session, _ACCOUNT, _BEGAN + timedelta(days=1), shown)
        assert len(placed) == len(page.rows) == 20


async def statistics(db: Database) -> None:
    async with db.read() as session:
        counts = await views.status_counts(session, "bench", views.CallFilter())
        assert sum(counts.values()) >= 1_000


async def call_page(db: Database) -> None:
    """What GET /api/v1/calls/{callId} reads, of a call that waits."""
    async with db.read() as session:
        call = await calls.get(session, "bench", _call_id(10))
        assert call is not None
        await _history(session, call.call_id)
        now = _BEGAN + timedelta(days=1)
        assert await queue_position.in_line(session, _ACCOUNT, now, {call.call_id})


async def call_list(db: Database) -> None:
    async with db.read() as session:
        page = await views.call_page(session, "bench", views.CallFilter(), take=20)
        assert len(page.rows) == 20


async def _history(session: AsyncSession, call_id: str) -> None:
    await attempts.of_call(session, call_id)
    await decisions.of_call(session, call_id)
    await event_log.of_call(session, call_id)


LOOKS: dict[str, Callable[[Database], Awaitable[None]]] = {
    "queue list": queue_list,
    "statistics": statistics,
    "one call's page": call_page,
    "list of calls": call_list,
}


# -- the rows


@asynccontextmanager
async def open_database(url: str) -> Any:
    """A migrated database with one account and its agents."""
    await asyncio.to_thread(migrate.upgrade, url)
    db = Database(url)
    async with db.write() as session:
        session.add(Account(**_ACCOUNT.model_dump()))
        await session.flush()
        for number in range(AGENTS):
            await agents.add(session, agent_row(number))
    try:
        yield db
    finally:
        await db.close()


def agent_row(number: int) -> Agent:
    return Agent(
        agent_id=f"agent-{number}",
        account_id="bench",
        name="bench",
        created_time=_BEGAN,
        updated_time=_BEGAN,
    )


async def add_calls(db: Database, first: int, beyond: int) -> None:
    """Calls that wait for a slot, in forty classes, and the leases of calls long gone."""
    for start in range(first, beyond, _PAGE):
        page = [call_row(number) for number in range(start, min(start + _PAGE, beyond))]
        async with db.write() as session:
            await session.exec(insert(Call), params=page)
            if start < _LEASES:
                await session.exec(insert(Lease), params=[_lease(one["call_id"]) for one in page])
    async with db.write() as session:
        await call_counts.fold(session)


def _lease(call_id: str) -> dict[str, Any]:
    """Released a day ago."""
    return {
        "lease_id": call_id,
        "account_id": "bench",
        "agent_id": "agent-0",
        "call_id": call_id,
        "attempt_number": 1,
        "granted_at": _BEGAN - timedelta(days=1),
        "taken_at": _BEGAN - timedelta(days=1),
        "expires_at": _BEGAN,
        "released_at": _BEGAN - timedelta(hours=23),
    }


def _call_id(number: int) -> str:
    return f"{number * 2654435761 % 2**32:08x}-{number:010d}"


def call_row(number: int) -> dict[str, Any]:
    at = _BEGAN + timedelta(milliseconds=20 * number)
    return {
        "call_id": _call_id(number),
        "account_id": "bench",
        "agent_id": f"agent-{number % AGENTS}",
        "campaign_id": "campaign" if number // 20 % 2 else None,
        "endpoint": f"+1212{2000000 + number}",
        "endpoint_kind": EndpointKind.PHONE,
        "caller_id": "+12125550100",
        "priority": _PRIORITIES[number // AGENTS % len(_PRIORITIES)],
        "status": CallStatus.QUEUED,
        "waiting_for": WaitingFor.SLOT,
        "reason": "no_free_slot",
        "timezone": "America/New_York",
        "retry_spec": {},
        "voicemail_spec": {},
        "recipient_spec": {},
        "ring_timeout": 30,
        "max_duration": 1800,
        "recording": False,
        "context": {"firstName": "Ada"},
        "additional_data": {"crmId": f"K-{number}"},
        "cancel_requested": False,
        "created_time": at,
        "queued_at": at,
        "attempt_count": 0,
        "event_sequence": 0,
    }


def main() -> None:
    sizes = tuple(size for size in WAITING if size <= int((sys.argv[1:] or ["1000000"])[0]))
    for figure in asyncio.run(run(sizes)):
        sys.stdout.write(json.dumps(asdict(figure)) + "\n")


if __name__ == "__main__":
    main()
