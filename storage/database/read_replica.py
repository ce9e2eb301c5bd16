"""A PostgreSQL that follows the first one, for lists that may be a few seconds old."""

import asyncio
import time
from collections import deque

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

#: How long a measurement holds, and how long one may take.
MEASURED_EVERY, MEASURED_WITHIN = 1.0, 2.0
#: Where nothing could be measured: each try may hold up a list for as long as one may take.
TRIED_EVERY = 15.0
#: None where it is in recovery, respectively where it is not: then it is not what it should be.
_WRITTEN = text(
    "SELECT CASE WHEN NOT pg_is_in_recovery() THEN"
    " pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint END"
)
_REPLAYED = text(
    "SELECT CASE WHEN pg_is_in_recovery() THEN"
    " pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint END"
)


class ReadReplica:
    """Says whether it is near enough: not when it is away or promoted, or nobody knows its lag."""

    def __init__(self, engine: AsyncEngine, first: AsyncEngine, most_lag: float) -> None:
        self.engine = engine
        self._first = first
        self._most_lag = most_lag
        #: When the first one had written how far.
        self._written: deque[tuple[float, int]] = deque(maxlen=256)
        self._measured = float("-inf")
        self._lag: float | None = None
        self._is_away = False
        self._turn = asyncio.Lock()

    async def lag(self) -> float | None:
        """Seconds it is behind at most, as seen a second ago or later; None: unknown."""
        if self._is_old():
            async with self._turn:
                if self._is_old():
                    self._lag = await self._measure()
                    self._measured = time.monotonic()
        return self._lag

    def _is_old(self) -> bool:
        age = time.monotonic() - self._measured
        return age >= (TRIED_EVERY if self._is_away else MEASURED_EVERY)

    async def is_near(self) -> bool:
        lag = await self.lag()
        return lag is not None and lag <= self._most_lag

    async def _measure(self) -> float | None:
        try:
            async with asyncio.timeout(MEASURED_WITHIN):
                asked = time.monotonic()
                written = await _asked(self._first, _WRITTEN)
                replayed = await _asked(self.engine, _REPLAYED)
        except (SQLAlchemyError, OSError):
            self._is_away = True
            return None
        self._is_away = False
        if written is None or replayed is None:
            return None
        self._written.append((asked, written))
        reached = [at for at, place in self._written if place <= replayed]
        return asked - reached[-1] if reached else None


async def _asked(engine: AsyncEngine, statement: object) -> int | None:
    async with engine.connect() as connection:
        found: int | None = (await connection.execute(statement)).scalar()  # type: ignore[call-overload]
    return found
