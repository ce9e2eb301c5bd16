"""A sheet of a hundred thousand contacts: staged, paged through, and fed from."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median

from benchmarks.figures.bounds import at_most, noted
from benchmarks.figures.figures import Figure
from benchmarks.figures.sizes import Size
from benchmarks.stacks.processes import memory_mib
from benchmarks.stacks.stack import BenchStack, running
from storage.campaigns import contacts
from storage.database.engine import Database

MOST_GROWTH_MIB = 50.0
#: A page deep in the list beside the first one; a page of the feed beside that of a small campaign.
MOST_PAGE_MS = 50.0
_PAGE, _FEED, _ROUNDS, _FEW = 1000, 100, 15, 1000


async def run(size: Size) -> list[Figure]:
    async with running() as stack:
        return await measure(stack, size)


async def measure(stack: BenchStack, size: Size) -> list[Figure]:
    agent_id = stack.plain_agent()
    few, many = stack.campaign(agent_id, _numbers(0, _FEW)), stack.campaign(agent_id, [])
    figures = _staged(stack, many, size.staged)
    with _growth(stack.pids()["api"]) as grown:
        figures += _paged(stack, many, size.staged)
    figures += [at_most("its growth while all are paged", grown[0], "MiB", MOST_GROWTH_MIB)]
    return [*figures, await _fed(stack, few, many, size.staged)]


def _staged(stack: BenchStack, campaign_id: str, rows: int) -> list[Figure]:
    sheet = _numbers(_FEW, _FEW + rows)
    began = time.monotonic()
    with _growth(stack.pids()["api"]) as grown:
        stack.upload(campaign_id, sheet)
    seconds = time.monotonic() - began
    return [
        noted(f"{rows} rows staged", seconds, "s"),
        at_most("the API's peak growth while it stages them", grown[0], "MiB", MOST_GROWTH_MIB),
    ]


def _paged(stack: BenchStack, campaign_id: str, rows: int) -> list[Figure]:
    took = []
    for skip in range(0, rows, _PAGE):
        began = time.perf_counter()
        answer = stack.api.get(
            f"/api/v1/campaigns/{campaign_id}/contacts", params={"skip": skip, "take": _PAGE}
        )
        took.append((time.perf_counter() - began) * 1000)
        assert len(answer.json()["contacts"]) == min(_PAGE, rows - skip)
    told = f"the first: {took[0]:.0f} ms, the last: {took[-1]:.0f} ms"
    return [noted(f"a page of {_PAGE} of them, median", median(took), "ms", told)]


async def _fed(stack: BenchStack, few: str, many: str, rows: int) -> Figure:
    """What the campaign's workflow reads in each of its rounds."""
    db = Database(f"sqlite+aiosqlite:///{stack.data_dir / 'trunkline.db'}")
    small, large = await _feed_page(db, few), await _feed_page(db, many)
    await db.close()
    told = f"of {_FEW}: {small:.1f} ms"
    return at_most(f"the feed's page of {_FEED} of {rows}", large, "ms", MOST_PAGE_MS, told)


async def _feed_page(db: Database, campaign_id: str) -> float:
    took = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        async with db.read() as session:
            page = await contacts.staged(session, campaign_id, datetime.now(UTC), _FEED)
        took.append((time.perf_counter() - began) * 1000)
        assert len(page) == _FEED
    return median(took)


@contextmanager
def _growth(pid: int) -> Iterator[list[float]]:
    """MiB by which a process's memory peaked above where it stood."""
    grown: list[float] = []
    before = memory_mib(pid)
    yield grown
    grown.append(max(0.0, memory_mib(pid, "VmHWM") - before))


def _numbers(first: int, beyond: int) -> list[str]:
    return [f"+1212{2000000 + number}" for number in range(first, beyond)]
