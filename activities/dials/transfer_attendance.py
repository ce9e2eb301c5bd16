"""Attends to a warm transfer: no leg of the target's outlives its use, and nobody waits in vain.

What is due is policy's (`policy.transfers.warm_legs`); here it is done, and may be done again.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from temporalio import activity

from activities.clock import utcnow
from activities.dials import leg as legs
from activities.heartbeats import heartbeats
from contracts.calls import TransferRef
from policy.transfers.targets import MissReason
from policy.transfers.warm_legs import SETTLES_WITHIN, Duty, WarmStep, have_met, next_step
from storage.database.engine import Database
from storage.transfers import transfers, warm_transfers
from storage.transfers.transfers import Ended
from storage.transfers.warm_transfers import WarmFile
from telephony.errors import CarrierError, NotLive
from telephony.port import Carrier, Leg, LegStatus
from telephony.twilio.callbacks import transfer_urls
from telephony.twiml.transfers import fetched

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5
#: What the carrier refused is due again then.
AFTER_ERROR_SECONDS = 2.0


@dataclass(slots=True)
class _Diary:
    """When each duty was last tried. A leg that was ended need not be ended again."""

    at: dict[Duty, datetime] = field(default_factory=dict)
    has_ended: bool = False

    def done(self, now: datetime) -> frozenset[Duty]:
        lately = {duty for duty, at in self.at.items() if now < at + SETTLES_WITHIN}
        return frozenset((lately - {Duty.END}) | ({Duty.END} if self.has_ended else set()))


class TransferAttendance:
    """`quiet`: how long a lost leg is looked for. `public_url`: where the carrier asks us."""

    def __init__(
        self, db: Database, carrier: Carrier, *, public_url: str, quiet: timedelta
    ) -> None:
        self._db = db
        self._carrier = carrier
        self._public_url = public_url
        self._quiet = quiet

    @activity.defn
    async def attend_transfer(self, ref: TransferRef) -> None:
        """Looks at the ledger again and again: whoever is told by the carrier writes there."""
        diary = _Diary()
        async with heartbeats():
            try:
                # What is waited for is written by other processes.
                while await self._goes_on(ref, diary):  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_SECONDS)
            except asyncio.CancelledError:
                if not _goes_on_elsewhere():
                    await asyncio.shield(self._let_go(ref))
                raise

    async def _goes_on(self, ref: TransferRef, diary: _Diary) -> bool:
        """One look, and what is due by it; False: nothing is any more."""
        now = utcnow()
        async with self._db.read() as session:
            file = await warm_transfers.read(session, ref.transfer_id)
        if file is None:
            return False
        step = next_step(
            file.leg,
            now,
            callee_is_there=file.callee_is_there,
            quiet=self._quiet,
            done=diary.done(now),
        )
        diary.at[step.duty] = now
        try:
            await self._do(step, file)
            diary.has_ended |= step.duty is Duty.END
        except CarrierError as error:
            log.warning("transfer.attend", call_id=ref.call_id, duty=step.duty, error=str(error))
            await asyncio.sleep(AFTER_ERROR_SECONDS)
        return step.duty is not Duty.DONE

    async def _do(self, step: WarmStep, file: WarmFile) -> None:
        row = file.row
        if step.duty is Duty.MISS and step.reason is not None:
            await self._miss(row.transfer_id, step.reason)
        elif step.duty is Duty.END and row.leg_sid is not None:
            await legs.end(self._carrier, row.leg_sid)
        elif step.duty is Duty.ASK and row.leg_sid is not None:
            await self._ask(row.transfer_id, row.leg_sid)
        elif step.duty is Duty.FIND:
            await self._find(file)
        elif step.duty is Duty.FETCH:
            await self._fetch(file)

    async def _miss(self, transfer_id: str, reason: MissReason) -> None:
        """Unless somebody was quicker: then what is due is another thing, and seen at the next
        look.
        """
        now = utcnow()
        async with self._db.write() as session:
            file = await warm_transfers.hold(session, transfer_id)
            assert file is not None
            is_there = file.callee_is_there
            due = next_step(file.leg, now, callee_is_there=is_there, quiet=self._quiet)
            if due == WarmStep(Duty.MISS, reason):
                await transfers.miss(session, file.call, file.attempt, file.row, reason, now)

    async def _ask(self, transfer_id: str, sid: str) -> None:
        try:
            leg = await self._carrier.fetch(sid)
        except NotLive:
            leg = None
        now = utcnow()
        async with self._db.write() as session:
            file = await warm_transfers.hold(session, transfer_id)
            assert file is not None
            if leg is None or leg.status.is_terminal:
                status = LegStatus.FAILED.value if leg is None else leg.status.value
                ended = Ended(status, was_bridged=False, duration=leg.duration if leg else None)
                await transfers.end(session, file.call, file.attempt, file.row, ended, now)
            elif leg.status is LegStatus.IN_PROGRESS and have_met(file.leg, now):
                # Both were sent there, and both are on the line: that they met was not told.
                await transfers.connect(session, file.call, file.row, now)

    async def _find(self, file: WarmFile) -> None:
        """A leg of which only the carrier's list may know, if it can be told whose it is."""
        if file.target is None:
            return
        found = await self._listed(file, file.target.endpoint)
        async with self._db.write() as session:
            held = await warm_transfers.hold(session, file.row.transfer_id)
            assert held is not None
            unknown = await warm_transfers.unknown_sids(session, [leg.sid for leg in found])
            to = file.target.endpoint
            beside = await warm_transfers.lost_beside(session, held.row, held.attempt, to)
            if len(unknown) == 1 and not beside:
                await warm_transfers.name_leg(session, held.row, unknown[0])

    async def _listed(self, file: WarmFile, to: str) -> Sequence[Leg]:
        assert file.row.sending_at is not None
        return await self._carrier.find(
            to=to,
            from_=file.attempt.from_endpoint,
            since=file.row.sending_at - legs.CLOCK_SKEW,
            carrier_account_id=file.attempt.carrier_account_id,
        )

    async def _fetch(self, file: WarmFile) -> None:
        """The callee's leg leaves what it hears and asks us; one that is over does not."""
        urls = transfer_urls(self._public_url, file.attempt.token, file.row.transfer_id)
        assert file.attempt.carrier_sid is not None
        with suppress(NotLive):
            await self._carrier.play(file.attempt.carrier_sid, fetched(urls.hold))

    async def _let_go(self, ref: TransferRef) -> None:
        """The call's workflow is gone: so is whoever waited for the target."""
        async with self._db.write() as session:
            file = await warm_transfers.hold(session, ref.transfer_id)
            if file is None or file.row.connected_at is not None:
                return
            if not file.row.state.is_over:
                reason = MissReason.HUNG_UP
                await transfers.miss(session, file.call, file.attempt, file.row, reason, utcnow())
            sid = file.row.leg_sid
        if sid is not None:
            with suppress(CarrierError):
                await legs.end(self._carrier, sid)


def _goes_on_elsewhere() -> bool:
    """Whether another worker takes it up: this one shuts down, or was thought to be dead."""
    why = activity.cancellation_details()
    return why is not None and (why.worker_shutdown or why.timed_out)
