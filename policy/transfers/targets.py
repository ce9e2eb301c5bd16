"""Whom callees may be put through to, and what becomes of it. Pure; takes `now`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from policy.model.call import WeeklyWindow
from policy.time.windows import ZonedWindow, first_opening, openings

#: What a pathway and an AI agent know a target by.
TARGET_NAME = r"[a-z0-9][a-z0-9_-]{0,49}"
_NAME = re.compile(TARGET_NAME)
#: Of one leg: an AI that asks on and on rings no phone for ever.
MOST_OF_LEG = 10
#: Whoever answers for a target has so many seconds to take the call with the key.
KEY_SECONDS = 10
ACCEPT_KEY = "1"
#: How many targets a pathway of an AI agent names.
MOST_NAMED = 20


class TransferSource(StrEnum):
    """Who asked for it: a node of a script, or an AI agent over the API."""

    PATHWAY = "pathway"
    AGENT = "agent"


class TransferState(StrEnum):
    """Where a transfer stands. It only moves forward."""

    #: An AI agent has asked for it, and has not let go of the call yet.
    ASKED = "asked"
    DIALING = "dialing"
    CONNECTED = "connected"
    COMPLETED = "completed"
    MISSED = "missed"

    @property
    def is_over(self) -> bool:
        return self in (TransferState.COMPLETED, TransferState.MISSED)


class MissReason(StrEnum):
    """Why nobody was reached."""

    CLOSED = "closed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    #: Somebody, or a mailbox, answered and did not take the call.
    NOT_ACCEPTED = "not_accepted"
    #: The callee hung up before anybody was there.
    HUNG_UP = "hung_up"
    NO_SUCH_TARGET = "no_such_target"
    #: The account, or the campaign, has spent what it may.
    SPEND_LIMIT = "spend_limit"
    #: The campaign is held, or all dialing of the account is.
    PAUSED = "paused"
    #: The AI agent asked, and never let go of the call.
    NOT_TAKEN_UP = "not_taken_up"
    #: Nothing was heard of it; the call is over.
    UNKNOWN = "unknown"


#: Why nobody was reached, in a sentence.
WHY_MISSED: Mapping[MissReason, str] = {
    MissReason.CLOSED: "It is outside the target's hours.",
    MissReason.BUSY: "The target was busy.",
    MissReason.NO_ANSWER: "Nobody answered for the target in time.",
    MissReason.FAILED: "The carrier could not reach the target.",
    MissReason.NOT_ACCEPTED: "Somebody or a mailbox answered, and did not take the call.",
    MissReason.HUNG_UP: "The callee hung up before anybody was there.",
    MissReason.NO_SUCH_TARGET: "The account has no target of this name any more.",
    MissReason.SPEND_LIMIT: "The account, or the campaign, has spent what it may.",
    MissReason.PAUSED: "The campaign is held, or dialing is paused for the account.",
    MissReason.NOT_TAKEN_UP: "The AI agent asked, and never let go of the call.",
    MissReason.UNKNOWN: "Nothing was heard of the target's leg.",
}


@dataclass(frozen=True, slots=True)
class TargetHours:
    """`window` None: always open."""

    window: WeeklyWindow | None
    zone: str


def is_name(text: object) -> bool:
    """Whether a target can be called so."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def is_open(hours: TargetHours, now: datetime) -> bool:
    """Whether somebody is there now."""
    if hours.window is None:
        return True
    window = ZonedWindow(hours.window, hours.zone)
    return any(openings([window], now, now + timedelta(seconds=1)))


def opens_at(hours: TargetHours, now: datetime) -> datetime | None:
    """When somebody is there next; now, if somebody is; None: never."""
    if hours.window is None:
        return now
    found = first_opening([ZonedWindow(hours.window, hours.zone)], now, timedelta(seconds=1))
    return None if found is None else found.start


#: Twilio's DialCallStatus, and the CallStatus of the target's own leg, of what nobody took.
_MISSED = {
    "busy": MissReason.BUSY,
    "no-answer": MissReason.NO_ANSWER,
    "failed": MissReason.FAILED,
    "canceled": MissReason.HUNG_UP,
}


def miss_of(status: str, *, was_connected: bool, was_bridged: bool | None) -> MissReason | None:
    """Why a target's leg that has ended reached nobody; None: it did.

    `was_connected`: we have seen the target take the call. `was_bridged`: the carrier's own word,
    where it has one; it counts where our callback was lost.
    """
    if was_connected:
        return None
    if status in _MISSED:
        return _MISSED[status]
    return None if was_bridged else MissReason.NOT_ACCEPTED
