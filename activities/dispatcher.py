"""The dispatcher: hands free slots to waiting calls, turn after turn."""

import asyncio
from datetime import timedelta

import structlog

from activities.clock import utcnow
from activities.orphaned_calls import OrphanedCalls
from contracts.workflow_signals import WorkflowSignals
from storage.database.engine import Database
from storage.dispatch import leases
from storage.dispatch.leases import Grant

log = structlog.get_logger(__name__)

#: A grant its call has not taken up after this long goes to somebody else.
GRANT_TTL = timedelta(seconds=15)
#: Grants of one account in one turn.
BATCH = 50


class Dispatcher:
    def __init__(
        self, db: Database, signals: WorkflowSignals, orphans: OrphanedCalls, *, interval: float
    ) -> None:
        self._db = db
        self._signals = signals
        self._orphans = orphans
        self._interval = interval

    async def round(self) -> float:
        """A turn of the loop, and how many seconds to rest after it."""
        await self.turn()
        return self._interval

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
        if await self._signals.slot_granted(grant.call_id):
            return
        log.warning("dispatch.nobody_there", call_id=grant.call_id)
        if not await self._orphans.close(grant.call_id):
            async with self._db.write() as session:
                await leases.release(session, grant.call_id, utcnow())
