"""Databases to measure, and how long they take."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from statistics import median

from sqlalchemy import text

from storage.database.engine import Database

ROUNDS = 15


async def median_ms(act: Callable[[], Awaitable[object]], rounds: int | None = None) -> float:
    """Milliseconds, of ROUNDS if it is not said otherwise; the first time warms up."""
    await act()
    took = []
    for _ in range(rounds or ROUNDS):
        begun = time.perf_counter()
        await act()
        took.append((time.perf_counter() - begun) * 1000)
    return median(took)


async def analyze(db: Database) -> None:
    """What both databases do by themselves after a while."""
    async with db.write() as session:
        await session.execute(text("ANALYZE"))


@contextmanager
def postgres() -> Iterator[str]:
    """The server of the tests' wheel, in a folder of its own."""
    from tests.storage.database.postgres import running_postgres  # noqa: PLC0415

    with running_postgres() as server:
        yield server.url(server.create_database())
