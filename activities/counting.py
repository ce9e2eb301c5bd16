"""The counter: keeps the sums that analytics is answered from, a few seconds behind the calls."""

import asyncio

from temporalio import activity

from activities.beating import heartbeats, pause
from storage import counting
from storage.engine import Database

#: Between two looks. Calls that go on meanwhile are looked at once instead of many times.
INTERVAL_SECONDS = 3.0
#: Between two pages while there is much to count: nobody's call waits for it.
BUSY_SECONDS = 0.02
#: After this long the activity returns and is started afresh, so that nothing grows for ever.
RUN_SECONDS = 3600.0


class Counting:
    """`interval` in seconds."""

    def __init__(self, db: Database, *, interval: float = INTERVAL_SECONDS) -> None:
        self._db = db
        self._interval = interval

    @activity.defn
    async def count(self) -> None:
        end = asyncio.get_running_loop().time() + RUN_SECONDS
        async with heartbeats():
            while asyncio.get_running_loop().time() < end:
                more = await self.turn()
                if not await pause(BUSY_SECONDS if more else self._interval):
                    return

    async def turn(self) -> bool:
        """A page of each account that is behind; True if there is more to be counted."""
        async with self._db.read() as session:
            behind = await counting.behind(session)
        more = False
        for account_id in behind:
            async with self._db.write() as session:
                more |= await counting.count(session, account_id)
        return more
