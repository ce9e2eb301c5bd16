"""What a failed request to the carrier means for the question "does a leg exist?"."""

from enum import StrEnum


class RejectedClass(StrEnum):
    """Why the carrier refused; decides whether and when another try makes sense."""

    NUMBER = "number"  # permanent for this number
    CONFIGURATION = "configuration"  # of this call: no retry helps
    ACCOUNT = "account"  # not about this call: no other would have been taken either
    THROTTLED = "throttled"  # 429: never processed, try again soon
    CAPACITY = "capacity"  # no free channel now, try again later


class CarrierError(Exception):
    """Base of all. The message never holds a phone number."""

    def __init__(self, summary: str, *, code: int | None = None, status: int | None = None) -> None:
        super().__init__(summary)
        self.code = code
        self.status = status


class Rejected(CarrierError):
    """Surely not created: the carrier answered 4xx."""

    def __init__(
        self,
        summary: str,
        *,
        reason: RejectedClass,
        code: int | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(summary, code=code, status=status)
        self.reason = reason


class Unreachable(CarrierError):
    """Surely not created: the request never reached the carrier (DNS, TCP or TLS connect)."""


class Ambiguous(CarrierError):
    """Perhaps created: 5xx, read time-out, reset, unparsable answer. Never repeat the create."""


class NoRecording(CarrierError):
    """The carrier has no such recording, or not any more."""


class NoSuchPart(CarrierError):
    """The recording is shorter than the part that was asked for."""


class NotLive(CarrierError):
    """The leg is over (21220, or unknown sid): a normal race for a command on a live call."""
