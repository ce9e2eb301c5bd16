"""The rollup: keeps the sums that analytics is answered from, a few seconds behind the calls."""

import structlog

from storage.analytics import rollup
from storage.database.engine import Database

log = structlog.get_logger(__name__)

#: Between two looks. Calls that go on meanwhile are looked at once instead of many times.
INTERVAL_SECONDS = 3.0
#: Between two pages while there is much to count: nobody's call waits for it.
BUSY_SECONDS = 0.02


class AnalyticsRollup:
    """`interval` in seconds."""

    def __init__(self, db: Database, *, interval: float = INTERVAL_SECONDS) -> None:
        self._db = db
        self._interval = interval

    async def round(self) -> float:
        """A turn of the loop, and how many seconds to rest after it."""
        return BUSY_SECONDS if await self.turn() else self._interval

    async def turn(self) -> bool:
        """A page of each account that is behind; True if there is more to be counted."""
        async with self._db.read() as session:
            behind = await rollup.behind(session)
        more = False
        for account_id in behind:
            try:
                async with self._db.write() as session:
                    more |= await rollup.count(session, account_id)
            except Exception as error:  # one account's trouble is not the others'
                log.warning("rollup.count", account_id=account_id, error=type(error).__name__)
        return more
