"""What crosses the wire between api, workflows and activities about one call.

Ids, times, states and reasons only: never a phone number, a name or the call's context.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policy.model.call import CallStatus, Outcome


@dataclass(frozen=True)
class CallStart:
    """Input of CallWorkflow. `step` counts decisions and carries over a continue-as-new.

    `dials_to_end`: a dial lasts as long as its leg. False in what older versions started: there it
    ends with the create request, and signals tell of the leg.
    `shown`: the status its search attribute has from the start.
    """

    call_id: str
    step: int = 0
    cancel_requested: bool = False
    dials_to_end: bool = False
    shown: CallStatus = CallStatus.CREATED


@dataclass(frozen=True)
class CallEnd:
    """Result of CallWorkflow."""

    call_id: str
    outcome: Outcome
    reason: str


@dataclass(frozen=True)
class Decide:
    """Ask for decision number `step` of a call; the same (call_id, step) gets the same answer."""

    call_id: str
    step: int
    now: datetime
    cancel_requested: bool = False


@dataclass(frozen=True)
class Settle:
    """Record how attempt `attempt_number` ended, release its lease, then decide."""

    call_id: str
    step: int
    attempt_number: int
    now: datetime
    cancel_requested: bool = False


@dataclass(frozen=True)
class AttemptRef:
    call_id: str
    attempt_number: int


@dataclass(frozen=True)
class TransferRef:
    """Argument of the signal `put_through`: a warm transfer of the call."""

    call_id: str
    transfer_id: str


class DialKind(StrEnum):
    SENT = "sent"
    #: The attempt is over already: refused, unreachable or withdrawn.
    OVER = "over"
    #: Nobody knows whether the carrier created the call.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class DialResult:
    """`longest_seconds`: when no end was reported this long after, ask the carrier."""

    kind: DialKind
    longest_seconds: int = 0


class DialCancel(StrEnum):
    """What canceling a dial has come to."""

    #: It will not be sent, or its leg will be ended as soon as there is one.
    NOTED = "noted"
    #: The carrier was told to end a leg that nobody had answered.
    CANCELING = "canceling"
    #: Somebody is on the line: nothing was done.
    ANSWERED = "answered"


class NewsKind(StrEnum):
    #: The carrier's leg reached its terminal state.
    ENDED = "ended"
    #: A machine answered and its greeting is over.
    MACHINE = "machine"


@dataclass(frozen=True)
class CarrierNews:
    """Argument of the signal `carrier_event`; facts stay in the database."""

    attempt_number: int
    kind: NewsKind


@dataclass(frozen=True)
class Reschedule:
    """Argument of the update `reschedule`: do not call before this instant."""

    not_before: datetime


@dataclass(frozen=True)
class RescheduleCall:
    call_id: str
    not_before: datetime
    now: datetime


@dataclass(frozen=True)
class Progress:
    """Answer of the query `progress`: where a call stands and why."""

    kind: str
    reason: str
    detail: str
    step: int
    live_attempt: int | None = None
