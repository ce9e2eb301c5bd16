"""The dial and the questions about its leg. The ledger is written before and after each step."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities import dial_gate
from activities.clock import utcnow
from activities.loop import heartbeats, pause
from contracts.calls import AttemptRef, DialCancel, DialKind, DialResult
from policy.calls.attempt_lifecycle import FINAL_STATES
from policy.model.call import AttemptResult, AttemptState
from storage.attempts import attempts
from storage.attempts.attempts import CarrierUpdate, SendGate
from storage.calls import calls
from storage.database.engine import Database
from storage.dispatch import dialing_pause
from storage.facts.gather import FactGatherer
from storage.tables import Attempt, Call
from storage.tables.specs import detects_machines
from telephony.errors import Ambiguous, CarrierError, NotLive, Rejected, RejectedClass, Unreachable
from telephony.port import Carrier, DialRequest, Leg
from telephony.public_address import PublicAddress
from telephony.twilio.callbacks import callback_urls

log = structlog.get_logger(__name__)

#: The carrier's clock and ours may differ by this much when its list is searched for a lost leg.
CLOCK_SKEW = timedelta(seconds=5)
LIST_EVERY_SECONDS = 1.0
#: While the create's answer is late, the ledger is asked this often for the leg a webhook named.
BOUND_CHECK_SECONDS = 2.0
#: So long a dial waits for our API to answer the carrier, looking this often.
UNANSWERED_SECONDS, LOOK_SECONDS = 20.0, 0.5
#: Beyond ringing and talking: callbacks under way, and then it is worth asking.
SILENCE_MARGIN_SECONDS = 120

RESULT_OF_REJECTION = {
    RejectedClass.NUMBER: AttemptResult.INVALID,
    RejectedClass.CONFIGURATION: AttemptResult.REFUSED,
    RejectedClass.THROTTLED: AttemptResult.THROTTLED,
    RejectedClass.CAPACITY: AttemptResult.THROTTLED,
    RejectedClass.ACCOUNT: AttemptResult.ACCOUNT_REFUSED,
}
#: Refusals for which the carrier must have looked at the call: it takes the account's requests.
ABOUT_THE_CALL = frozenset({RejectedClass.NUMBER, RejectedClass.CONFIGURATION})


class DialActivities:
    """`public_url` is where the carrier reaches us, `quiet` how long a lost leg is looked for.

    `fallback_url`: what the carrier plays where that does not answer; None: its own error.
    `address` is asked before each dial whether anybody answers there; None: it is taken on trust.
    """

    def __init__(
        self,
        db: Database,
        carrier: Carrier,
        gatherer: FactGatherer,
        *,
        public_url: str,
        quiet: timedelta,
        address: PublicAddress | None = None,
        fallback_url: str | None = None,
        worker_id: str | None = None,
    ) -> None:
        self._db = db
        self._carrier = carrier
        self._gatherer = gatherer
        self._public_url = public_url
        self._quiet = quiet
        self._address = address
        self._fallback_url = fallback_url
        self._worker_id = worker_id

    @activity.defn
    async def dial(self, ref: AttemptRef) -> DialResult:
        async with heartbeats():
            return await self._dial(ref)

    @activity.defn
    async def dial_to_end(self, ref: AttemptRef) -> DialResult:
        """Without heartbeats: what a dead worker has left is found by `worker_presence`."""
        result = await self._dial(ref)
        if result.kind is DialKind.SENT and activity.info().attempt == 1:
            # Who writes down the leg's end completes it: `WorkflowSignals.ended`.
            activity.raise_complete_async()
        # Whatever went another way is looked after by the workflow.
        return result

    async def _dial(self, ref: AttemptRef) -> DialResult:
        if activity.info().attempt > 1:
            # An earlier run may still be alive somewhere: make sure that it never sends.
            return await self.take_up(ref)
        # First, because what has passed the gate must be sent at once.
        if not await self._is_answered():
            _, attempt = await self._load(ref)
            why = "our API did not answer at its public address"
            return await self._withdraw(attempt, why)
        passed, call, attempt, is_probe = await self._gate(ref)
        if passed is SendGate.GO:
            return await self._send(call, attempt, is_probe)
        if passed is SendGate.LOST:
            return await self._take_up(*await self._load(ref))
        return DialResult(DialKind.OVER)

    @activity.defn
    async def take_up(self, ref: AttemptRef) -> DialResult:
        call, attempt = await self._load(ref)
        if attempt.state is AttemptState.INTENT:
            return await self._withdraw(attempt, "not taken up in time")
        return await self._take_up(call, attempt)

    async def _is_answered(self) -> bool:
        """Who had to wait for that goes back to the queue, which keeps the carrier's pace."""
        if self._address is None or self._address.answers:
            return True
        end = asyncio.get_running_loop().time() + UNANSWERED_SECONDS
        while not self._address.answers and asyncio.get_running_loop().time() < end:
            if not await pause(LOOK_SECONDS):
                break
        return False

    async def _withdraw(self, attempt: Attempt, why: str) -> DialResult:
        """An intent is never sent from now on; whatever got further is taken up."""
        async with self._db.write() as session:
            withdrawn = await attempts.mark_over(
                session, attempt, AttemptResult.NOT_SENT, utcnow(), error=why
            )
        if withdrawn:
            return DialResult(DialKind.OVER)
        return await self._take_up(*await self._load(_ref(attempt)))

    async def _gate(self, ref: AttemptRef) -> tuple[SendGate, Call, Attempt, bool]:
        """The commit of `sending`; what happens after it may have reached the carrier.

        The last is whether the dial tries if the carrier takes the account's requests again.
        """
        async with self._db.write() as session:
            call, attempt = _found(ref, await attempts.hold(session, *_key(ref)))
            passed = await self._pass(session, call, attempt)
            is_probe = passed is SendGate.GO and await dialing_pause.is_probe(session, call)
            return passed, call, attempt, is_probe

    async def _pass(self, session: AsyncSession, call: Call, attempt: Attempt) -> SendGate:
        if attempt.state is not AttemptState.INTENT:
            return SendGate.LOST
        why_not = await dial_gate.why_not(session, self._gatherer, call, attempt, utcnow())
        if why_not is None:
            attempt.has_fallback = self._fallback_url is not None
            return await attempts.begin_sending(session, attempt, utcnow(), self._worker_id)
        await attempts.mark_over(session, attempt, AttemptResult.NOT_SENT, utcnow(), error=why_not)
        return SendGate.WITHDRAWN

    async def _take_up(self, call: Call, attempt: Attempt) -> DialResult:
        """An earlier run of this activity got further than the intent: never send again."""
        if attempt.state in (AttemptState.SENDING, AttemptState.UNKNOWN):
            return await self._unknown(call, attempt, "worker lost while sending")
        if attempt.state in FINAL_STATES:
            return DialResult(DialKind.OVER)
        await self._note_taken(call)
        return _sent(call)

    async def _send(self, call: Call, attempt: Attempt, is_probe: bool) -> DialResult:
        request = _dial_request(call, attempt, self._public_url, self._fallback_url)
        try:
            leg = await self._create(request, attempt)
        except (Rejected, Unreachable) as error:
            return await self._over(call, attempt, error)
        except Ambiguous as error:
            return await self._unknown(call, attempt, str(error))
        if leg is None:
            done = await self._sent_as_told(call, attempt)
        else:
            done = await self._record_sent(call, attempt, leg)
        if is_probe and done.kind is DialKind.SENT:
            await self._note_taken(call)
        return done

    async def _create(self, request: DialRequest, attempt: Attempt) -> Leg | None:
        """The one create request. None when its answer is late and a webhook named the leg."""
        create = asyncio.create_task(self._carrier.dial(request))
        try:
            while not (await asyncio.wait({create}, timeout=BOUND_CHECK_SECONDS))[0]:
                if await self._is_bound(attempt):
                    return None
            return create.result()
        finally:
            create.cancel()

    async def _is_bound(self, attempt: Attempt) -> bool:
        try:
            async with self._db.read() as session:
                row = await attempts.get(session, attempt.call_id, attempt.number)
        except (SQLAlchemyError, OSError):
            return False  # The database is away; the create goes on.
        return row is not None and row.carrier_sid is not None

    async def _sent_as_told(self, call: Call, attempt: Attempt) -> DialResult:
        """A webhook was quicker than the answer to the create."""
        async with self._db.write() as session:
            row = await attempts.reload(session, attempt)
            unwanted = await _note_unwanted(session, row)
        if unwanted and row.carrier_sid is not None:
            await self._end_leg(row.carrier_sid)
        return _sent(call)

    async def _record_sent(self, call: Call, attempt: Attempt, leg: Leg) -> DialResult:
        async with self._db.write() as session:
            row = await attempts.reload(session, attempt)
            bound = await attempts.mark_sent(session, row, leg.sid, leg.status.value, utcnow())
            unwanted = await _note_unwanted(session, row)
        if bound is None:
            return await self._unknown(call, attempt, "the carrier named another attempt's leg")
        if bound != leg.sid or unwanted:
            # Another leg answered to our token first, or the call ended while we were sending.
            await self._end_leg(leg.sid)
        return _sent(call)

    async def _over(
        self, call: Call, attempt: Attempt, error: Rejected | Unreachable
    ) -> DialResult:
        reason = error.reason if isinstance(error, Rejected) else None
        result = AttemptResult.NETWORK_ERROR if reason is None else RESULT_OF_REJECTION[reason]
        now = utcnow()
        async with self._db.write() as session:
            await attempts.mark_over(
                session, attempt, result, now, error_code=error.code, error=str(error)
            )
            if reason is RejectedClass.ACCOUNT:
                why = {"status": error.status, "code": error.code}
                await dialing_pause.refused(session, call, str(error), now, **why)
            elif reason in ABOUT_THE_CALL:
                await dialing_pause.taken(session, call, now)
            else:
                await dialing_pause.found_out_nothing(session, call, now)
        return DialResult(DialKind.OVER)

    async def _note_taken(self, call: Call) -> None:
        """Of a dial that has a leg: asked for only where it may have been a probe."""
        async with self._db.write() as session:
            await dialing_pause.taken(session, call, utcnow())

    async def _unknown(self, call: Call, attempt: Attempt, why: str) -> DialResult:
        async with self._db.write() as session:
            still_unknown = await attempts.mark_unknown(session, attempt, utcnow(), why)
            await dialing_pause.found_out_nothing(session, call, utcnow())
        log.warning("dial.unknown", call_id=call.call_id, attempt=attempt.number, why=why)
        if still_unknown:
            return DialResult(DialKind.UNKNOWN, _longest_seconds(call))
        return await self._take_up(*await self._load(_ref(attempt)))

    @activity.defn
    async def find_leg(self, ref: AttemptRef) -> bool:
        """Over the quiet period: has a webhook bound the leg, or does the carrier list it?"""
        async with heartbeats():
            give_up = asyncio.get_running_loop().time() + self._quiet.total_seconds()
            while True:
                call, attempt = await self._load(ref)
                found = await self._looked_for(attempt, give_up)
                if found:
                    await self._note_taken(call)
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
            )
        except CarrierError:
            return None

    async def _park(self, attempt: Attempt) -> bool:
        async with self._db.write() as session:
            row = await attempts.reload(session, attempt)
            return await attempts.park(session, row, utcnow())

    @activity.defn
    async def check_leg(self, ref: AttemptRef) -> bool:
        _, attempt = await self._load(ref)
        return await check(self._db, self._carrier, attempt)

    @activity.defn
    async def hang_up(self, ref: AttemptRef) -> bool:
        _, attempt = await self._load(ref)
        if attempt.carrier_sid is not None and attempt.ended_at is None:
            async with self._db.write() as session:
                await attempts.note_end_asked(session, attempt, utcnow())
            await self._end_leg(attempt.carrier_sid)
        return attempt.carrier_sid is not None

    @activity.defn
    async def cancel_dial(self, ref: AttemptRef) -> DialCancel:
        async with self._db.write() as session:
            call, attempt = _found(ref, await attempts.hold(session, *_key(ref)))
            if attempt.carrier_sid is None or attempt.state in FINAL_STATES:
                # The gate heeds it, and whoever finds the leg.
                call.cancel_requested = True
                return DialCancel.NOTED
        return DialCancel.CANCELING if await self.cancel_leg(ref) else DialCancel.ANSWERED

    @activity.defn
    async def cancel_leg(self, ref: AttemptRef) -> bool:
        _, attempt = await self._load(ref)
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

    async def _end_leg(self, sid: str) -> None:
        # NotLive: it ended by itself meanwhile, which is what we wanted.
        with suppress(NotLive):
            await self._carrier.hang_up(sid)

    async def _load(self, ref: AttemptRef) -> tuple[Call, Attempt]:
        async with self._db.read() as session:
            call = await calls.load(session, ref.call_id)
            attempt = await attempts.get(session, *_key(ref))
        return _found(ref, None if call is None or attempt is None else (call, attempt))


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


async def _note_unwanted(session: AsyncSession, attempt: Attempt) -> bool:
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


def _found(ref: AttemptRef, found: tuple[Call, Attempt] | None) -> tuple[Call, Attempt]:
    if found is None:
        raise LookupError(f"no attempt {ref.attempt_number} of call {ref.call_id}")
    return found


def _key(ref: AttemptRef) -> tuple[str, int]:
    return ref.call_id, ref.attempt_number


def _ref(attempt: Attempt) -> AttemptRef:
    return AttemptRef(attempt.call_id, attempt.number)


def _sent(call: Call) -> DialResult:
    return DialResult(DialKind.SENT, _longest_seconds(call))


def _longest_seconds(call: Call) -> int:
    return call.ring_timeout + call.max_duration + SILENCE_MARGIN_SECONDS


def _dial_request(
    call: Call, attempt: Attempt, public_url: str, fallback_url: str | None
) -> DialRequest:
    urls = callback_urls(public_url, attempt.token)
    return DialRequest(
        to=attempt.to_endpoint,
        from_=attempt.from_endpoint,
        voice_url=urls.voice,
        status_url=urls.status,
        ring_timeout=call.ring_timeout,
        max_duration=call.max_duration,
        amd_url=urls.amd if detects_machines(call) else None,
        recording_url=urls.recording if call.recording else None,
        fallback_url=fallback_url,
        keys=call.extension,
    )
