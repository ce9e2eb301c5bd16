"""Sends the texts of campaigns: each once, when the rules let it, or not at all."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.clearances import wanted
from activities.clock import utcnow
from policy.accounts.pricing import rates_of
from policy.campaigns.preflight import VerdictKind
from policy.campaigns.steps import Step, TextResult
from policy.campaigns.texts import OPTED_OUT, may_send, segments, with_opt_out
from policy.model.call import CampaignStatus
from policy.model.reasons import Reason
from policy.model.template import render_text
from storage.attempts import costs
from storage.calls import calls
from storage.campaigns import campaigns
from storage.carriers.credentials import CredentialBook, Disabled
from storage.compliance.opt_out import OPT_OUT_SOURCE, opt_out
from storage.database.engine import Database
from storage.database.locks import lock_account
from storage.dispatch import dialing_pause
from storage.facts.gather import FactGatherer
from storage.follow_ups import texts
from storage.follow_ups.step_specs import steps_of
from storage.number_hash import ERASED
from storage.tables import Account, Call, OutgoingText, specs
from telephony.errors import Ambiguous, CarrierError, Rejected, RejectedClass
from telephony.port import Carrier, TextRequest
from telephony.twilio.callbacks import text_status_url

log = structlog.get_logger(__name__)

#: Texts of one turn, and for how long it begins new ones; the next turn comes seconds later. A
#: carrier that hangs must not keep the sweep from what calls wait for.
PAGE = 50
TURN_SECONDS = 10.0
#: A text that waits for something without a known end is looked at again after this.
LOOK_AGAIN = timedelta(minutes=15)
HELD_FOR = timedelta(minutes=1)
#: What is told when it may go is looked at once in this time all the same.
LONGEST_REST = timedelta(days=1)
_RESULTS: Mapping[RejectedClass, TextResult] = {RejectedClass.NUMBER: TextResult.REFUSED}
_PASSING = frozenset({RejectedClass.THROTTLED, RejectedClass.CAPACITY, RejectedClass.ACCOUNT})


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A text that nobody else sends. `is_probe`: it tries if the carrier takes requests again."""

    request: TextRequest
    is_probe: bool = False


@dataclass(frozen=True, slots=True)
class TextSender:
    """`book`: which account at the carrier has a number; None: the installation's own has all."""

    db: Database
    carrier: Carrier
    gatherer: FactGatherer
    public_url: str
    book: CredentialBook | None = None

    async def turn(self) -> None:
        """All that is due, a page of it, as far as the time goes."""
        ends = time.monotonic() + TURN_SECONDS
        async with self.db.read() as session:
            found = await texts.due(session, utcnow(), PAGE)
        for text_id in found:
            if time.monotonic() >= ends:
                return
            await self._isolated(text_id)

    async def _isolated(self, text_id: str) -> None:
        """One text that cannot be judged does not keep those behind it from being sent."""
        try:
            claimed = await self._claim(text_id)
            if claimed is not None:
                await self._send(text_id, claimed)
        except Exception as error:  # whatever it is: who is being sent to stays claimed
            log.warning("text.turn", text_id=text_id, error=type(error).__name__)

    async def _claim(self, text_id: str) -> _Claimed | None:
        """The text to send, which nobody sends from here on but us; None: it is not to be sent."""
        async with self.db.write() as session:
            row = await texts.load(session, text_id)
            call = None if row is None else await calls.lock(session, row.call_id)
            text = await texts.load(session, text_id)
            now = utcnow()
            if call is None or text is None or text.due_at > now:
                return None
            if text.state == texts.SENDING:
                texts.end(session, text, TextResult.UNKNOWN, "sender_lost")
                return None
            if text.state != texts.DUE:
                return None
            return await self._judged(session, text, call, now)

    async def _judged(
        self, session: AsyncSession, text: OutgoingText, call: Call, now: datetime
    ) -> _Claimed | None:
        campaign = await campaigns.load(session, text.campaign_id)
        step = None
        if campaign is not None and campaign.steps_spec is not None:
            step = steps_of(campaign.steps_spec).get(text.step)
        if campaign is None or step is None or campaign.status is CampaignStatus.CANCELED:
            texts.end(session, text, TextResult.REFUSED, "campaign_canceled")
            return None
        if call.endpoint.startswith(ERASED):
            texts.end(session, text, TextResult.REFUSED, "erased")
            return None
        if not call.kept:
            texts.end(session, text, TextResult.REFUSED, "not_kept")
            return None
        if campaign.status is not CampaignStatus.RUNNING:
            texts.put_off(session, text, now + LOOK_AGAIN, texts.CAMPAIGN_PAUSED)
            return None
        facts = await self.gatherer.gather(session, call, now)
        consent = specs.stated_consent(None if step.consent is None else dict(step.consent))
        found = may_send(facts, consent, now)
        if found.kind is VerdictKind.REFUSED:
            texts.end(session, text, TextResult.REFUSED, found.reason)
        elif found.kind is VerdictKind.LATER:
            if found.reason == Reason.CLEARANCE_PENDING:
                # The call is over, and asks for nothing any more.
                await wanted.want(session, call, facts, now, now)
            texts.put_off(session, text, found.next_at or now + LOOK_AGAIN, found.reason)
        else:
            return await self._paid(session, text, call, step, now)
        return None

    async def _paid(
        self, session: AsyncSession, text: OutgoingText, call: Call, step: Step, now: datetime
    ) -> _Claimed | None:
        """Counts the text as sent before it is: a limit is not passed by what is under way."""
        account = await lock_account(session, call.account_id)
        assert account is not None
        # Under the account's lock: of two senders at a limit the second sees what the first spent.
        if await costs.is_broke(session, call.account_id, text.campaign_id):
            texts.put_off(session, text, now + LOOK_AGAIN, "spend_limit")
            return None
        try:
            request = await self._request(session, account, text, call, step)
        except Disabled:
            # Whoever enables it has it go at once.
            texts.put_off(session, text, now + LONGEST_REST, Reason.CALLER_ID_BARRED)
            return None
        if is_paused := account.paused_since is not None:
            if not await dialing_pause.probes_left(session, account, now):
                texts.put_off(session, text, now + HELD_FOR, Reason.DIALING_PAUSED)
                return None
            dialing_pause.note_probe(session, account, call.call_id)
            # A text has no lease by which others see it try.
            account.probe_at = now + texts.FATE_AFTER
        cost = segments(request.body) * rates_of(account.rates).text_segment
        texts.begin_sending(session, text, now, cost)
        await costs.spend(session, call.account_id, text.campaign_id, cost)
        return _Claimed(request, is_paused)

    async def _request(
        self, session: AsyncSession, account: Account, text: OutgoingText, call: Call, step: Step
    ) -> TextRequest:
        at = await self.book.for_dial(session, account, call.caller_id) if self.book else None
        body = with_opt_out(render_text(step.text, call.context))
        told_at = text_status_url(self.public_url, text.text_id)
        return TextRequest(call.endpoint, call.caller_id, body, told_at, at)

    async def _send(self, text_id: str, claimed: _Claimed) -> None:
        """One request. What is surely not sent, for no fault of the text, is tried again later."""
        try:
            sid = await self.carrier.send_text(claimed.request)
        except CarrierError as error:
            await self._failed(text_id, error, claimed)
            return
        async with self.db.write() as session:
            text, call = await self._held(session, text_id)
            # Else the carrier has told already what became of it.
            if text.state in (texts.SENDING, TextResult.UNKNOWN):
                texts.end(session, text, TextResult.SENT, sid=sid)
            if claimed.is_probe:
                await dialing_pause.taken(session, call, utcnow())

    async def _held(self, session: AsyncSession, text_id: str) -> tuple[OutgoingText, Call]:
        row = await texts.load(session, text_id)
        assert row is not None
        call = await calls.lock(session, row.call_id)
        text = await texts.load(session, text_id)
        assert call is not None
        assert text is not None
        return text, call

    async def _failed(self, text_id: str, error: CarrierError, claimed: _Claimed) -> None:
        log.warning("text.not_sent", text_id=text_id, code=error.code)
        async with self.db.write() as session:
            text, call = await self._held(session, text_id)
            await _tell_pause(session, call, error, claimed)
            if not isinstance(error, Ambiguous):
                await costs.spend(session, call.account_id, text.campaign_id, -(text.cost or 0))
                text.cost = None
            if error.code == OPTED_OUT and not call.endpoint.startswith(ERASED):
                # The sweep tells the calls that wait for this person.
                now = utcnow()
                await opt_out(session, call.account_id, call.endpoint, OPT_OUT_SOURCE, now)
            if text.state != texts.SENDING:
                # The carrier's callback came before this, or what follows did: so it stays.
                return
            if isinstance(error, Ambiguous):
                texts.end(session, text, TextResult.UNKNOWN, "ambiguous")
            elif not isinstance(error, Rejected) or error.reason in _PASSING:
                text.state = texts.DUE
                texts.put_off(session, text, utcnow() + HELD_FOR, "carrier_away")
            else:
                result = _RESULTS.get(error.reason, TextResult.FAILED)
                texts.end(session, text, result, f"carrier_{error.code}")


async def _tell_pause(
    session: AsyncSession, call: Call, error: CarrierError, claimed: _Claimed
) -> None:
    """What a refusal says of the account: as of a dial that was refused."""
    now = utcnow()
    if isinstance(error, Rejected) and error.reason is RejectedClass.ACCOUNT:
        why = {"status": error.status, "code": error.code}
        await dialing_pause.refused(session, call, str(error), now, **why)
    elif claimed.is_probe and isinstance(error, Rejected) and error.reason not in _PASSING:
        await dialing_pause.taken(session, call, now)
    elif claimed.is_probe:
        await dialing_pause.found_out_nothing(session, call, now)
