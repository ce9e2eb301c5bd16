"""The watch: asks the carrier for what it did not say by itself, and has recordings deleted."""

import asyncio

import structlog
from temporalio import activity

from activities.beating import heartbeats, pause
from activities.clock import utcnow
from activities.dialing import check
from activities.telling import Teller
from storage import attempts, removals, spending
from storage.engine import Database
from storage.tables import Attempt, RecordingRemoval
from telephony.errors import CarrierError, NotLive
from telephony.port import Carrier

log = structlog.get_logger(__name__)

BATCH = 100
#: Questions to the carrier under way at once.
PARALLEL = 8
#: Prices asked for in one turn.
PRICES = 50
#: Legs whose recordings are deleted in one turn.
RECORDINGS = 50
RUN_SECONDS = 3600.0


class Watching:
    def __init__(self, db: Database, carrier: Carrier, teller: Teller, *, interval: float) -> None:
        self._db = db
        self._carrier = carrier
        self._teller = teller
        self._interval = interval

    @activity.defn
    async def watch(self) -> None:
        end = asyncio.get_running_loop().time() + RUN_SECONDS
        async with heartbeats():
            while asyncio.get_running_loop().time() < end:
                await self.turn()
                await self.price()
                await self.remove_recordings()
                if not await pause(self._interval):
                    return

    async def turn(self) -> int:
        """Ask about every silent leg once; returns how many turned out to be over."""
        async with self._db.read() as session:
            silent = await attempts.silent(session, utcnow(), BATCH)
            abandoned = await attempts.abandoned(session, utcnow(), BATCH)
        limit = asyncio.Semaphore(PARALLEL)
        await asyncio.gather(*(self._end(attempt, limit) for attempt in abandoned))
        ended = await asyncio.gather(*(self._look(attempt, limit) for attempt in silent))
        return sum(ended)

    async def price(self) -> None:
        """Ask for the prices of calls that ended a while ago."""
        async with self._db.read() as session:
            due = await spending.unpriced(session, utcnow(), PRICES)
        limit = asyncio.Semaphore(PARALLEL)
        await asyncio.gather(*(self._price(attempt, limit) for attempt in due))

    async def remove_recordings(self) -> None:
        """Delete at the carrier what was recorded of people and calls that were forgotten."""
        async with self._db.read() as session:
            due = await removals.due(session, utcnow(), RECORDINGS)
        limit = asyncio.Semaphore(PARALLEL)
        await asyncio.gather(*(self._remove(row, limit) for row in due))

    async def _remove(self, row: RecordingRemoval, limit: asyncio.Semaphore) -> None:
        async with limit:
            try:
                await self._carrier.delete_recordings(row.carrier_sid)
            except CarrierError as error:
                log.warning("watch.recording", tries=row.tries + 1, error=str(error))
                async with self._db.write() as session:
                    await removals.postpone(session, row, utcnow())
                return
            async with self._db.write() as session:
                await removals.done(session, row.carrier_sid)

    async def _price(self, attempt: Attempt, limit: asyncio.Semaphore) -> None:
        assert attempt.carrier_sid is not None
        async with limit:
            price = unit = None
            try:
                leg = await self._carrier.fetch(attempt.carrier_sid)
                price, unit = leg.price, leg.price_unit
            except CarrierError as error:
                log.warning("watch.price", attempt_id=attempt.attempt_id, error=str(error))
            async with self._db.write() as session:
                await spending.settle_price(session, attempt, price, unit, utcnow())

    async def _end(self, attempt: Attempt, limit: asyncio.Semaphore) -> None:
        """Hang up a leg whose attempt was settled without it: its callee would hear nothing."""
        assert attempt.carrier_sid is not None
        async with limit:
            try:
                await self._carrier.hang_up(attempt.carrier_sid)
            except NotLive:
                await check(self._db, self._carrier, attempt)
            except CarrierError as error:
                log.warning("watch.hang_up", attempt_id=attempt.attempt_id, error=str(error))

    async def _look(self, attempt: Attempt, limit: asyncio.Semaphore) -> bool:
        async with limit:
            try:
                over = await check(self._db, self._carrier, attempt)
            except CarrierError as error:
                log.warning("watch.carrier", attempt_id=attempt.attempt_id, error=str(error))
                return False
            if over:
                await self._teller.ended(attempt.call_id, attempt.number)
            elif attempts.awaits_voicemail(attempt):
                await self._teller.machine(attempt.call_id, attempt.number)
            return over
