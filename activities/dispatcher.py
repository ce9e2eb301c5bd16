"""The dispatcher: hands free slots to waiting calls, turn after turn."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import structlog

from activities.clock import utcnow
from activities.orphaned_calls import OrphanedCalls
from activities.workflow_starter import WorkflowStarter
from contracts.workflow_signals import WorkflowSignals
from storage.calls.startable import Startable
from storage.database.engine import Database
from storage.dispatch import leases
from storage.dispatch.leases import Grant
from storage.dispatch.queue import Candidate

log = structlog.get_logger(__name__)

#: A grant its call has not taken up after this long goes to somebody else.
GRANT_TTL = timedelta(seconds=15)
#: Grants of one account in one turn.
BATCH = 50
#: A campaign begins the workflows of its calls itself. It is told no more often than this.
TOLD_EVERY = timedelta(seconds=1)


class Dispatcher:
    def __init__(
        self,
        db: Database,
        signals: WorkflowSignals,
        orphans: OrphanedCalls,
        starter: WorkflowStarter,
        *,
        interval: float,
    ) -> None:
        self._db = db
        self._starter = starter
        #: Campaigns that are to be told of their slots, and when each may be told next.
        self._untold: set[str] = set()
        self._told: dict[str, datetime] = {}
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
            try:
                granted += await self._serve(account_id)
            except Exception as error:  # one account's trouble is not the others'
                log.warning("dispatch.turn", account_id=account_id, error=type(error).__name__)
        await self._tell_campaigns(utcnow())
        return granted

    async def _serve(self, account_id: str) -> int:
        grants = await self._grant(account_id)
        self._untold |= set(_campaigns(grants))
        await asyncio.gather(*(self._tell(grant) for grant in grants))
        return len(grants)

    async def _grant(self, account_id: str) -> list[Grant]:
        async with self._db.write() as session:
            return await leases.grant(session, account_id, utcnow(), ttl=GRANT_TTL, take=BATCH)

    async def _tell(self, grant: Grant) -> None:
        """Nobody there: the call is closed, or its slot goes back at once."""
        if grant.row is not None:
            if grant.row.campaign_id is None:
                await self._starter.start(_startable(grant.row))
            return
        if await self._signals.slot_granted(grant.call_id):
            return
        log.warning("dispatch.nobody_there", call_id=grant.call_id)
        if not await self._orphans.close(grant.call_id):
            async with self._db.write() as session:
                await leases.release(session, grant.call_id, utcnow())

    async def _tell_campaigns(self, now: datetime) -> None:
        """A campaign that does not hear of it looks by itself, a little later."""
        due = {one for one in self._untold if self._told.get(one, now) <= now}
        self._told = {one: at for one, at in self._told.items() if at > now}
        for campaign_id in due:
            self._told[campaign_id] = now + TOLD_EVERY
        self._untold -= due
        await asyncio.gather(*(self._signals.nudge_campaign(one) for one in due))


def _campaigns(grants: Iterable[Grant]) -> Iterator[str]:
    """Of rows that were granted a slot."""
    for grant in grants:
        if grant.row is not None and grant.row.campaign_id is not None:
            yield grant.row.campaign_id


def _startable(row: Candidate) -> Startable:
    deadline = row.call_deadline
    return Startable(row.call_id, row.agent_id, row.campaign_id, deadline, row.priority)
