"""Warm transfers: what is due while a leg of ours is at the target and the callee stays with us.

Both wait in documents of ours, which are asked for again and again, and by the same times whoever
attends to the transfer and whoever answers the carrier give it up. Pure; takes `now`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from policy.transfers.targets import MissReason, TransferState

#: A dial that nobody has sent by then is not sent any more.
UNSENT_FOR = timedelta(seconds=20)
#: Twilio lets a phone ring five seconds longer than it is told; and then it has to tell.
RING_MARGIN = timedelta(seconds=10)
#: Whoever answers has heard what it is about, and taken the call, within so long.
TAKEN_WITHIN = timedelta(seconds=60)
#: Whoever has taken the call waits so long for the callee.
JOINED_WITHIN = timedelta(seconds=20)
#: What the carrier is told or asked takes effect within so long, or is told and asked again.
SETTLES_WITHIN = timedelta(seconds=5)
#: So few characters a second are said where the words are long ones, or a sign is a word.
_SLOWEST_SPEECH = 5
#: Who is not heard of so long after the end of a transfer is not waited for.
GIVEN_UP = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class WarmLeg:
    """A warm transfer as far as it has come.

    `sending_at`: when its one dial went out. `is_known`: its leg is. `taken_at`: when whoever
    answered took the call. `joined_at`: when the callee was sent to them. `waiting_since`: when the
    callee came to wait; None: an AI agent still talks with them. `returned_at`: when the callee was
    told how it goes on without a target. `introduced_within`: how long the introduction may take,
    which each hears before they meet.
    """

    state: TransferState
    ring_seconds: int
    asked_at: datetime
    sending_at: datetime | None = None
    is_known: bool = False
    answered_at: datetime | None = None
    taken_at: datetime | None = None
    joined_at: datetime | None = None
    waiting_since: datetime | None = None
    returned_at: datetime | None = None
    ended_at: datetime | None = None
    introduced_within: timedelta = timedelta()

    @property
    def rings_until(self) -> datetime | None:
        """When the carrier must have told of an answer or an end; None: it is not dialed yet."""
        if self.sending_at is None:
            return None
        return self.sending_at + timedelta(seconds=self.ring_seconds) + RING_MARGIN


class Duty(StrEnum):
    """What whoever attends to a transfer does next."""

    WAIT = "wait"
    #: Look for the leg in the carrier's list: nobody knows whether it was created.
    FIND = "find"
    #: Ask the carrier where the target's leg stands.
    ASK = "ask"
    #: Have the callee's leg ask how it goes on.
    FETCH = "fetch"
    #: Nobody is reached.
    MISS = "miss"
    #: Hang up the target's leg.
    END = "end"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class WarmStep:
    duty: Duty
    reason: MissReason | None = None


_WAIT, _DONE = WarmStep(Duty.WAIT), WarmStep(Duty.DONE)


def overdue(leg: WarmLeg, now: datetime) -> MissReason | None:
    """Why a target that has not come by now is given up; None: it may still come."""
    if leg.joined_at is not None:
        return None
    if leg.taken_at is not None:
        return MissReason.FAILED if now >= leg.taken_at + JOINED_WITHIN else None
    if leg.answered_at is not None:
        return MissReason.NOT_ACCEPTED if now >= leg.answered_at + TAKEN_WITHIN else None
    if leg.rings_until is None:
        return MissReason.FAILED if now >= leg.asked_at + UNSENT_FOR else None
    if now < leg.rings_until + SETTLES_WITHIN:
        return None
    return MissReason.NO_ANSWER if leg.is_known else MissReason.UNKNOWN


def spoken_within(text: str) -> timedelta:
    """How long it takes at most to say a text."""
    return timedelta(seconds=len(text) / _SLOWEST_SPEECH)


def have_met(leg: WarmLeg, now: datetime) -> bool:
    """Whether two who are on the line are surely together: neither hears the introduction still."""
    if leg.joined_at is None:
        return False
    return now >= leg.joined_at + leg.introduced_within + SETTLES_WITHIN


def next_step(
    leg: WarmLeg,
    now: datetime,
    *,
    callee_is_there: bool,
    quiet: timedelta,
    done: Collection[Duty] = (),
) -> WarmStep:
    """What is due. `quiet`: how long a lost leg is looked for. `done`: duties that were done a
    moment ago, and need not be done again now.
    """
    if leg.state.is_over:
        return _after(leg, now, callee_is_there, quiet, done)
    if leg.state is TransferState.CONNECTED:
        # The conference ends for both with whoever leaves it.
        return _DONE
    if not callee_is_there:
        return WarmStep(Duty.MISS, MissReason.HUNG_UP)
    given_up = overdue(leg, now)
    if given_up is not None:
        return WarmStep(Duty.MISS, given_up)
    duty = _due(leg, now)
    return _WAIT if duty in done else WarmStep(duty)


def _due(leg: WarmLeg, now: datetime) -> Duty:
    if leg.sending_at is None:
        return Duty.WAIT
    if not leg.is_known:
        return Duty.FIND
    if leg.joined_at is not None:
        # That both are there the carrier tells; where that is lost, it is asked.
        return Duty.ASK if now >= leg.joined_at + SETTLES_WITHIN else Duty.WAIT
    if leg.taken_at is not None:
        return Duty.FETCH
    rings_until = leg.rings_until
    is_silent = leg.answered_at is None and rings_until is not None and now >= rings_until
    return Duty.ASK if is_silent else Duty.WAIT


def _after(
    leg: WarmLeg, now: datetime, callee_is_there: bool, quiet: timedelta, done: Collection[Duty]
) -> WarmStep:
    """Nobody is reached: no leg is left at the target, and the callee hears how it goes on."""
    if leg.is_known and Duty.END not in done:
        return WarmStep(Duty.END)
    ended = leg.ended_at or now
    if callee_is_there and _waits(leg) and now < ended + GIVEN_UP:
        # Who comes out of a conference asks by itself.
        is_due = leg.joined_at is None or now >= ended + SETTLES_WITHIN
        return WarmStep(Duty.FETCH) if is_due and Duty.FETCH not in done else _WAIT
    is_lost = leg.sending_at is not None and not leg.is_known
    if is_lost and leg.sending_at is not None and now < leg.sending_at + quiet:
        return _WAIT if Duty.FIND in done else WarmStep(Duty.FIND)
    return _DONE


def _waits(leg: WarmLeg) -> bool:
    """Whether the callee is with neither a script, nor an AI agent, nor a target."""
    return leg.waiting_since is not None and leg.returned_at is None
