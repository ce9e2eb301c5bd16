"""The carrier as Trunkline sees it. `twilio` is the real one, `memory` the shipped fake."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class LegStatus(StrEnum):
    """The carrier's own word for where a leg stands, one to one with Twilio's CallStatus."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL_LEG_STATUSES


TERMINAL_LEG_STATUSES = frozenset(
    {
        LegStatus.COMPLETED,
        LegStatus.BUSY,
        LegStatus.NO_ANSWER,
        LegStatus.FAILED,
        LegStatus.CANCELED,
    }
)


@dataclass(frozen=True, slots=True)
class DialRequest:
    """One outbound leg. URLs are absolute and carry the attempt's token in their path.

    `ring_timeout`, `max_duration` in seconds. `amd_url` None: no machine detection.
    `recording_url` None: no recording. `fallback_url`: a document that is played where `voice_url`
    does not answer; None: the carrier's own error. `keys`: pressed once somebody has answered.
    `carrier_account_id`: at which of our accounts at the carrier; None: the installation's own.
    The repr leaves the numbers out: none may reach a log.
    """

    to: str = field(repr=False)
    from_: str = field(repr=False)
    voice_url: str
    status_url: str
    ring_timeout: int
    max_duration: int
    amd_url: str | None = None
    recording_url: str | None = None
    fallback_url: str | None = None
    keys: str | None = field(default=None, repr=False)
    #: Shown on phones that can show one; the same for everybody an agent calls.
    reason: str | None = None
    carrier_account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg as the carrier reports it. `created_at` may be None on a fresh create.

    `carrier_account_id` as in a request, of legs that `made` lists.
    """

    sid: str
    status: LegStatus
    to: str = field(repr=False)
    from_: str = field(repr=False)
    direction: str = "outbound-api"
    created_at: datetime | None = None
    answered_by: str | None = None
    duration: int | None = None
    price: str | None = None
    price_unit: str | None = None
    carrier_account_id: str | None = None


@dataclass(frozen=True, slots=True)
class TextRequest:
    """One text. The repr leaves out what may reach no log."""

    to: str = field(repr=False)
    from_: str = field(repr=False)
    body: str = field(repr=False)
    #: Where the carrier tells what becomes of it; None: nowhere.
    status_url: str | None = None
    carrier_account_id: str | None = None


class Carrier(Protocol):
    """Every method raises only `telephony.errors`."""

    async def send_text(self, request: TextRequest) -> str:
        """Send a text; its sid. Exactly one request; Rejected | Unreachable | Ambiguous."""
        ...

    async def dial(self, request: DialRequest) -> Leg:
        """Create a leg. Exactly one request; Rejected | Unreachable | Ambiguous."""
        ...

    async def fetch(self, sid: str) -> Leg:
        """Where a leg stands. NotLive when the carrier does not know the sid."""
        ...

    async def find(
        self, *, to: str, from_: str, since: datetime, carrier_account_id: str | None = None
    ) -> Sequence[Leg]:
        """Legs to `to` from `from_` created by the API at or after `since`, oldest first.

        `carrier_account_id` as in a request.
        """
        ...

    async def made(self, *, from_: str, since: datetime) -> Sequence[Leg]:
        """Legs from `from_`, to anybody, created by the API at or after `since`, oldest first."""
        ...

    async def hang_up(self, sid: str) -> None:
        """End a leg, whether ringing or live. NotLive when it is over already."""
        ...

    async def cancel(self, sid: str) -> None:
        """End a leg that nobody has answered. NotLive when it is answered or over."""
        ...

    async def play(self, sid: str, twiml: str) -> None:
        """Replace what a live leg hears by this TwiML. NotLive when it is over."""
        ...

    async def delete_recordings(self, sid: str) -> None:
        """Delete all that was recorded of a leg; what is gone already is fine."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


@dataclass(frozen=True, slots=True)
class NumberAnswer:
    """What the carrier says of a number: `value` in its own word, and who serves the line."""

    value: str
    carrier: str = ""


class NumberLookups(Protocol):
    """What the carrier knows of numbers. Every method raises only `telephony.errors`.

    Each answer is paid for; one request is one question, never repeated by this layer.
    """

    async def line_type(self, number: str) -> NumberAnswer:
        """The type of the line, such as mobile or landline; `invalid`: there is no such number."""
        ...

    async def reassigned(self, number: str, since: str) -> NumberAnswer:
        """yes, no or no_data: whether it was given to somebody else since a day, as YYYYMMDD."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


@dataclass(frozen=True, slots=True)
class Audio:
    """A recording on its way, which is never held as a whole.

    `status` is 200, or 206 for a part; `headers` has, by their lower-case names, those of
    `PASSED_HEADERS` that the carrier sent. `chunks` can be read once, and raises CarrierError when
    the carrier breaks off; `close` gives the connection back, however much was read.
    """

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]
    close: Callable[[], Awaitable[None]]


PASSED_HEADERS = ("content-type", "content-length", "content-range", "accept-ranges", "etag")


class Recordings(Protocol):
    """What the carrier has recorded. Every method raises only `telephony.errors`."""

    async def open(self, sid: str, part: str | None = None) -> Audio:
        """The sound of a recording by its sid; `part`: an HTTP Range such as "bytes=0-99".

        NoRecording, NoSuchPart; Unreachable and Ambiguous when nothing answers; else CarrierError.
        """
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


class NumberKind(StrEnum):
    """Why a number may be shown to those who are called."""

    OWNED = "owned"  # bought at the carrier, or hosted there
    VERIFIED = "verified"  # somebody else's, which its owner has confirmed


@dataclass(frozen=True, slots=True)
class CarrierNumber:
    """A number that an account at the carrier may show. What the carrier does not tell is None.

    `caller_name`, `shaken_stir`: where the number's registration stands with the carrier, in its
    own words, such as `twilio-approved`.
    """

    number: str = field(repr=False)
    kind: NumberKind
    sid: str
    name: str = field(default="", repr=False)
    voice: bool | None = None
    caller_name: str | None = None
    shaken_stir: str | None = None


class CarrierNumbers(Protocol):
    """The numbers of one account at the carrier. Every method raises only `telephony.errors`."""

    async def check(self) -> None:
        """Whether the account takes the credentials: Rejected says that it does not."""
        ...

    async def numbers(self) -> Sequence[CarrierNumber]:
        """All of them, each once; Ambiguous where the list does not end."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
