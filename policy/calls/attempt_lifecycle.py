"""One dial's life: a state that only moves forward, however late or often its news arrive.

The order is intent < sending < unknown < sent < ringing < answered < ended. `unknown` stands
before every carrier state because any news of the leg, late as it may be, tells more. What the
carrier surely never created is `rejected`; that and `ended` are final.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from policy.model.call import AttemptResult, AttemptState


class LegEvent(StrEnum):
    """News of one dial. The carrier's come in any order, twice, late or never."""

    SENDING = "sending"
    #: The create request's fate is not known.
    LOST = "lost"
    #: The carrier said that it created nothing.
    REJECTED = "rejected"
    SENT = "sent"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


_ORDER: tuple[AttemptState, ...] = (
    AttemptState.INTENT,
    AttemptState.SENDING,
    AttemptState.UNKNOWN,
    AttemptState.SENT,
    AttemptState.RINGING,
    AttemptState.ANSWERED,
    AttemptState.ENDED,
)
_RANK: Mapping[AttemptState, int] = {state: rank for rank, state in enumerate(_ORDER)}
_REACHED: Mapping[LegEvent, AttemptState] = {
    LegEvent.SENDING: AttemptState.SENDING,
    LegEvent.LOST: AttemptState.UNKNOWN,
    LegEvent.REJECTED: AttemptState.REJECTED,
    LegEvent.SENT: AttemptState.SENT,
    LegEvent.RINGING: AttemptState.RINGING,
    LegEvent.ANSWERED: AttemptState.ANSWERED,
    LegEvent.ENDED: AttemptState.ENDED,
}
FINAL_STATES = frozenset({AttemptState.ENDED, AttemptState.REJECTED})

#: Twilio's CallStatus: https://www.twilio.com/docs/voice/api/call-resource#call-status-values
_EVENT_OF_STATUS: Mapping[str, LegEvent] = {
    "queued": LegEvent.SENT,
    "initiated": LegEvent.SENT,
    "ringing": LegEvent.RINGING,
    "in-progress": LegEvent.ANSWERED,
    "completed": LegEvent.ENDED,
    "busy": LegEvent.ENDED,
    "no-answer": LegEvent.ENDED,
    "failed": LegEvent.ENDED,
    "canceled": LegEvent.ENDED,
}
_RESULT_OF_STATUS: Mapping[str, AttemptResult] = {
    "busy": AttemptResult.BUSY,
    "no-answer": AttemptResult.NO_ANSWER,
    "failed": AttemptResult.NETWORK_ERROR,
    "canceled": AttemptResult.CANCELED,
}


#: What SIP says of a call that nobody answered: RFC 3261, 8197 (607) and 8688 (608).
_RESULT_OF_SIP: Mapping[int | None, AttemptResult] = {
    **dict.fromkeys((404, 410, 484, 485, 604), AttemptResult.INVALID),
    **dict.fromkeys((603, 607, 608), AttemptResult.DECLINED),
    **dict.fromkeys((486, 600), AttemptResult.BUSY),
    **dict.fromkeys((408, 480, 487), AttemptResult.NO_ANSWER),
}
#: Statuses in which the SIP code knows better; `canceled` was us, with a code that says no more.
_SIP_KNOWS = frozenset({"busy", "no-answer", "failed"})


def advance(state: AttemptState, event: LegEvent) -> AttemptState:
    """The state after `event`: later than `state` or the same, never earlier.

    Any order and repetition of one leg's events leads to the same state. A rejection is believed
    only while no leg has been seen.
    """
    if state in FINAL_STATES:
        return state
    reached = _REACHED[event]
    if reached is AttemptState.REJECTED:
        seen = _RANK[state] >= _RANK[AttemptState.SENT]
        return state if seen else reached
    return max(state, reached, key=_RANK.__getitem__)


def event_of(status: str) -> LegEvent | None:
    """The news in a Twilio CallStatus, None for one that is not known."""
    return _EVENT_OF_STATUS.get(status)


def is_machine(answered_by: str | None) -> bool:
    """Whether Twilio's AnsweredBy names a machine: machine_start, machine_end_*, fax."""
    return answered_by is not None and (answered_by.startswith("machine") or answered_by == "fax")


def is_left_to_machine(answered_by: str | None, *, heard_person: bool) -> bool:
    """Whether a machine listens. Evidence is ranked, not timed: a key, speech or a reported
    outcome outranks a detector's verdict, whichever came first.
    """
    return not heard_person and is_machine(answered_by)


#: Of a leg that heard the carrier's error, or the fallback document, and nothing of ours. Seconds.
LONGEST_ERROR, LONGEST_FALLBACK = 1, 15
#: By how much a leg may outlast the silence that we gave it: durations are rounded.
_HOLD_MARGIN = 1
#: So long after our last second of silence, and the moment in which the carrier asks for more.
_UNHEARD = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Hold:
    """Silence while it is found out who listens: how much of it, and how long before the end."""

    seconds: int
    before_end: timedelta


def was_unserved(
    length: int | None, *, hold: Hold | None = None, has_fallback: bool = False
) -> bool:
    """Whether a leg that was given nothing of the script heard nothing of ours, by its length.

    One that was held, and outlasts that silence by its length and by our clock, asked us for more
    and got no answer. One that ends within it hung up on us.
    """
    if length is None:
        return False
    if hold is not None:
        return length > hold.seconds + _HOLD_MARGIN and hold.before_end > _UNHEARD
    return length <= (LONGEST_FALLBACK if has_fallback else LONGEST_ERROR)


def result_of(
    status: str,
    was_answered: bool,
    answered_by: str | None,
    sip_code: int | None = None,
    *,
    heard_person: bool = False,
    was_asked: bool = False,
) -> AttemptResult:
    """How a dial ended, by its terminal Twilio CallStatus; raises ValueError for any other.

    The SIP code of a leg that nobody answered tells more than the status, where its meaning is
    known: a number that does not exist and a call that was rejected are `failed`, too.
    `was_answered` is whether an in-progress was seen; as that callback may be lost, an AnsweredBy
    proves an answer too. Completed without an answer means that we hung up while it rang, if we
    asked for that (`was_asked`); else somebody picked up and could not be spoken to.
    """
    if sip_code in _RESULT_OF_SIP and status in _SIP_KNOWS:
        return _RESULT_OF_SIP[sip_code]
    if status in _RESULT_OF_STATUS:
        return _RESULT_OF_STATUS[status]
    if status != "completed":
        raise ValueError("the call status is not a terminal one")
    if is_left_to_machine(answered_by, heard_person=heard_person):
        return AttemptResult.VOICEMAIL
    if was_answered or heard_person or answered_by:
        return AttemptResult.ANSWERED
    return AttemptResult.CANCELED if was_asked else AttemptResult.NOT_SERVED
