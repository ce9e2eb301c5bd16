"""A warm transfer: both legs wait in documents of ours until the other is there, then they meet.

Each request is answered by the row alone, and by the times that policy sets: nobody waits for ever,
whichever of our processes is gone.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from api.callbacks.attempt_updates import UnknownToken, bound, may_tell
from api.callbacks.transfer_steps import TransferSteps, is_its_leg, of_target
from api.callbacks.voice_response import HANG_UP, ToDial, VoiceReply, found_leg
from policy.model.template import render_text
from policy.transfers.targets import TransferState
from policy.transfers.warm_legs import overdue
from storage.attempts import attempts
from storage.database.changes import write_changes
from storage.tables import Attempt, Call, Transfer
from storage.transfers import targets, transfers
from storage.transfers.warm_transfers import WarmFile
from telephony.events import CarrierEvent, ConferenceNews, TargetNews
from telephony.twiml import documents as twiml
from telephony.twiml import transfers as transfer_twiml
from telephony.twiml.transfers import Room
from telephony.twiml.verbs import Passage

#: Both are in the conference.
_BEGUN = "conference-start"


@dataclass(frozen=True, slots=True)
class WarmSteps:
    """`steps` says what a leg hears where a transfer is over."""

    steps: TransferSteps

    async def hold(
        self,
        session: AsyncSession,
        token: str,
        transfer_id: str,
        event: CarrierEvent,
        held: int,
        now: datetime,
    ) -> VoiceReply:
        """The callee's leg asks how it goes on: it waits, meets the target, or goes on without."""
        speaks = await found_leg(session, token)
        leg = await bound(session, speaks, event, now)
        row = await transfers.get(session, leg.attempt, transfer_id)
        if row is None or not row.is_warm or not leg.may_speak:
            return HANG_UP
        kept = self.steps.kept_for_message(leg)
        if kept is not None:
            return kept
        file = await _file(session, leg.call, leg.attempt, row)
        await _give_up_late(session, file, now)
        if row.state.is_over:
            return await self.steps.after(session, leg, speaks, row, passage_of(row), now)
        row.waiting_since = row.waiting_since or now
        if row.taken_at is None:
            document = self._held(file, held)
        else:
            row.joined_at = row.joined_at or now
            over = f"{self.steps.urls(leg.attempt, row).over}?turns={passage_of(row).turns}"
            document = transfer_twiml.conference(self._room(file, over), starts=False)
        await session.flush()
        await write_changes(session, leg.call, leg.attempt)
        is_undialed = row.state is TransferState.DIALING and row.sending_at is None
        to_dial = ToDial(row.call_id, row.transfer_id) if is_undialed else None
        return VoiceReply(document, to_dial=to_dial)

    def _held(self, file: WarmFile, held: int) -> str:
        """Words, and music, until they are asked for again."""
        target = file.target
        return transfer_twiml.held_callee(
            f"{self.steps.urls(file.attempt, file.row).hold}?held={held + 1}",
            _said(file, target.hold_text if target else None) or transfer_twiml.WAITING_TEXT,
            target.hold_music if target else None,
            is_first=held == 0,
        )

    def _room(self, file: WarmFile, over_url: str | None = None) -> Room:
        urls = self.steps.urls(file.attempt, file.row)
        return Room(file.row.transfer_id, urls.wait, urls.conference, file.introduction, over_url)

    async def enter(
        self, session: AsyncSession, token: str, transfer_id: str, news: TargetNews, now: datetime
    ) -> str:
        """Whoever took the call waits for the callee, and goes to them once they are there."""
        call, attempt, row = await of_target(session, token, transfer_id, news)
        if not is_its_leg(row, news) or row.taken_at is None:
            return twiml.hangup()
        file = await _file(session, call, attempt, row)
        await _give_up_late(session, file, now)
        if row.state.is_over or not file.callee_is_there:
            return twiml.say_and_hang_up(transfer_twiml.GONE_TEXT)
        if row.joined_at is None:
            again = self.steps.urls(attempt, row).enter
            return transfer_twiml.held_target(again, is_first=False)
        return transfer_twiml.conference(self._room(file), starts=True)

    async def met(
        self,
        session: AsyncSession,
        token: str,
        transfer_id: str,
        news: ConferenceNews,
        now: datetime,
    ) -> None:
        """The carrier tells that both are in the conference."""
        held = await attempts.hold_by_token(session, token)
        if held is None or not may_tell(news, held[1]):
            raise UnknownToken
        call, attempt = held
        row = await transfers.get(session, attempt, transfer_id)
        if row is None or row.taken_at is None or news.event != _BEGUN:
            return
        await transfers.connect(session, call, row, now)

    def waiting_room(self, token: str, transfer_id: str) -> str:
        """Who is in the conference first; what is heard there depends on nobody."""
        return transfer_twiml.waiting_room(self.steps.urls_of(token, transfer_id).wait)


def passage_of(row: Transfer) -> Passage:
    """How far the leg had come where it was asked for: the place says it.

    A script's place is `turns:node`, an AI agent's `agent:` and how manieth it is.
    """
    first, _, second = row.place.partition(":")
    return Passage(int(first if first.isdigit() else second))


async def _file(session: AsyncSession, call: Call, attempt: Attempt, row: Transfer) -> WarmFile:
    target = await targets.named(session, call.account_id, row.target_name)
    return WarmFile(call, attempt, row, target)


async def _give_up_late(session: AsyncSession, file: WarmFile, now: datetime) -> None:
    """What nobody has attended to in time, because nobody of ours was there to."""
    row = file.row
    reason = overdue(file.leg, now) if row.state is TransferState.DIALING else None
    if reason is not None:
        await transfers.miss(session, file.call, file.attempt, row, reason, now)


def _said(file: WarmFile, text: str | None) -> str:
    return render_text(text, file.call.context) if text else ""
