"""What a carrier tells us about a leg, whichever carrier it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from telephony.port import LegStatus

#: A webhook's form, each name with its last value.
Form = Mapping[str, str]
#: Of our accounts at the carrier the ids of those whose token signed, each with its owner's; None:
#: the installation's own did.
Signers = Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class CarrierEvent:
    """One message of the carrier about one leg: progress, machine verdict or recording.

    `sequence` counts a leg's progress events from 0, but they arrive in any order. `status` is
    None where the message does not speak of it, or in a word that is not known: that is
    `unknown_status` then. `duration` is the talk time in seconds.
    """

    sid: str
    status: LegStatus | None = None
    sequence: int | None = None
    at: datetime | None = None
    duration: int | None = None
    sip_code: int | None = None
    answered_by: str | None = None
    recording_sid: str | None = None
    recording_url: str | None = None
    recording_status: str | None = None
    recording_duration: int | None = None
    unknown_status: str | None = None
    signed_by: Signers = None

    @property
    def is_machine(self) -> bool:
        """Whether the verdict is an answering machine: not a person, a fax or unknown."""
        return (self.answered_by or "").startswith("machine_")


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """A call or a text that came in. `from_` may be anything: a number can be withheld."""

    sid: str
    from_: str = field(repr=False)
    to: str = field(repr=False)
    signed_by: Signers = None


@dataclass(frozen=True, slots=True)
class TextEvent:
    """What became of a text that we sent: the carrier's own word for it, and its error code."""

    sid: str
    status: str
    error_code: int | None = None
    signed_by: Signers = None


@dataclass(frozen=True, slots=True)
class GatherInput:
    """What the callee pressed or said; both None when the carrier heard nothing."""

    sid: str
    digits: str | None = field(default=None, repr=False)
    speech: str | None = field(default=None, repr=False)
    confidence: float | None = None
    signed_by: Signers = None


@dataclass(frozen=True, slots=True)
class CallbackUrls:
    """Where the carrier asks and tells about one attempt."""

    voice: str
    gather: str
    status: str
    amd: str
    recording: str
    transfer: str


@dataclass(frozen=True, slots=True)
class TransferUrls:
    """Where the carrier asks and tells about one transfer.

    Of the callee's leg: `hold` and `over`. Of the target's: `whisper`, `taken`, `enter`, `target`.
    Of the conference of both: `wait` and `conference`.
    """

    hold: str
    over: str
    whisper: str
    taken: str
    enter: str
    target: str
    wait: str
    conference: str


@dataclass(frozen=True, slots=True)
class TargetNews:
    """What the carrier says of a target's leg. `sid` is that leg's, `parent` the callee's.

    `status` is Twilio's own word. `was_bridged` is None where it does not say.
    """

    sid: str | None
    parent: str | None
    status: str
    duration: int | None = None
    was_bridged: bool | None = None
    digits: str | None = field(default=None, repr=False)
    signed_by: Signers = None


@dataclass(frozen=True, slots=True)
class ConferenceNews:
    """What the carrier says of a conference: `event` is Twilio's own word, such as
    conference-start.
    """

    event: str
    signed_by: Signers = None
