"""A quarter of a year of calls that have ended, so that charts have something to show."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.databases import analytics_rows
from storage.database.bulk import insert_all
from storage.database.engine import Database
from storage.tables import Call, JsonObject
from tests.e2e.browser.sample import PEOPLE

#: So many a day, and by how much fewer on Sundays.
_CALLS = 90 * 40
_CALLERS = ("+12125550100", "+13125550101", "+14155550102")
_TIMES = {
    "call": ("created_time", "completed_time"),
    "attempt": ("dialed_at", "settled_at", "ended_at"),
}
Rows = list[JsonObject]


def add_history(url: str, account_id: str, agents: list[str]) -> None:
    """Into the database of a running stack, counted when it returns."""
    asyncio.run(_insert(url, account_id, agents))
    environment = {**os.environ, "TRUNKLINE_DATABASE_URL": url}
    command = [sys.executable, "-m", "cli.main", "analytics", "rebuild"]
    subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)


async def _insert(url: str, account_id: str, agents: list[str]) -> None:
    db = Database(url)
    calls, attempts = _rows(account_id, agents)
    tables = Call.metadata.tables
    async with db.write() as session:
        await insert_all(session, tables["call"], calls)
        await insert_all(session, tables["attempt"], attempts)
    await db.close()


def _rows(account_id: str, agents: list[str]) -> tuple[Rows, Rows]:
    calls, attempts = Rows(), Rows()
    for call, dials in _past(Random(7)):
        number = len(calls)
        endpoint = f"+1{number % 700 + 201}5550{100 + number % 100}"
        caller = _CALLERS[number % len(_CALLERS)]
        calls.append(
            call
            | {"account_id": account_id, "agent_id": agents[number % len(agents)]}
            | {"campaign_id": None, "pathway_id": None, "kept": False}
            | {"endpoint": endpoint, "caller_id": caller, "attempt_count": len(dials)}
            | {"context": {"name": PEOPLE[number % len(PEOPLE)]}}
        )
        attempts += [
            one | {"account_id": account_id, "to_endpoint": endpoint, "from_endpoint": caller}
            for one in dials
        ]
    return calls, attempts


def _past(random: Random) -> Iterator[tuple[JsonObject, Rows]]:
    """As many days ago as they end before now; on Sundays hardly anybody calls."""
    now = datetime.now(UTC)
    last = analytics_rows.BEGAN + timedelta(days=analytics_rows.DAYS)
    moved = timedelta(days=(now - last).days + 1)
    for number in range(_CALLS):
        call, dials = analytics_rows.ended_call(random, number, _CALLS)
        ends = [one["settled_at"] for one in dials] or [call["created_time"]]
        call["completed_time"] = max(ends) + timedelta(seconds=2)
        _move(call, _TIMES["call"], moved)
        for one in dials:
            _move(one, _TIMES["attempt"], moved)
        is_sunday = call["created_time"].weekday() == 6
        if call["completed_time"] < now and (not is_sunday or random.random() < 0.1):
            yield call, dials


def _move(row: JsonObject, names: tuple[str, ...], by: timedelta) -> None:
    for name in names:
        row[name] += by
