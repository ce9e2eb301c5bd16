"""The dial. The ledger is written before and after each step."""

import asyncio
from typing import NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from activities.clock import utcnow
from activities.dials import dial_gate, dial_measures, last_word
from activities.dials import leg as legs
from activities.dials.last_word import LastWordAsker
from activities.heartbeats import heartbeats, pause
from contracts.calls import AttemptRef, DialKind, DialResult
from policy.calls.attempt_lifecycle import FINAL_STATES
from policy.model.call import AttemptResult, AttemptState
from storage.attempts import attempts
from storage.attempts.attempts import SendGate
from storage.carriers.credentials import CredentialBook, Disabled
from storage.database.engine import Database
from storage.dispatch import dialing_pause
from storage.facts import case_file
from storage.facts.case_file import CaseFile
from storage.facts.gather import FactGatherer
from storage.tables import Account, Attempt, Call
from storage.tables.specs import detects_machines
from telephony.errors import Ambiguous, Rejected, RejectedClass, Unreachable
from telephony.port import Carrier, DialRequest, Leg
from telephony.public_address import PublicAddress
from telephony.twilio.callbacks import callback_urls

log = structlog.get_logger(__name__)

#: While the create's answer is late, the ledger is asked this often for the leg a webhook named.
BOUND_CHECK_SECONDS = 2.0
#: So long a dial waits for our API to answer the carrier, looking this often.
UNANSWERED_SECONDS, LOOK_SECONDS = 8.0, 0.5
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
    """`public_url` is where the carrier reaches us.

    `fallback_url`: what the carrier plays where that does not answer; None: its own error.
    `book`: accounts at the carrier besides the installation's own; None: there are none.
    `address` is asked before each dial whether anybody answers there; None: it is taken on trust.
    """

    def __init__(
        self,
        db: Database,
        carrier: Carrier,
        gatherer: FactGatherer,
        *,
        public_url: str,
        address: PublicAddress | None = None,
        fallback_url: str | None = None,
        worker_id: str | None = None,
        book: CredentialBook | None = None,
        last_word: LastWordAsker | None = None,
    ) -> None:
        self._db = db
        self._carrier = carrier
        self._gatherer = gatherer
        self._public_url = public_url
        self._address = address
        self._fallback_url = fallback_url
        self._worker_id = worker_id
        self._book = book
        self._last_word = last_word or LastWordAsker(db)

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
            _, attempt = await legs.load(self._db, ref)
            why = "our API did not answer at its public address"
            return await self._withdraw(attempt, why)
        at_gate = await self._gate(ref)
        if at_gate.passed is SendGate.ASK:
            if not await self._last_word.allows(at_gate.call, at_gate.attempt):
                return DialResult(DialKind.OVER)
            at_gate = await self._gate(ref)
        if at_gate.passed is SendGate.GO:
            return await self._send(at_gate)
        if at_gate.passed is SendGate.ASK:
            return await self._withdraw(at_gate.attempt, "the customer's yes came too late")
        if at_gate.passed is SendGate.LOST:
            return await self._take_up(*await legs.load(self._db, ref))
        return DialResult(DialKind.OVER)

    @activity.defn
    async def take_up(self, ref: AttemptRef) -> DialResult:
        call, attempt = await legs.load(self._db, ref)
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
        return await self._take_up(*await legs.load(self._db, _ref(attempt)))

    async def _gate(self, ref: AttemptRef) -> "_AtGate":
        """The commit of `sending`; what happens after it may have reached the carrier."""
        async with self._db.write() as session:
            file = await case_file.hold(
                session, ref.call_id, attempt_number=ref.attempt_number, with_account=True
            )
            attempt = None if file is None else file.attempt
            if file is None or attempt is None:
                raise legs.missing(ref)
            passed = await self._pass(session, file, attempt)
            is_probe = dialing_pause.is_probe(file.owner.account, ref.call_id)
            return _AtGate(passed, file.call, attempt, is_probe, file.owner.agent.call_reason)

    async def _pass(self, session: AsyncSession, file: CaseFile, attempt: Attempt) -> SendGate:
        if attempt.state is not AttemptState.INTENT:
            return SendGate.LOST
        why_not = await dial_gate.why_not(session, self._gatherer, file, attempt, utcnow())
        if why_not is None and await last_word.is_missing(session, file, attempt, utcnow()):
            return SendGate.ASK
        if why_not is None:
            try:
                return await attempts.begin_sending(
                    session,
                    attempt,
                    utcnow(),
                    self._worker_id,
                    has_fallback=self._fallback_url is not None,
                    carrier_account_id=await self._at(session, file.owner.account, attempt),
                )
            except Disabled:
                why_not = "the account at the carrier is disabled"
        await attempts.mark_over(session, attempt, AttemptResult.NOT_SENT, utcnow(), error=why_not)
        return SendGate.WITHDRAWN

    async def _at(self, session: AsyncSession, account: Account, attempt: Attempt) -> str | None:
        """At which account at the carrier it is dialed; None: the installation's own.

        Raises Disabled: where the agent has given the number up, no mark of its holds the call.
        """
        number = attempt.from_endpoint
        return await self._book.for_dial(session, account, number) if self._book else None

    async def _take_up(self, call: Call, attempt: Attempt) -> DialResult:
        """An earlier run of this activity got further than the intent: never send again."""
        if attempt.state in (AttemptState.SENDING, AttemptState.UNKNOWN):
            return await self._unknown(call, attempt, "worker lost while sending")
        if attempt.state in FINAL_STATES:
            return DialResult(DialKind.OVER)
        await legs.note_taken(self._db, call)
        return _sent(call)

    async def _send(self, at_gate: "_AtGate") -> DialResult:
        call, attempt, is_probe = at_gate.call, at_gate.attempt, at_gate.is_probe
        request = _dial_request(at_gate, self._public_url, self._fallback_url)
        try:
            with dial_measures.of_dial(call, attempt):
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
            await legs.note_taken(self._db, call)
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
            unwanted = await legs.note_unwanted(session, row)
        if unwanted and row.carrier_sid is not None:
            await legs.end(self._carrier, row.carrier_sid)
        return _sent(call)

    async def _record_sent(self, call: Call, attempt: Attempt, leg: Leg) -> DialResult:
        answer = (leg.sid, leg.status.value, utcnow())
        async with self._db.write() as session:
            if await attempts.note_sent(session, attempt, *answer):
                return _sent(call)
            row = await attempts.reload(session, attempt)
            bound = await attempts.mark_sent(session, row, *answer)
            unwanted = await legs.note_unwanted(session, row)
        if bound is None:
            return await self._unknown(call, attempt, "the carrier named another attempt's leg")
        if bound != leg.sid or unwanted:
            # Another leg answered to our token first, or the call ended while we were sending.
            await legs.end(self._carrier, leg.sid)
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

    async def _unknown(self, call: Call, attempt: Attempt, why: str) -> DialResult:
        async with self._db.write() as session:
            still_unknown = await attempts.mark_unknown(session, attempt, utcnow(), why)
            await dialing_pause.found_out_nothing(session, call, utcnow())
        log.warning("dial.unknown", call_id=call.call_id, attempt=attempt.number, why=why)
        if still_unknown:
            return DialResult(DialKind.UNKNOWN, _longest_seconds(call))
        return await self._take_up(*await legs.load(self._db, _ref(attempt)))


def _ref(attempt: Attempt) -> AttemptRef:
    return AttemptRef(attempt.call_id, attempt.number)


def _sent(call: Call) -> DialResult:
    return DialResult(DialKind.SENT, _longest_seconds(call))


def _longest_seconds(call: Call) -> int:
    return call.ring_timeout + call.max_duration + SILENCE_MARGIN_SECONDS


class _AtGate(NamedTuple):
    """What was found at the gate. `is_probe`: tries if the carrier takes requests again.

    `reason`: what phones show of the agent's calls.
    """

    passed: SendGate
    call: Call
    attempt: Attempt
    is_probe: bool
    reason: str | None


def _dial_request(at_gate: _AtGate, public_url: str, fallback_url: str | None) -> DialRequest:
    call, attempt = at_gate.call, at_gate.attempt
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
        reason=at_gate.reason,
        carrier_account_id=attempt.carrier_account_id,
    )
