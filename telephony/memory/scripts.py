"""What a scripted number does when `MemoryCarrier` dials it.

An entry is a word or a dict with `answer`:

| entry | what happens |
|---|---|
| "busy", "failed" | ends so without ringing |
| "no-answer", "canceled" | rings, ends so |
| "rings" | rings until `hang_up` or `end` |
| {"answer": {"by", "outcome", "stay", "talk", "verdict"}} | somebody picks up |
| "invalid", "throttled", "capacity", "refused", "account" | Rejected, no leg |
| "unreachable" | Unreachable, no leg |
| "ambiguous_created" | Ambiguous, yet a human answers and the events are told |
| "ambiguous_silent" | Ambiguous, the leg exists, nothing is ever told of it |
| "ambiguous_lost" | Ambiguous, no leg |

`by`: human, machine, fax or unknown. `outcome`: handed to `on_outcome`. `stay`: the leg stays
live until `end`, `hang_up` or `play`. `talk`: seconds. `verdict`: the AMD word, or None for one
that never comes. Beside `answer`, `"create": "ambiguous"` loses the create's response and
`"silent": true` loses every callback.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telephony.errors import Ambiguous, CarrierError, Rejected, RejectedClass, Unreachable
from telephony.port import LegStatus

Entry = str | Mapping[str, Any]

#: The SIP code that Twilio tells with each end.
SIP_CODES = {
    LegStatus.COMPLETED: 200,
    LegStatus.BUSY: 486,
    LegStatus.NO_ANSWER: 480,
    LegStatus.FAILED: 503,
    LegStatus.CANCELED: 487,
}
VERDICTS = {
    "human": "human",
    "machine": "machine_end_beep",
    "fax": "fax",
    "unknown": "unknown",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """One entry, spelled out. The default: a human answers, talks and hangs up."""

    end: LegStatus = LegStatus.COMPLETED
    by: str | None = "human"
    verdict: str | None = "human"
    outcome: str | None = None
    talk: int = 5
    stays: bool = False
    rings_on: bool = False
    creates: bool = True
    silent: bool = False
    #: What the dialer is told instead of the leg.
    error: str | None = None

    @property
    def rings(self) -> bool:
        """A busy line and a broken route are known before anything rings."""
        return self.end not in (LegStatus.BUSY, LegStatus.FAILED)

    @property
    def tells_verdict(self) -> bool:
        return self.verdict is not None

    def failure(self) -> CarrierError:
        """A new exception of the scene's kind."""
        return _failure(self.error or "")


def _unanswered(end: LegStatus) -> Scene:
    return Scene(end=end, by=None, verdict=None)


def _no_leg(error: str) -> Scene:
    return Scene(creates=False, error=error)


WORDS: Mapping[str, Scene] = {
    "busy": _unanswered(LegStatus.BUSY),
    "no-answer": _unanswered(LegStatus.NO_ANSWER),
    "failed": _unanswered(LegStatus.FAILED),
    "canceled": _unanswered(LegStatus.CANCELED),
    "rings": Scene(by=None, verdict=None, rings_on=True),
    "invalid": _no_leg("invalid"),
    "throttled": _no_leg("throttled"),
    "capacity": _no_leg("capacity"),
    "refused": _no_leg("refused"),
    "account": _no_leg("account"),
    "unreachable": _no_leg("unreachable"),
    "ambiguous_lost": _no_leg("ambiguous"),
    "ambiguous_created": Scene(error="ambiguous"),
    "ambiguous_silent": Scene(error="ambiguous", silent=True),
}

#: Rejections: class, Twilio's code, HTTP status.
REJECTIONS = {
    "invalid": (RejectedClass.NUMBER, 21211, 400),
    "throttled": (RejectedClass.THROTTLED, 20429, 429),
    "capacity": (RejectedClass.CAPACITY, 10004, 400),
    "refused": (RejectedClass.CONFIGURATION, 21210, 400),
    "account": (RejectedClass.ACCOUNT, 20003, 401),
}


def scene_of(entry: Entry) -> Scene:
    """An entry spelled out; ValueError if it is none."""
    if isinstance(entry, str):
        if entry not in WORDS:
            raise ValueError(f"no such script entry; one of {', '.join(WORDS)}")
        return WORDS[entry]
    return _answered(**entry)


def _answered(answer: Mapping[str, Any], create: str | None = None, silent: bool = False) -> Scene:
    by = answer.get("by", "human")
    if by not in VERDICTS:
        raise ValueError(f"nobody such can answer; one of {', '.join(VERDICTS)}")
    return Scene(
        by=by,
        verdict=answer.get("verdict", VERDICTS[by]),
        outcome=answer.get("outcome"),
        talk=answer.get("talk", 5),
        stays=answer.get("stay", False),
        silent=silent,
        error=create,
    )


def _failure(kind: str) -> CarrierError:
    if kind in REJECTIONS:
        reason, code, status = REJECTIONS[kind]
        return Rejected(f"scripted: {kind}", reason=reason, code=code, status=status)
    if kind == "unreachable":
        return Unreachable("scripted: unreachable")
    return Ambiguous("scripted: the answer was lost")
