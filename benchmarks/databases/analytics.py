"""What the numbers of a million calls cost: counted by the real rollup, asked for as people do.

`python -m benchmarks.databases.analytics [calls]` measures both databases and prints the figures.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from functools import partial

from benchmarks.databases.analytics_rows import ACCOUNT, BEGAN, DAYS, add_calls, open_database
from benchmarks.databases.databases import analyze, median_ms, postgres
from benchmarks.figures.bounds import at_most, exactly, noted
from benchmarks.figures.figures import Figure
from cli.analytics_rebuild import PAGES
from policy.time.dayparts import rates_of
from policy.time.quarter_hours import month_of, quarter_after, quarter_of, runs
from storage.analytics import analytics, rollup
from storage.analytics.analytics import GroupBy, Region, SumsQuery
from storage.database.engine import Database

MOST_MILLISECONDS = 300.0
CALLS = 1_000_000
#: What counting a million calls may take.
MOST_SECONDS = 300.0
#: With clocks that differ from UTC's by hours, and by three quarters of one.
_ZONES = ("America/New_York", "Asia/Kathmandu")
_ONE = "agent-01"
Look = Callable[[Database], Awaitable[object]]


async def run(calls: int = CALLS) -> list[Figure]:
    """Figures of analytics on SQLite and on PostgreSQL."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        figures += await measure(f"sqlite:///{folder}/analytics.db", calls)
    with postgres() as url:
        figures += await measure(url, calls)
    return figures


async def measure(url: str, calls: int) -> list[Figure]:
    """One database: counted from its rows, and then asked."""
    async with open_database(url) as db:
        await add_calls(db, calls)
        counted, longest = await count_all(db)
        await analyze(db)
        figures = [
            at_most(f"{db.dialect}: counting {calls:,} calls anew", counted, "s", MOST_SECONDS),
            noted(f"{db.dialect}: the longest of its transactions", longest, "s"),
            exactly(f"{db.dialect}: calls in the sums", await scheduled(db), "calls", calls),
        ]
        for name, look in LOOKS.items():
            took = await median_ms(partial(look, db))
            named = f"{db.dialect}: analytics {name}, {calls:,} calls"
            figures.append(at_most(named, took, "ms", MOST_MILLISECONDS))
    return figures


async def count_all(db: Database) -> tuple[float, float]:
    """Seconds for all, as `trunkline analytics rebuild` counts, and for the longest transaction."""
    begun, longest = time.perf_counter(), 0.0
    async with db.write() as session:
        await rollup.begin_anew(session, ACCOUNT)
    while (page := await _next_page(db)) is not None:
        since = time.perf_counter()
        async with db.write() as session:
            await rollup.enter_page(session, page)
        longest = max(longest, time.perf_counter() - since)
    return time.perf_counter() - begun, longest


async def _next_page(db: Database) -> rollup.BacklogPage | None:
    async with db.read() as session:
        return await rollup.next_page(session, ACCOUNT, PAGES[db.dialect])


async def scheduled(db: Database) -> int:
    async with db.browse() as session:
        return (await analytics.totals(session, _question(_ZONES[0])))["scheduled"]


# -- what is measured


def _question(zone: str, agent_id: str | None = None) -> SumsQuery:
    """All of the period but some minutes at both ends, so that no day is whole there."""
    start = quarter_of(BEGAN - timedelta(minutes=20))
    end = quarter_after(BEGAN + timedelta(days=DAYS + 3, minutes=20))
    return SumsQuery(ACCOUNT, tuple(runs(start, end, zone)), agent_id)


async def _split(
    db: Database, by: GroupBy, zone: str = _ZONES[0], agent_id: str | None = None
) -> None:
    async with db.browse() as session:
        assert await analytics.groups(session, _question(zone, agent_id), by)


async def _totals(db: Database) -> None:
    async with db.browse() as session:
        assert await analytics.totals(session, _question(_ZONES[0]))


async def _best_hours(db: Database, agent_id: str | None, place: Region | None) -> None:
    async with db.browse() as session:
        found = await analytics.slots(
            session, ACCOUNT, month_of(BEGAN.date()), agent_id=agent_id, place=place
        )
        assert rates_of(found)


def _looks() -> dict[str, Look]:
    looks: dict[str, Look] = {"totals": _totals}
    looks |= {f"by {by}": partial(_split, by=by) for by in GroupBy}
    looks |= {
        f"by {by} in {_ZONES[1]}": partial(_split, by=by, zone=_ZONES[1])
        for by in (GroupBy.DAY, GroupBy.HOUR_OF_WEEK)
    }
    looks |= {f"by {by} of one agent": partial(_split, by=by, agent_id=_ONE) for by in GroupBy}
    looks["best hours"] = partial(_best_hours, agent_id=None, place=None)
    looks["best hours of an agent in a country"] = partial(
        _best_hours, agent_id=_ONE, place=Region("US")
    )
    return looks


LOOKS = _looks()


def main() -> None:
    calls = int((sys.argv[1:] or [str(CALLS)])[0])
    for figure in asyncio.run(run(calls)):
        sys.stdout.write(json.dumps(asdict(figure)) + "\n")


if __name__ == "__main__":
    main()
