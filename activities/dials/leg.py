"""The questions about a leg, and the commands to it: all are safe to repeat."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.clock import utcnow
from activities.heartbeats import heartbeats
from contracts.calls import AttemptRef, DialCancel
from policy.calls.attempt_lifecycle import FINAL_STATES
from policy.model.call import AttemptState
from storage.attempts import attempts
from storage.attempts.attempts import CarrierUpdate
from storage.calls import calls
from storage.database.engine import Database
from storage.dispatch import dialing_pause
from storage.tables import Attempt, Call
from telephony.errors import CarrierError, NotLive
from telephony.port import Carrier, Leg

#: The carrier's clock and ours may differ by this much when its list is searched for a lost leg.
CLOCK_SKEW = timedelta(seconds=5)
LIST_EVERY_SECONDS = 1.0


class LegActivities:
    """`quiet`: how long a lost leg is looked for."""

    def __init__(self, db: Database, carrier: Carrier, *, quiet: timedelta) -> None:
        self._db = db
        self._carrier = carrier
        self._quiet = quiet

    @activity.defn
    async def find_leg(self, ref: AttemptRef) -> bool:
        """Over the quiet period: has a webhook bound the leg, or does the carrier list it?"""
        async with heartbeats():
            give_up = asyncio.get_running_loop().time() + self._quiet.total_seconds()
            while True:
                call, attempt = await load(self._db, ref)
                found = await self._looked_for(attempt, give_up)
                if found:
                    await note_taken(self._db, call)
                if found is not None:
                    return found
                await asyncio.sleep(LIST_EVERY_SECONDS)

    async def _looked_for(self, attempt: Attempt, give_up: float) -> bool | None:
        """Whether an attempt has a leg; None: that is not known yet."""
        if attempt.state is not AttemptState.UNKNOWN:
            return attempt.state is not AttemptState.REJECTED
        overdue = asyncio.get_running_loop().time() >= give_up
        legs = await self._listed(attempt)
        if legs is not None and await self._bind_listed(attempt, legs):
            return True
        # Only a list that was really read, after the quiet period, says that there is none.
        if legs is not None and overdue:
            return not await self._park(attempt)
        return None

    async def _bind_listed(self, attempt: Attempt, legs: Sequence[Leg]) -> bool:
        async with self._db.write() as session:
            known = await attempts.known_sids(session, [leg.sid for leg in legs])
            row = await attempts.reload(session, attempt)
            for leg in legs:
                if leg.sid not in known and await attempts.bind(session, row, leg.sid, utcnow()):
                    await attempts.apply_carrier_event(session, row, _update(leg), utcnow())
                    return True
        return False

    async def _listed(self, attempt: Attempt) -> Sequence[Leg] | None:
        """The carrier's list; None when it cannot be read now."""
        assert attempt.sending_at is not None
        try:
            return await self._carrier.find(
                to=attempt.to_endpoint,
                from_=attempt.from_endpoint,
                since=attempt.sending_at - CLOCK_SKEW,
                carrier_account_id=attempt.carrier_account_id,
            )
        except CarrierError:
            return None

    async def _park(self, attempt: Attempt) -> bool:
        async with self._db.write() as session:
            row = await attempts.reload(session, attempt)
            return await attempts.park(session, row, utcnow())

    @activity.defn
    async def check_leg(self, ref: AttemptRef) -> bool:
        _, attempt = await load(self._db, ref)
        return await check(self._db, self._carrier, attempt)

    @activity.defn
    async def hang_up(self, ref: AttemptRef) -> bool:
        _, attempt = await load(self._db, ref)
        if attempt.carrier_sid is not None and attempt.ended_at is None:
            async with self._db.write() as session:
                await attempts.note_end_asked(session, attempt, utcnow())
            await end(self._carrier, attempt.carrier_sid)
        return attempt.carrier_sid is not None

    @activity.defn
    async def cancel_dial(self, ref: AttemptRef) -> DialCancel:
        async with self._db.write() as session:
            call, attempt = found(
                ref, await attempts.hold(session, ref.call_id, ref.attempt_number)
            )
            if attempt.carrier_sid is None or attempt.state in FINAL_STATES:
                # The gate heeds it, and whoever finds the leg.
                call.cancel_requested = True
                return DialCancel.NOTED
        return DialCancel.CANCELING if await self.cancel_leg(ref) else DialCancel.ANSWERED

    @activity.defn
    async def cancel_leg(self, ref: AttemptRef) -> bool:
        _, attempt = await load(self._db, ref)
        if attempt.state is AttemptState.ANSWERED:
            return False
        if attempt.carrier_sid is None or attempt.state in FINAL_STATES:
            return True
        async with self._db.write() as session:
            await attempts.note_end_asked(session, attempt, utcnow())
        try:
            await self._carrier.cancel(attempt.carrier_sid)
        except NotLive:
            # Over, or answered in this very moment: the carrier knows which.
            return await check(self._db, self._carrier, attempt)
        return True


async def load(db: Database, ref: AttemptRef) -> tuple[Call, Attempt]:
    """Both as they are now, held by nobody."""
    async with db.read() as session:
        call = await calls.load(session, ref.call_id)
        attempt = await attempts.get(session, ref.call_id, ref.attempt_number)
    return found(ref, None if call is None or attempt is None else (call, attempt))


def found(ref: AttemptRef, row: tuple[Call, Attempt] | None) -> tuple[Call, Attempt]:
    if row is None:
        raise missing(ref)
    return row


def missing(ref: AttemptRef) -> LookupError:
    return LookupError(f"no attempt {ref.attempt_number} of call {ref.call_id}")


async def end(carrier: Carrier, sid: str) -> None:
    """Hang up. One that ended by itself meanwhile is what we wanted."""
    with suppress(NotLive):
        await carrier.hang_up(sid)


async def note_taken(db: Database, call: Call) -> None:
    """Of a dial that has a leg: asked for only where it may have been a probe."""
    async with db.write() as session:
        await dialing_pause.taken(session, call, utcnow())


async def check(db: Database, carrier: Carrier, attempt: Attempt) -> bool:
    """Ask the carrier about a leg and write what it says; True when the leg is over."""
    update = await _news_of(carrier, attempt)
    async with db.write() as session:
        row = await attempts.reload(session, attempt)
        row.checked_at = utcnow()
        if update is not None:
            await attempts.apply_carrier_event(session, row, update, utcnow())
        return row.state in FINAL_STATES


async def _news_of(carrier: Carrier, attempt: Attempt) -> CarrierUpdate | None:
    if attempt.state in FINAL_STATES or attempt.carrier_sid is None:
        return None
    try:
        return _update(await carrier.fetch(attempt.carrier_sid))
    except NotLive:
        return CarrierUpdate(status="failed")


async def note_unwanted(session: AsyncSession, attempt: Attempt) -> bool:
    """Whether a leg that was just found is to be ended: the call is over, or was canceled."""
    call = await calls.lock(session, attempt.call_id)
    if attempt.settled_at is None and not (call is not None and call.cancel_requested):
        return False
    await attempts.note_end_asked(session, attempt, utcnow())
    return True


def _update(leg: Leg) -> CarrierUpdate:
    return CarrierUpdate(
        status=leg.status.value, answered_by=leg.answered_by, duration=leg.duration
    )
