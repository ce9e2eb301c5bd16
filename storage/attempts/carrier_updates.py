"""The dial ledger from the carrier's answer on: news in any order, twice, late or never.

What the columns end up with does not depend on the order in which the news came.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calls.attempt_lifecycle import (
    Hold,
    LegEvent,
    advance,
    event_of,
    is_left_to_machine,
    is_machine,
    result_of,
    was_unserved,
)
from policy.model.call import AttemptState
from storage.analytics.recount import mark
from storage.attempts import costs, recording_removals
from storage.attempts.dial_ledger import UNRESOLVED, show_progress
from storage.database.changes import write_changes
from storage.database.locks import lock_attempt
from storage.events.event_log import EventType, append
from storage.tables import Attempt, Call, JsonObject


@dataclass(frozen=True, slots=True)
class CarrierUpdate:
    """What a carrier says about a leg: `status` in Twilio's words, `at` by its clock."""

    status: str
    answered_by: str | None = None
    duration: int | None = None
    at: datetime | None = None
    #: Of the response that ended the leg.
    sip_code: int | None = None


@dataclass(frozen=True, slots=True)
class AttemptChange:
    """What became true by one update; all False for one that is late or came before."""

    ended: bool = False
    answered: bool = False
    #: An attempt whose fate was open turned out to have a leg.
    bound: bool = False


async def apply_carrier_event(
    session: AsyncSession,
    attempt: Attempt,
    event: CarrierUpdate,
    now: datetime,
    rates: JsonObject | None = None,
) -> AttemptChange:
    """Writes the news into the ledger and says what of it is new.

    `rates`: the account's, if they are known; they are needed at a leg's end.
    """
    call, attempt = await lock_attempt(session, attempt)
    news = event_of(event.status)
    if news is None:
        return AttemptChange()
    before = attempt.state
    attempt.state = advance(before, news)
    _note(attempt, event, news, now)
    _derive_result(attempt)
    show_progress(call, attempt)
    if attempt.state is not before:
        await _tell(session, call, attempt, now)
    if _reached(AttemptState.ENDED, before, attempt):
        # The ledger's line is written once, with its cost.
        with session.no_autoflush:
            await costs.reckon(session, call, attempt, rates)
    if attempt.settled_at is not None:
        # Late news may change a cost or a duration that is counted already.
        await mark(session, call)
    await write_changes(session, call, attempt)
    return AttemptChange(
        ended=_reached(AttemptState.ENDED, before, attempt),
        answered=_reached(AttemptState.ANSWERED, before, attempt),
        bound=before in UNRESOLVED and attempt.state not in UNRESOLVED,
    )


def _reached(state: AttemptState, before: AttemptState, attempt: Attempt) -> bool:
    return attempt.state is state and before is not state


def _note(attempt: Attempt, event: CarrierUpdate, news: LegEvent, now: datetime) -> None:
    # The carrier tells whole seconds: no leg rang before it was sent.
    at = max(event.at or now, attempt.sending_at or now)
    if news is LegEvent.RINGING:
        attempt.ringing_at = attempt.ringing_at or at
    if news is LegEvent.ANSWERED:
        attempt.answered_at = attempt.answered_at or at
    if attempt.state is AttemptState.ENDED and attempt.ended_at is None:
        attempt.ended_at = at
    if attempt.ended_at is None or news is LegEvent.ENDED:
        _note_status(attempt, event, news)
    attempt.sent_at = attempt.sent_at or now
    if news is LegEvent.ENDED:
        # Of a live leg only `apply_answered_by` tells, or the verdict would no more be news to it.
        attempt.answered_by = attempt.answered_by or event.answered_by


def _note_status(attempt: Attempt, event: CarrierUpdate, news: LegEvent) -> None:
    has_ended = attempt.carrier_status is not None and (
        event_of(attempt.carrier_status) is LegEvent.ENDED
    )
    if not has_ended and news.value == attempt.state.value:
        attempt.carrier_status = event.status
    if news is LegEvent.ENDED and attempt.duration_seconds is None:
        attempt.duration_seconds = event.duration
    if news is LegEvent.ENDED and attempt.sip_code is None:
        attempt.sip_code = event.sip_code


def _derive_result(attempt: Attempt) -> None:
    """The result follows the evidence until the attempt is settled, and never after."""
    if attempt.state is not AttemptState.ENDED or attempt.settled_at is not None:
        return
    was_served = not _is_unserved(attempt)
    # The callback of the answer may have been lost; nobody talks for a while unanswered.
    was_answered = attempt.answered_at is not None or bool(attempt.duration_seconds)
    attempt.result = result_of(
        attempt.carrier_status or "completed",
        was_answered and was_served,
        attempt.answered_by if was_served or is_machine(attempt.answered_by) else None,
        attempt.sip_code,
        heard_person=attempt.person_at is not None,
        was_asked=attempt.end_asked_at is not None,
    )


def _is_unserved(attempt: Attempt) -> bool:
    """Whether the leg was over before, or without, hearing anything of ours."""
    if attempt.served_at is not None or attempt.end_asked_at is not None:
        return False
    return was_unserved(
        attempt.duration_seconds,
        hold=_hold_of(attempt),
        has_fallback=attempt.has_fallback,
    )


def _hold_of(attempt: Attempt) -> Hold | None:
    if attempt.held_seconds is None or attempt.held_at is None or attempt.ended_at is None:
        return None
    return Hold(attempt.held_seconds, attempt.ended_at - attempt.held_at)


_EVENT_OF_STATE = {
    AttemptState.RINGING: EventType.RINGING,
    AttemptState.ANSWERED: EventType.ANSWERED,
    AttemptState.ENDED: EventType.ATTEMPT_ENDED,
}


async def _tell(session: AsyncSession, call: Call, attempt: Attempt, now: datetime) -> None:
    type_ = _EVENT_OF_STATE.get(attempt.state)
    if type_ is None:
        return
    data: dict[str, object] = {"attempt": attempt.number}
    if attempt.state is AttemptState.ENDED:
        data["carrierStatus"] = attempt.carrier_status
        data["sipCode"] = attempt.sip_code
        data["durationSeconds"] = attempt.duration_seconds
    await append(session, call, type_, now, data)


async def apply_answered_by(
    session: AsyncSession, attempt: Attempt, answered_by: str, now: datetime
) -> bool:
    """Records who answered; True as long as a machine waits for what the call has for it."""
    call, attempt = await lock_attempt(session, attempt)
    if attempt.answered_by is None:
        attempt.answered_by = answered_by
        _derive_result(attempt)
        if awaits_voicemail(attempt):
            await append(session, call, EventType.VOICEMAIL, now, {"attempt": attempt.number})
        await write_changes(session, call, attempt)
    return awaits_voicemail(attempt)


async def note_person(session: AsyncSession, attempt: Attempt, now: datetime) -> None:
    """Somebody pressed a key, spoke, or came to an outcome: no verdict makes them a machine."""
    if attempt.person_at is not None or attempt.settled_at is not None:
        return
    _, attempt = await lock_attempt(session, attempt)
    attempt.person_at = now
    _derive_result(attempt)


async def note_recording(
    session: AsyncSession, attempt: Attempt, sid: str | None, url: str, now: datetime
) -> None:
    """Where the recording is; told once. Of who was forgotten meanwhile it is deleted again."""
    call, attempt = await lock_attempt(session, attempt)
    if recording_removals.is_forgotten(call, attempt):
        assert attempt.carrier_sid is not None
        await recording_removals.schedule_leg(session, attempt.carrier_sid, now)
        return
    if attempt.recording_url == url:
        return
    attempt.recording_sid, attempt.recording_url = sid, url
    await append(session, call, EventType.RECORDING_READY, now, {"attempt": attempt.number})
    await write_changes(session, call, attempt)


def awaits_voicemail(attempt: Attempt) -> bool:
    """A machine is on the line and nothing was done about it yet, as far as is known."""
    is_open = attempt.settled_at is None and attempt.message_left is None
    return is_open and is_left_to_machine(
        attempt.answered_by, heard_person=attempt.person_at is not None
    )
