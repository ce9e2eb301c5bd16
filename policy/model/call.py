"""The nouns of a call: its statuses, its outcomes, the facts policy sees, the decision it gives.

Everything here is a plain value. Instants are aware datetimes in UTC, durations are timedeltas.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class CallStatus(StrEnum):
    """What the API shows; see `STATUS_OF_OUTCOME` for the three that end a call."""

    CREATED = "Created"
    QUEUED = "Queued"
    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELED = "Canceled"

    @property
    def is_final(self) -> bool:
        return self in FINAL_STATUSES


FINAL_STATUSES = frozenset({CallStatus.COMPLETED, CallStatus.FAILED, CallStatus.CANCELED})
#: Statuses in which nothing has reached the carrier yet, so that a cancel is still a cancel.
CANCELABLE_STATUSES = frozenset({CallStatus.CREATED, CallStatus.QUEUED, CallStatus.PENDING})

#: Statuses in which nothing is being dialed.
WAITING_STATUSES = frozenset({CallStatus.CREATED, CallStatus.QUEUED})


class WaitingFor(StrEnum):
    WINDOW = "window"
    SLOT = "slot"
    RETRY = "retry"


class Outcome(StrEnum):
    """Why a call ended."""

    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    OPTED_OUT = "opted_out"
    #: Answered, and hung up again before anything can have been said or heard.
    HUNG_UP_EARLY = "hung_up_early"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    INVALID = "invalid"
    CANCELED = "canceled"
    DEADLINE_MISSED = "deadline_missed"
    SUPPRESSED = "suppressed"
    UNKNOWN = "unknown"
    NOT_SERVED = "not_served"


STATUS_OF_OUTCOME: Mapping[Outcome, CallStatus] = {
    Outcome.COMPLETED: CallStatus.COMPLETED,
    Outcome.CONFIRMED: CallStatus.COMPLETED,
    Outcome.DECLINED: CallStatus.COMPLETED,
    Outcome.OPTED_OUT: CallStatus.COMPLETED,
    Outcome.HUNG_UP_EARLY: CallStatus.COMPLETED,
    Outcome.VOICEMAIL: CallStatus.COMPLETED,
    Outcome.NO_ANSWER: CallStatus.FAILED,
    Outcome.BUSY: CallStatus.FAILED,
    Outcome.FAILED: CallStatus.FAILED,
    Outcome.INVALID: CallStatus.FAILED,
    Outcome.UNKNOWN: CallStatus.FAILED,
    Outcome.NOT_SERVED: CallStatus.FAILED,
    Outcome.CANCELED: CallStatus.CANCELED,
    Outcome.DEADLINE_MISSED: CallStatus.CANCELED,
    Outcome.SUPPRESSED: CallStatus.CANCELED,
}

#: Outcomes a person's conversation can have; the pathway or the AI agent reports them.
REPORTABLE_OUTCOMES = frozenset(
    {Outcome.COMPLETED, Outcome.CONFIRMED, Outcome.DECLINED, Outcome.OPTED_OUT}
)


def agrees(known: Outcome | None, reported: Outcome | None) -> bool:
    """Whether a report says nothing else than is known: the same, or a plain `completed`."""
    if known not in REPORTABLE_OUTCOMES:
        return False
    return reported in (known, Outcome.COMPLETED)


def says_more(known: Outcome | None, reported: Outcome) -> bool:
    """Whether a report refines what is known: a plain `completed`."""
    return known is Outcome.COMPLETED and reported is not Outcome.COMPLETED


class AttemptState(StrEnum):
    """Where one dial stands in the ledger."""

    INTENT = "intent"
    SENDING = "sending"
    SENT = "sent"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"
    UNKNOWN = "unknown"
    REJECTED = "rejected"


class AttemptResult(StrEnum):
    """How one dial ended."""

    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    NETWORK_ERROR = "network_error"
    INVALID = "invalid"
    #: Whoever was called, or their network for them, rejected the call without answering.
    DECLINED = "declined"
    #: The carrier refused this call, such as for its country or caller ID: a retry cannot help.
    REFUSED = "refused"
    #: Hung up by us before anybody answered.
    CANCELED = "canceled"
    #: Somebody picked up and heard nothing of ours: our API was away.
    NOT_SERVED = "not_served"
    #: The create request's fate could not be found out.
    UNKNOWN = "unknown"
    #: 429 or no capacity: surely not created, not counted, tried again soon.
    THROTTLED = "throttled"
    #: The intent was withdrawn before anything was sent: not counted.
    NOT_SENT = "not_sent"
    #: Refused for what is not about this call, such as wrong credentials: not counted.
    ACCOUNT_REFUSED = "account_refused"


#: Results that use nothing of the call's attempt budget: no phone can have rung.
UNCOUNTED_RESULTS = frozenset(
    {AttemptResult.THROTTLED, AttemptResult.NOT_SENT, AttemptResult.ACCOUNT_REFUSED}
)


class VoicemailAction(StrEnum):
    LEAVE_MESSAGE = "leave_message"
    HANG_UP = "hang_up"
    RETRY_LATER = "retry_later"


class CampaignStatus(StrEnum):
    DRAFT = "Draft"
    RUNNING = "Running"
    PAUSED = "Paused"
    COMPLETED = "Completed"
    CANCELED = "Canceled"


#: In these nothing of a campaign may be dialed.
HELD_CAMPAIGNS = (CampaignStatus.PAUSED, CampaignStatus.CANCELED)


class ContactState(StrEnum):
    """A contact that is `called` has a call, whatever became of it."""

    STAGED = "staged"
    INVALID = "invalid"
    CALLED = "called"
    DROPPED = "dropped"


class EndpointKind(StrEnum):
    PHONE = "phone"
    SIP = "sip"


class NumberType(StrEnum):
    """Whose phone one of several numbers of a person is said to be."""

    HOME = "home"
    MOBILE = "mobile"
    WORK = "work"


class ExtensionUse(StrEnum):
    """What becomes of a number with an extension."""

    REFUSE = "refuse"
    DIAL = "dial"


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a day in minutes from local midnight, [start, end).

    `end` may pass 1440: 22:00-02:00 is Span(1320, 1560) and belongs to the day it starts on.
    """

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """Spans per weekday (0 = Monday ... 6 = Sunday); a missing weekday is closed all day."""

    days: Mapping[int, tuple[Span, ...]]

    def __hash__(self) -> int:
        return hash(frozenset(self.days.items()))


class DaypartChoice(StrEnum):
    """Which other time of day a retry comes at: the next one, or the one people answer in best."""

    NEXT = "next"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """When to try again after what; `max_attempts` is one budget over all reasons.

    `voicemail` is used only when the voicemail action is `retry_later`; None means `no_answer`.
    """

    max_attempts: int = 3
    busy: timedelta = timedelta(hours=4)
    no_answer: timedelta = timedelta(hours=24)
    network_error: timedelta = timedelta(hours=1)
    voicemail: timedelta | None = None
    daypart: DaypartChoice = DaypartChoice.NEXT
    #: So often again after calls that were answered and not served; they use up no other try.
    not_served: int = 1
    #: Of a person with several numbers: how long after one was not answered the next may ring.
    next_number: timedelta = timedelta(minutes=10)


class DecisionKind(StrEnum):
    WAIT = "wait"
    QUEUE = "queue"
    DIAL = "dial"
    END = "end"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a call does next. Flat, free of personal data: it is stored in Temporal's history.

    - wait: sleep until `until` (None: until told), then decide again
    - queue: wait for a slot, at most until `valid_until`, then decide again
    - dial: place attempt `attempt_number` now; it must be sent before `valid_until`
    - end: the call is over with `outcome`
    `reason` is a stable code, `detail` one sentence for people, `rules` the ids consulted.
    """

    kind: DecisionKind
    reason: str
    detail: str
    until: datetime | None = None
    valid_until: datetime | None = None
    waiting_for: WaitingFor | None = None
    outcome: Outcome | None = None
    attempt_number: int | None = None
    rules: tuple[str, ...] = ()
    #: Versions of what was consulted, e.g. "tzdata=2026.6", "rules=2026-11-01".
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request cannot be accepted: a stable code, the field at fault (camelCase path)."""

    code: str
    field: str
    message: str
