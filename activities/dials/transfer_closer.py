"""Closes transfers whose callee's call is over and of which the carrier told nothing more."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from activities.clock import utcnow
from activities.dials import leg as legs
from policy.transfers.targets import MissReason, TransferState
from storage.database.engine import Database
from storage.database.locks import BY_ID, hold_attempt
from storage.tables import Transfer
from storage.transfers import transfers
from storage.transfers.transfers import Ended
from telephony.errors import CarrierError, NotLive
from telephony.port import Carrier

log = structlog.get_logger(__name__)

#: The carrier has so long to tell how a transfer ended, once the callee's own leg has.
GRACE = timedelta(seconds=15)
#: One that cannot tell yet is asked again for so long.
GIVEN_UP = timedelta(hours=1)
PAGE = 50


@dataclass(frozen=True, slots=True)
class _Told:
    """`leg` None: it knows none. Not final: it is away, or the leg still lasts."""

    leg: Ended | None
    is_final: bool = True


@dataclass(frozen=True, slots=True)
class TransferCloser:
    """What is on no page any more is closed: one that was dialed by what the carrier says of it."""

    db: Database
    carrier: Carrier

    async def turn(self) -> None:
        """All that are left open, a page of them. Mostly it finds none."""
        async with self.db.read() as session:
            left = await transfers.left_open(session, utcnow() - GRACE, PAGE)
        for row in left:
            try:
                await self._close(row, await self._leg(row.leg_sid, is_ours=row.is_warm))
            except Exception as error:  # one that cannot be closed does not keep the others open
                log.warning("transfer.close", error=type(error).__name__)

    async def _leg(self, sid: str | None, *, is_ours: bool) -> "_Told":
        """What the carrier says of the target's leg. One of ours does not end with the callee's."""
        if sid is None:
            return _Told(None)
        try:
            leg = await self.carrier.fetch(sid)
        except NotLive:
            return _Told(None)
        except CarrierError:
            return _Told(None, is_final=False)
        if not leg.status.is_terminal:
            if is_ours:
                with suppress(CarrierError):
                    await legs.end(self.carrier, sid)
            return _Told(None, is_final=False)
        return _Told(Ended(leg.status.value, None, leg.duration))

    async def _close(self, left: Transfer, told: "_Told") -> None:
        now, leg = utcnow(), told.leg
        async with self.db.write() as session:
            held = await hold_attempt(session, BY_ID, attempt=left.attempt_id)
            assert held is not None
            call, attempt = held
            row = await transfers.get(session, attempt, left.transfer_id)
            if row is None or row.state.is_over:
                return
            if not told.is_final and attempt.ended_at and now - attempt.ended_at < GIVEN_UP:
                return
            if row.state is TransferState.ASKED:
                await transfers.miss(session, call, attempt, row, MissReason.NOT_TAKEN_UP, now)
            elif leg is not None:
                await transfers.end(session, call, attempt, row, leg, now)
            elif row.state is TransferState.CONNECTED:
                await transfers.end(session, call, attempt, row, Ended("completed"), now)
            else:
                await transfers.miss(session, call, attempt, row, MissReason.UNKNOWN, now)
        log.info("transfer.closed", call_id=call.call_id, attempt=attempt.number)
