"""The loop that asks what is due about numbers, and tells the calls that wait for it.

A question is claimed, with a line in the ledger, before it is asked: nobody else asks it meanwhile,
and an answer that is lost with its worker is asked for again only after that is sure.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from activities.clearances.look_ahead import LookAhead
from activities.clearances.lookup_payers import LookupPayers, PayerDisabled
from activities.clock import utcnow
from contracts.workflow_signals import WorkflowSignals
from observability.metrics import LOOKUP_COST, LOOKUPS
from policy.model.number_checks import NumberCheck
from storage.clearances import ahead, answers, requests
from storage.clearances.requests import Claim, Payer
from storage.database.engine import Database
from telephony.errors import CarrierError, Rejected, RejectedClass, Unreachable
from telephony.port import NumberAnswer

log = structlog.get_logger(__name__)

#: Until it is looked again whether any agent demands anything, while none does.
IDLE_SECONDS = 30.0
#: Questions under way at once, of all accounts.
MOST = 20
#: A claim that could not be asked within this is left: somebody else may take it for lost soon.
ASKED_WITHIN = 20.0
#: How long an answer that was paid for is tried to be written down.
KEPT_FOR = 30.0
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=5)
#: After so many failures nobody asks before a call wants it again.
MOST_TRIES = 12
#: Refusals that concern every question of the account.
OF_ACCOUNT = frozenset({RejectedClass.ACCOUNT, RejectedClass.THROTTLED})


class LookupLoop:
    """`interval` in seconds: how often it looks while nothing is due."""

    def __init__(
        self,
        db: Database,
        payers: LookupPayers,
        signals: WorkflowSignals,
        look_ahead: LookAhead,
        *,
        interval: float = 1.0,
    ) -> None:
        self._db = db
        self._payers = payers
        self._signals = signals
        self._look_ahead = look_ahead
        self._interval = interval
        self._under_way: set[asyncio.Task[None]] = set()
        self._agents: Sequence[str] = ()
        self._agents_at = float("-inf")
        #: Whom the carrier refuses: since how many times, and until when nothing is asked.
        self._resting: dict[Payer, tuple[int, datetime]] = {}

    async def round(self) -> float:
        """A turn of the loop, and how many seconds to rest after it."""
        if not await self._is_wanted() and not self._under_way:
            return IDLE_SECONDS
        await self._look_ahead.pass_over(self._agents, utcnow())
        for claim in await self._claimed():
            self._under_way.add(task := asyncio.create_task(self._ask(claim, time.monotonic())))
            task.add_done_callback(self._under_way.discard)
        if not self._under_way:
            return self._interval
        await asyncio.wait(
            self._under_way, timeout=self._interval, return_when=asyncio.FIRST_COMPLETED
        )
        return 0

    async def end(self, seconds: float) -> None:
        """What is under way has so long to be answered; connections are given back."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=seconds)
            for task in late:
                task.cancel()
        await self._payers.close()

    async def _is_wanted(self) -> bool:
        """Whether any agent demands anything: looked at now and then, as hardly any do."""
        if time.monotonic() - self._agents_at > IDLE_SECONDS or not self._agents:
            async with self._db.read() as session:
                self._agents = await ahead.demanding(session)
            self._agents_at = time.monotonic()
        return bool(self._agents)

    async def _claimed(self) -> Sequence[Claim]:
        room = MOST - len(self._under_way)
        if room <= 0:
            return ()
        now = utcnow()
        async with self._db.read() as session:
            if not await requests.are_due(session, now):
                return ()
        resting = [payer for payer, (_, until) in self._resting.items() if now < until]
        async with self._db.write() as session:
            claims = await requests.claim(session, now, room, resting)
        if claims:
            async with self._db.write() as session:
                await requests.charge(session, claims)
        return claims

    async def _ask(self, claim: Claim, claimed_at: float) -> None:
        try:
            answer = await self._asked(claim, claimed_at)
        except CarrierError as error:
            await self._failed(claim, error)
            return
        except Exception as error:  # one question's trouble is not the others'
            log.warning("lookup.failed", check=claim.check, error=type(error).__name__)
            return
        if answer is None:
            await _kept(partial(self._give_back, claim))
        else:
            await self._answered(claim, answer)

    async def _give_back(self, claim: Claim) -> None:
        async with self._db.write() as session:
            await requests.unpaid(session, claim)

    async def _asked(self, claim: Claim, claimed_at: float) -> NumberAnswer | None:
        """None: it was not asked, because it may be somebody else's by now."""
        carrier_account_id, lookups = await self._payers.of(claim)
        if carrier_account_id is not None:
            async with self._db.write() as session:
                await requests.note_payer(session, {claim.request_id: carrier_account_id})
        if time.monotonic() - claimed_at > ASKED_WITHIN:
            return None
        LOOKUP_COST.inc(claim.cost / 1_000_000)
        if claim.check is NumberCheck.LINE_TYPE:
            return await lookups.line_type(claim.endpoint)
        return await lookups.reassigned(claim.endpoint, claim.parameter)

    async def _answered(self, claim: Claim, answer: NumberAnswer) -> None:
        now = utcnow()

        async def write() -> None:
            async with self._db.write() as session:
                await requests.answered(session, claim, answer.value, answer.carrier, now)

        self._resting.pop((claim.account_id, claim.caller_id), None)
        LOOKUPS.labels(claim.check, "answered").inc()
        if await _kept(write):
            await self._tell(claim, now)

    async def _failed(self, claim: Claim, error: CarrierError) -> None:
        now, tries = utcnow(), claim.tries + 1
        is_unpaid = isinstance(error, Rejected | Unreachable)
        is_given_up = tries >= MOST_TRIES or isinstance(error, PayerDisabled)
        again_at = None if is_given_up else now + _pause_after(tries)

        async def write() -> None:
            async with self._db.write() as session:
                await requests.failed(session, claim, str(error), now, again_at)
            if is_unpaid:
                await self._give_back(claim)

        LOOKUPS.labels(claim.check, "failed").inc()
        self._note_refusal(claim, error, now)
        log.warning("lookup.no_answer", check=claim.check, error=str(error), tries=tries)
        await _kept(write)

    def _note_refusal(self, claim: Claim, error: CarrierError, now: datetime) -> None:
        """For calls from this number nothing is asked for a while, if it is refused as such.

        Another number of the account's may be another account's at the carrier.
        """
        if not isinstance(error, Rejected) or error.reason not in OF_ACCOUNT:
            return
        if isinstance(error, PayerDisabled):
            return
        payer = claim.account_id, claim.caller_id
        times, until = self._resting.get(payer, (0, now))
        if now >= until:
            self._resting[payer] = (times + 1, now + _pause_after(times) / 2)

    async def _tell(self, claim: Claim, now: datetime) -> None:
        """Calls that wait for it decide again; one that is not told finds out in some minutes."""
        async with self._db.read() as session:
            calls = await answers.waiting_calls(session, claim.account_id, claim.endpoint, now)
        for call_id in calls:
            try:
                await self._signals.replan(call_id)
            except RPCError:
                log.warning("lookup.temporal_away", call_id=call_id)


def _pause_after(tries: int) -> timedelta:
    doublings = min(max(0, tries - 1), MOST_TRIES)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


async def _kept(write: Callable[[], Awaitable[None]]) -> bool:
    """Written down, however often it takes: what was paid for is not to be asked again."""
    end = time.monotonic() + KEPT_FOR
    while True:
        try:
            await write()
            return True
        except (SQLAlchemyError, OSError) as error:
            if time.monotonic() > end:
                log.warning("lookup.not_kept", error=type(error).__name__)
                return False
        await asyncio.sleep(0.5)
