"""What a carrier's callback does: the ledger first, in one transaction; then the news.

Every function may run twice, late or in any order: `storage.attempts.attempts` is monotone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.calls import CarrierNews, NewsKind
from policy.calls.attempt_lifecycle import FINAL_STATES
from storage.attempts import attempts, callback_legs
from storage.attempts.attempts import CarrierUpdate
from storage.attempts.callback_legs import HeldLeg
from storage.tables import Attempt, Call, JsonObject
from telephony.events import CarrierEvent, ConferenceNews, GatherInput, TargetNews

#: How far from our clock the time of a callback may be; it is repeated for minutes, at most.
FARTHEST = timedelta(days=1)

log = structlog.get_logger("trunkline.api")


class UnknownToken(Exception):
    """No attempt has this token."""


@dataclass(frozen=True, slots=True)
class CallbackLeg:
    """A callback's attempt, locked, and whether the callback's sid is its own."""

    call: Call
    attempt: Attempt
    is_bound: bool

    @property
    def may_speak(self) -> bool:
        """The admission gate: the bound leg of an attempt that is still open."""
        is_open = self.attempt.settled_at is None and self.attempt.state not in FINAL_STATES
        return self.is_bound and is_open and not self.call.status.is_final

    def news(self, kind: NewsKind) -> CarrierNews:
        return CarrierNews(self.attempt.number, kind)


@dataclass(frozen=True, slots=True)
class AttemptUpdate:
    """What is left to tell the workflow after a callback was written down."""

    call_id: str
    news: list[CarrierNews]


async def bound(
    session: AsyncSession, held: HeldLeg, event: CarrierEvent | GatherInput, now: datetime
) -> CallbackLeg:
    """The leg, bound to the event's sid if it has none yet.

    Raises UnknownToken for what another account at the carrier has signed.
    """
    call, attempt, sid = held.call, held.attempt, event.sid
    if not may_tell(event, attempt):
        raise UnknownToken
    is_bound = attempt.carrier_sid == sid or await attempts.bind(session, attempt, sid, now)
    if not is_bound:
        log.warning("second_leg", call_id=call.call_id, attempt=attempt.number)
    return CallbackLeg(call, attempt, is_bound)


def may_tell(
    event: CarrierEvent | ConferenceNews | GatherInput | TargetNews, attempt: Attempt
) -> bool:
    """Whether whose token signed it has the attempt."""
    if event.signed_by is None:
        return attempt.carrier_account_id is None
    return attempt.carrier_account_id in event.signed_by


async def _located(
    session: AsyncSession, token: str, event: CarrierEvent, now: datetime
) -> tuple[CallbackLeg, JsonObject]:
    """The leg of a token and its account's rates; raises UnknownToken."""
    held = await callback_legs.with_rates(session, token)
    if held is None:
        raise UnknownToken
    return await bound(session, held, event, now), held.rates


async def progress(
    session: AsyncSession, token: str, event: CarrierEvent, now: datetime
) -> AttemptUpdate:
    """A status callback."""
    leg, rates = await _located(session, token, event, now)
    if event.unknown_status is not None:
        log.warning(
            "unknown_carrier_status",
            call_id=leg.call.call_id,
            attempt=leg.attempt.number,
            status=event.unknown_status,
        )
    if not leg.is_bound or event.status is None:
        return AttemptUpdate(leg.call.call_id, [])
    update = update_of(event, now)
    change = await attempts.apply_carrier_event(session, leg.attempt, update, now, rates)
    ended = [leg.news(NewsKind.ENDED)] if change.ended else []
    return AttemptUpdate(leg.call.call_id, ended)


async def verdict(
    session: AsyncSession, token: str, event: CarrierEvent, now: datetime
) -> AttemptUpdate:
    """Machine detection's answer; it may come after the call has ended."""
    leg, _ = await _located(session, token, event, now)
    if not leg.is_bound or event.answered_by is None:
        return AttemptUpdate(leg.call.call_id, [])
    is_first = await attempts.apply_answered_by(session, leg.attempt, event.answered_by, now)
    machine = [leg.news(NewsKind.MACHINE)] if is_first and leg.may_speak else []
    return AttemptUpdate(leg.call.call_id, machine)


async def recorded(
    session: AsyncSession, token: str, event: CarrierEvent, now: datetime
) -> AttemptUpdate:
    """A recording is there, or will not be."""
    leg, _ = await _located(session, token, event, now)
    if leg.is_bound and event.recording_url is not None:
        await attempts.note_recording(
            session, leg.attempt, event.recording_sid, event.recording_url, now
        )
    return AttemptUpdate(leg.call.call_id, [])


def update_of(event: CarrierEvent, now: datetime) -> CarrierUpdate:
    """A callback as the ledger takes it; a time that is not of today is none."""
    assert event.status is not None
    is_of_today = event.at is not None and abs(event.at - now) < FARTHEST
    return CarrierUpdate(
        status=event.status.value,
        answered_by=event.answered_by,
        duration=event.duration,
        at=event.at if is_of_today else None,
        sip_code=event.sip_code,
    )
