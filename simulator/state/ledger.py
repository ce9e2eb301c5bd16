"""Every call ever created: the ground truth for "never dialed twice"."""

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from simulator.state.scripts import ScriptEntry, entry_from_json, to_json

Params = dict[str, str | list[str]]

TERMINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


@dataclass(slots=True)
class CallRecord:
    """One call. Instants are real seconds since the epoch; duration is simulated seconds."""

    sid: str
    to: str
    from_: str
    params: Params
    entry: ScriptEntry
    attempt: int
    ordinal: int
    created_at: float
    status: str = "queued"
    queue_ms: int = 0
    started_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    duration: int | None = None
    #: Of a leg that a Dial made: the leg that dialed.
    parent: str = ""
    answered_by: str | None = None
    amd_ms: int | None = None
    emitted: list[str] = field(default_factory=list)
    #: What was pressed after the answer, by SendDigits.
    pressed: str = ""
    twiml: list[str] = field(default_factory=list)
    connections: list[dict[str, Any]] = field(default_factory=list)
    recordings: list[dict[str, Any]] = field(default_factory=list)
    callbacks: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def direction(self) -> str:
        """As the carrier calls it."""
        return "outbound-dial" if self.parent else "outbound-api"

    @property
    def ended(self) -> bool:
        """Whether the call has reached a terminal status."""
        return self.status in TERMINAL

    def param(self, name: str) -> str | None:
        """A form parameter of the create request; the last one if it was repeated."""
        value = self.params.get(name)
        return value[-1] if isinstance(value, list) else value

    def params_all(self, name: str) -> list[str]:
        """All values of a form parameter."""
        value = self.params.get(name, [])
        return value if isinstance(value, list) else [value]

    def flag(self, name: str) -> bool:
        """Whether a form parameter says true."""
        return (self.param(name) or "").lower() == "true"

    def number_param(self, name: str, default: float) -> float:
        """A numeric form parameter, checked at creation."""
        value = self.param(name)
        return float(value) if value else default

    def to_json(self) -> dict[str, Any]:
        """What the journal keeps; the lists are the record's own."""
        return {**{name: getattr(self, name) for name in _NAMES}, "entry": to_json(self.entry)}


_NAMES = [known.name for known in fields(CallRecord)]


def record_from_json(data: dict[str, Any]) -> CallRecord:
    """The record a journal line holds."""
    return CallRecord(**{**data, "entry": entry_from_json(data["entry"])})


class Ledger:
    """The calls by sid, by number, and in the order of their creation."""

    def __init__(self) -> None:
        self.by_sid: dict[str, CallRecord] = {}
        self.by_number: dict[str, list[CallRecord]] = {}
        self.calls: list[CallRecord] = []
        self.recordings: dict[str, tuple[CallRecord, dict[str, Any]]] = {}

    def add(self, record: CallRecord) -> None:
        """Enter a new call."""
        self.by_sid[record.sid] = record
        self.by_number.setdefault(record.to, []).append(record)
        self.calls.append(record)

    def index_recording(self, record: CallRecord, recording: dict[str, Any]) -> None:
        """Make a recording findable by its sid."""
        self.recordings[recording["sid"]] = (record, recording)

    def of_number(self, number: str | None) -> list[CallRecord]:
        """The calls to a number, or all; in the order of creation."""
        return self.calls if number is None else self.by_number.get(number, [])


def ledger_view(record: CallRecord) -> dict[str, Any]:
    """The control API's view of a call; instants are ISO 8601 in UTC."""
    return {
        "sid": record.sid,
        "to": record.to,
        "from": record.from_,
        "status": record.status,
        "direction": record.direction,
        "parent": record.parent or None,
        "attempt": record.attempt,
        "createdAt": iso(record.created_at),
        "answeredAt": iso(record.answered_at),
        "endedAt": iso(record.ended_at),
        "duration": record.duration,
        "answeredBy": record.answered_by,
        "script": to_json(record.entry),
        "pressed": record.pressed,
        "twiml": record.twiml,
        "connections": record.connections,
        "recordings": record.recordings,
        "callbacks": record.callbacks,
        "errors": record.errors,
        "params": record.params,
    }


def iso(instant: float | None) -> str | None:
    """An instant as the control API shows it: ISO 8601, UTC, milliseconds."""
    if instant is None:
        return None
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="milliseconds")
