"""The watch: asks the carrier for what it did not say by itself, and has recordings deleted."""

import asyncio

import structlog
from temporalio.service import RPCError

from activities.clock import utcnow
from activities.dials.leg import check
from contracts.workflow_signals import WorkflowSignals
from storage.attempts import attempts, costs, recording_removals, watch_list
from storage.database.engine import Database
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


class CarrierWatch:
    def __init__(
        self, db: Database, carrier: Carrier, signals: WorkflowSignals, *, interval: float
    ) -> None:
        self._db = db
        self._carrier = carrier
        self._signals = signals
        self._interval = interval

    async def round(self) -> float:
        """A turn of the loop, and how many seconds to rest after it."""
        async with self._db.read() as session:
            is_any = await watch_list.is_any(session, utcnow())
        if is_any:
            await self.turn()
            await self.price()
            await self.remove_recordings()
        return self._interval

    async def turn(self) -> int:
        """Ask about every silent leg once; returns how many turned out to be over."""
        async with self._db.read() as session:
            silent = await attempts.silent(session, utcnow(), BATCH)
            abandoned = await attempts.abandoned(session, utcnow(), BATCH)
            unwanted = await attempts.unwanted(session, BATCH)
        limit = asyncio.Semaphore(PARALLEL)
        await asyncio.gather(*(self._end(attempt, limit) for attempt in abandoned))
        await asyncio.gather(*(self._cancel(attempt, limit) for attempt in unwanted))
        ended = await asyncio.gather(*(self._look(attempt, limit) for attempt in silent))
        return sum(ended)

    async def price(self) -> None:
        """Ask for the prices of calls that ended a while ago."""
        async with self._db.read() as session:
            due = await costs.unpriced(session, utcnow(), PRICES)
        limit = asyncio.Semaphore(PARALLEL)
        await asyncio.gather(*(self._price(attempt, limit) for attempt in due))

    async def remove_recordings(self) -> None:
        """Delete at the carrier what was recorded of people and calls that were forgotten."""
        async with self._db.read() as session:
            due = await recording_removals.due(session, utcnow(), RECORDINGS)
        limit = asyncio.Semaphore(PARALLEL)
        await asyncio.gather(*(self._remove(row, limit) for row in due))

    async def _remove(self, row: RecordingRemoval, limit: asyncio.Semaphore) -> None:
        async with limit:
            try:
                await self._carrier.delete_recordings(row.carrier_sid)
            except CarrierError as error:
                log.warning("watch.recording", tries=row.tries + 1, error=str(error))
                async with self._db.write() as session:
                    await recording_removals.postpone(session, row, utcnow())
                return
            async with self._db.write() as session:
                await recording_removals.done(session, row.carrier_sid)

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
                await costs.settle_price(session, attempt, price, unit, utcnow())

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

    async def _cancel(self, attempt: Attempt, limit: asyncio.Semaphore) -> None:
        """Its call was canceled while nobody knew the leg, and whoever sent it is gone."""
        assert attempt.carrier_sid is not None
        async with limit:
            async with self._db.write() as session:
                await attempts.note_end_asked(session, attempt, utcnow())
            try:
                await self._carrier.cancel(attempt.carrier_sid)
            except NotLive:
                await check(self._db, self._carrier, attempt)
            except CarrierError as error:
                log.warning("watch.cancel", attempt_id=attempt.attempt_id, error=str(error))

    async def _look(self, attempt: Attempt, limit: asyncio.Semaphore) -> bool:
        async with limit:
            try:
                over = await check(self._db, self._carrier, attempt)
            except CarrierError as error:
                log.warning("watch.carrier", attempt_id=attempt.attempt_id, error=str(error))
                return False
            await self._tell(attempt, over=over)
            return over

    async def _tell(self, attempt: Attempt, *, over: bool) -> None:
        """While Temporal is away all else goes on; what cannot be told is told in a later turn."""
        try:
            if over:
                await self._signals.ended(attempt.call_id, attempt.number)
            elif attempts.awaits_voicemail(attempt):
                await self._signals.machine(attempt.call_id, attempt.number)
        except RPCError as error:
            log.warning("watch.temporal", call_id=attempt.call_id, status=error.status.name)
