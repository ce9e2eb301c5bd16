"""The dispatcher: hands free slots to waiting calls, turn after turn."""

import asyncio
from datetime import timedelta

import structlog
from temporalio import activity

from activities.beating import heartbeats, pause
from activities.clock import utcnow
from activities.orphans import Orphans
from activities.telling import Teller
from storage import leases
from storage.engine import Database
from storage.leases import Grant

log = structlog.get_logger(__name__)

#: A grant its call has not taken up after this long goes to somebody else.
GRANT_TTL = timedelta(seconds=15)
#: Grants of one account in one turn.
BATCH = 50
#: After this long the activity returns and is started afresh, so that nothing grows for ever.
RUN_SECONDS = 3600.0


class Dispatching:
    def __init__(self, db: Database, teller: Teller, orphans: Orphans, *, interval: float) -> None:
        self._db = db
        self._teller = teller
        self._orphans = orphans
        self._interval = interval

    @activity.defn
    async def dispatch(self) -> None:
        end = asyncio.get_running_loop().time() + RUN_SECONDS
        async with heartbeats():
            while asyncio.get_running_loop().time() < end:
                await self.turn()
                if not await pause(self._interval):
                    return

    async def turn(self) -> int:
        """One turn over all accounts; returns how many slots were granted."""
        async with self._db.read() as session:
            accounts = await leases.accounts_waiting(session)
        granted = 0
        for account_id in accounts:
            grants = await self._grant(account_id)
            await asyncio.gather(*(self._tell(grant) for grant in grants))
            granted += len(grants)
        return granted

    async def _grant(self, account_id: str) -> list[Grant]:
        async with self._db.write() as session:
            return await leases.grant(session, account_id, utcnow(), ttl=GRANT_TTL, take=BATCH)

    async def _tell(self, grant: Grant) -> None:
        """Nobody there: the call is closed, or its slot goes back at once."""
        if await self._teller.slot_granted(grant.call_id):
            return
        log.warning("dispatch.nobody_there", call_id=grant.call_id)
        if not await self._orphans.close(grant.call_id):
            async with self._db.write() as session:
                await leases.release(session, grant.call_id, utcnow())
