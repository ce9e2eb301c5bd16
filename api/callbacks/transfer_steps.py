"""A transfer on a live leg: the target is dialed, told whom it gets, and the pathway goes on after.

The carrier drives it: each of its requests is answered by what the ledger of transfers says, so a
request that comes twice is answered alike, and one that never comes is made up for by the sweep.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from api.callbacks.attempt_updates import CallbackLeg, UnknownToken, bound, may_tell
from api.callbacks.voice_response import HANG_UP, VoiceReply, VoiceResponder, found_leg
from policy.calls.attempt_lifecycle import is_left_to_machine
from policy.model.template import render_text
from policy.transfers.targets import (
    ACCEPT_KEY,
    MOST_OF_LEG,
    TransferSource,
    TransferState,
)
from storage.attempts import attempts
from storage.attempts.callback_legs import SpeakingLeg
from storage.database.changes import write_changes
from storage.tables import Attempt, Call, JsonObject, Transfer, TransferTarget
from storage.transfers import targets, transfers
from storage.transfers.transfers import Ended, Wish
from telephony.events import CarrierEvent, GatherInput, TargetNews, TransferUrls
from telephony.twilio.callbacks import callback_urls, transfer_urls
from telephony.twiml import documents as twiml
from telephony.twiml import transfers as transfer_twiml
from telephony.twiml.transfers import TargetDial
from telephony.twiml.verbs import AGENT_NODE, Passage

log = structlog.get_logger("trunkline.api")

#: So long an AI agent may not have heard that a transfer which it asked for was missed.
LATE_NEWS = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class TransferSteps:
    """`voice` says what a leg hears where it is put through to nobody, or not any more."""

    voice: VoiceResponder

    async def begin(
        self,
        session: AsyncSession,
        token: str,
        event: CarrierEvent,
        node: str,
        passage: Passage,
        now: datetime,
    ) -> VoiceReply:
        """The leg has heard what was to be said before, and asks to be put through."""
        speaks = await found_leg(session, token)
        leg = await bound(session, speaks, event, now)
        if not leg.may_speak:
            return HANG_UP
        kept = self.kept_for_message(leg)
        if kept is not None:
            return kept
        row = await _asked(session, leg, speaks, node, passage, now)
        if row is None:
            return HANG_UP
        if row.state.is_over:
            return await self.after(session, leg, speaks, row, passage, now)
        target = await targets.named(session, leg.call.account_id, row.target_name)
        if row.state is TransferState.ASKED:
            # An AI agent may have asked for it a while ago.
            reason = await transfers.absence(session, leg.call, target, now)
            if reason is not None:
                await transfers.miss(session, leg.call, leg.attempt, row, reason, now)
                return await self.after(session, leg, speaks, row, passage, now)
            transfers.begin(row, now, is_warm=target is not None and target.warm)
        if target is None and not row.is_warm:
            return HANG_UP
        await session.flush()
        await write_changes(session, leg.call, leg.attempt)
        if row.is_warm or target is None:
            urls = self.urls(leg.attempt, row)
            return VoiceReply(transfer_twiml.fetched(urls.hold))
        return VoiceReply(transfer_twiml.put_through(self._dial(leg.attempt, row, target, passage)))

    def kept_for_message(self, leg: CallbackLeg) -> VoiceReply | None:
        """A machine that was found out late is kept on the line for its message, and nobody is put
        through; None: it is none.
        """
        attempt, heard_person = leg.attempt, leg.attempt.person_at is not None
        if not is_left_to_machine(attempt.answered_by, heard_person=heard_person):
            return None
        voice = callback_urls(self.voice.public_url, attempt.token).voice
        return VoiceReply(twiml.hold(voice, 0))

    def urls(self, attempt: Attempt, row: Transfer) -> TransferUrls:
        """Where the carrier asks and tells about it."""
        return self.urls_of(attempt.token, row.transfer_id)

    def urls_of(self, token: str, transfer_id: str) -> TransferUrls:
        """The same by what stands in them."""
        return transfer_urls(self.voice.public_url, token, transfer_id)

    def _dial(
        self, attempt: Attempt, row: Transfer, target: TransferTarget, passage: Passage
    ) -> TargetDial:
        urls = self.urls(attempt, row)
        return TargetDial(
            to=target.endpoint,
            caller_id=attempt.from_endpoint,
            ring_seconds=target.ring_seconds,
            over_url=f"{urls.over}?turns={passage.turns}",
            whisper_url=urls.whisper,
            status_url=urls.target,
        )

    async def whisper(
        self, session: AsyncSession, token: str, transfer_id: str, news: TargetNews, now: datetime
    ) -> str:
        """Somebody, or something, has answered for the target: what they are told first."""
        call, attempt, row = await of_target(session, token, transfer_id, news)
        if row.state is TransferState.CONNECTED and row.leg_sid == news.sid and not row.is_warm:
            # The answer to the first request was lost: they are bridged all the same.
            return twiml.nothing()
        if row.state is not TransferState.DIALING or not is_its_leg(row, news):
            return twiml.hangup()
        row.leg_sid, row.answered_at = news.sid, row.answered_at or now
        target = await targets.named(session, call.account_id, row.target_name)
        text, needs_key = whispered(call.context, row, target), _needs_key(row, target)
        if not text and not needs_key:
            await transfers.connect(session, call, row, now)
            return twiml.nothing()
        await session.flush()
        key = ACCEPT_KEY if needs_key else None
        return transfer_twiml.whisper(text, self.urls(attempt, row).taken, key=key)

    async def taken(
        self, session: AsyncSession, token: str, transfer_id: str, news: TargetNews, now: datetime
    ) -> str:
        """They have heard it out, or pressed a key: the callee comes next, or they are let go."""
        call, attempt, row = await of_target(session, token, transfer_id, news)
        if row.state.is_over or not is_its_leg(row, news):
            return twiml.hangup()
        target = await targets.named(session, call.account_id, row.target_name)
        if _needs_key(row, target) and news.digits != ACCEPT_KEY:
            return twiml.hangup()
        if row.is_warm:
            # The callee is fetched; meanwhile they wait for each other.
            row.leg_sid, row.taken_at = news.sid, row.taken_at or now
            await session.flush()
            return transfer_twiml.held_target(self.urls(attempt, row).enter, is_first=True)
        await transfers.connect(session, call, row, now)
        return twiml.nothing()

    async def over(
        self,
        session: AsyncSession,
        token: str,
        transfer_id: str,
        news: TargetNews,
        passage: Passage,
        now: datetime,
    ) -> VoiceReply:
        """The target's leg is over, and the callee may still be there."""
        speaks = await found_leg(session, token)
        assert news.parent is not None
        event = GatherInput(news.parent, signed_by=news.signed_by)
        leg = await bound(session, speaks, event, now)
        row = await transfers.get(session, leg.attempt, transfer_id)
        if row is None or not leg.is_bound:
            return HANG_UP
        await transfers.end(session, leg.call, leg.attempt, row, _ended(news, row), now)
        if not leg.may_speak:
            return HANG_UP
        return await self.after(session, leg, speaks, row, passage, now)

    async def target_ended(
        self, session: AsyncSession, token: str, transfer_id: str, news: TargetNews, now: datetime
    ) -> None:
        """The target's own leg was begun or has ended: told apart from the callee's."""
        call, attempt, row = await of_target(session, token, transfer_id, news)
        if not is_its_leg(row, news):
            log.warning("second_target_leg", call_id=call.call_id, attempt=attempt.number)
            return
        if news.status == "completed" and row.connected_at is None and not _is_declined(row):
            # Whether they were bridged, the callee's leg is told; or it is found out later.
            await transfers.price(session, call, attempt, row, news.duration)
        elif news.status in _TERMINAL:
            ended = Ended(news.status, news.was_bridged, news.duration, news.sid)
            await transfers.end(session, call, attempt, row, ended, now)
        else:
            row.leg_sid = news.sid
            await session.flush()

    async def after(
        self,
        session: AsyncSession,
        leg: CallbackLeg,
        speaks: SpeakingLeg,
        row: Transfer,
        passage: Passage,
        now: datetime,
    ) -> VoiceReply:
        """Where the pathway goes on; an AI agent takes over again and is told what became of it."""
        row.returned_at = row.returned_at or now
        onward = passage.after(row.node)
        if onward.is_last or speaks.pathway is None:
            return HANG_UP
        await session.flush()
        await write_changes(session, leg.call, leg.attempt)
        missed = row.state is TransferState.MISSED
        if row.source is TransferSource.AGENT:
            said = str(row.reason) if missed and row.reason else "over"
            return await self.voice.speak(
                session, leg, speaks, AGENT_NODE, now, onward, transfer=said
            )
        step = (speaks.pathway.definition.get("nodes") or {}).get(row.node) or {}
        node = step.get("otherwise" if missed else "next")
        if node is None:
            return HANG_UP
        return await self.voice.speak(session, leg, speaks, node, now, onward)


#: Of a target's own leg.
_TERMINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


async def _asked(
    session: AsyncSession,
    leg: CallbackLeg,
    speaks: SpeakingLeg,
    node: str,
    passage: Passage,
    now: datetime,
) -> Transfer | None:
    """The transfer of this place, entered if it is not; None: there is none to make."""
    if node == AGENT_NODE:
        found = await transfers.of_attempt(session, leg.attempt)
        mine = [one for one in found if one.source is TransferSource.AGENT]
        return next((one for one in reversed(mine) if _is_waited_for(one, now)), None)
    place = f"{passage.turns}:{node}"
    found_row = await transfers.at(session, leg.attempt, place)
    if found_row is not None:
        return found_row
    definition = speaks.pathway.definition if speaks.pathway else {}
    name = ((definition.get("nodes") or {}).get(node) or {}).get("target")
    if name is None or len(await transfers.of_attempt(session, leg.attempt)) >= MOST_OF_LEG:
        return None
    target = await targets.named(session, leg.call.account_id, name)
    wish = Wish(place, node, name, TransferSource.PATHWAY)
    return await transfers.ask(session, leg.call, leg.attempt, wish, target, now)


def _is_waited_for(row: Transfer, now: datetime) -> bool:
    """Whether an AI agent that lets go of the leg does it for this one.

    Of a warm one it may not have heard yet that it has just been missed.
    """
    if not row.state.is_over:
        return True
    is_news = row.ended_at is not None and now - row.ended_at < LATE_NEWS
    return row.is_warm and row.returned_at is None and is_news


async def of_target(
    session: AsyncSession, token: str, transfer_id: str, news: TargetNews
) -> tuple[Call, Attempt, Transfer]:
    """What a target's own leg speaks of, held; raises UnknownToken for what is not its own."""
    held = await attempts.hold_by_token(session, token)
    if held is None:
        raise UnknownToken
    call, attempt = held
    is_childs = news.parent is None or news.parent == attempt.carrier_sid
    row = await transfers.get(session, attempt, transfer_id)
    if row is None or not is_childs or not may_tell(news, attempt):
        raise UnknownToken
    return call, attempt, row


def is_its_leg(row: Transfer, news: TargetNews) -> bool:
    """Of one transfer one leg is dialed: no other may speak for it."""
    return row.leg_sid is None or row.leg_sid == news.sid


def _needs_key(row: Transfer, target: TransferTarget | None) -> bool:
    """A warm one is always taken with the key: a mailbox would keep the callee from everybody."""
    return row.is_warm or (target is not None and target.needs_key)


def _is_declined(row: Transfer) -> bool:
    """Whether a target's leg that is over has surely not met the callee: nobody went there."""
    return row.is_warm and row.joined_at is None


def _ended(news: TargetNews, row: Transfer) -> Ended:
    """How a Dial ended for the callee. A conference is left when it ends: the other one was there.

    The carrier knows of no leg that was dialed then, and says `answered`.
    """
    if row.is_warm and news.status in _MET:
        return Ended("completed", was_bridged=True)
    return Ended(news.status, news.was_bridged, news.duration, news.sid)


_MET = frozenset({"answered", "completed"})


def whispered(context: JsonObject, row: Transfer, target: TransferTarget | None) -> str:
    """The target's own words, filled in, and the AI agent's after them."""
    own = render_text(target.whisper, context) if target is not None and target.whisper else ""
    return " ".join(filter(None, (own, row.whisper)))
