"""The loop that looks after caller IDs: lists imported once a day, pools that heal themselves."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from activities.caller_ids.number_import import NumberImport
from activities.clock import utcnow
from policy.caller_ids.standings import CallerIdCheck
from storage.caller_ids import marks, number_lists, watches
from storage.caller_ids.number_lists import INSTALLATION, UNSETTLED
from storage.carriers import carrier_accounts
from storage.database.engine import Database
from storage.tables import NumberList
from telephony.errors import CarrierError

log = structlog.get_logger(__name__)

INTERVAL_SECONDS = 30.0
IMPORT_EVERY, RETRY_AFTER = timedelta(days=1), timedelta(minutes=15)


class CallerIdCare:
    """A list is imported first when somebody asks for it, or where the check requires it."""

    def __init__(
        self,
        db: Database,
        numbers: NumberImport,
        check: CallerIdCheck,
        *,
        interval: float = INTERVAL_SECONDS,
        now: Callable[[], datetime] = utcnow,
    ) -> None:
        self._db = db
        self._numbers = numbers
        self._check = check
        self._interval = interval
        self._now = now

    async def round(self) -> float:
        """A turn of the loop, and how many seconds to rest after it."""
        for holder in await self.due():
            try:
                found = await self._numbers.run(holder)
            except CarrierError:
                continue  # noted with the list; one account's trouble is not the others'
            await self._numbers.move(found.agent_ids)
        await self.look_at_pools()
        return self._interval

    async def look_at_pools(self) -> None:
        """Rests what has fallen, brings back what has rested, and moves the calls that wait."""
        async with self._db.read() as session:
            pools = await watches.healing(session)
        for account_id, agent_id in pools:
            async with self._db.write() as session:
                changed = await watches.look(session, account_id, agent_id, self._now())
            if changed:
                await self._numbers.move_waiting(agent_id)
        async with self._db.read() as session:
            barred = await marks.with_barred(session)
        # Not only after a change: a call may have been made meanwhile, or come back from a dial.
        await self._numbers.move(barred)

    async def due(self) -> list[str]:
        """Whose lists are to be imported now."""
        async with self._db.read() as session:
            known = {row.holder: row for row in await number_lists.every_list(session)}
            rows = await carrier_accounts.every(session) if known or self._is_required else ()
        there = {INSTALLATION, *(row.carrier_account_id for row in rows)}
        wanted = there if self._is_required else there & known.keys()
        return sorted(holder for holder in wanted if _is_due(known.get(holder), self._now()))

    @property
    def _is_required(self) -> bool:
        return self._check is CallerIdCheck.REQUIRED


def _is_due(row: NumberList | None, now: datetime) -> bool:
    if row is None:
        return True
    is_old = row.imported_time is None or row.imported_time <= now - IMPORT_EVERY
    is_old = is_old or row.error == UNSETTLED
    # A first import that has failed was asked for by a person, who tries again.
    return is_old and row.attempted_time <= now - RETRY_AFTER
