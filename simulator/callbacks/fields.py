"""The form fields of Twilio's webhooks."""

import functools
import math
import time
from email.utils import formatdate
from typing import Any

from simulator.callbacks.webhooks import Fields
from simulator.state.ledger import CallRecord
from simulator.state.scripts import SipEntry

API_VERSION = "2010-04-01"

EVENT_STATUS = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}
SIP_CODES = {
    "completed": "200",
    "busy": "486",
    "no-answer": "487",
    "canceled": "487",
    "failed": "503",
}
_PLACES = ("City", "State", "Zip", "Country")


def subscribed(record: CallRecord) -> set[str]:
    """The status events the call's creator asked for; `completed` if none were named."""
    named = " ".join(record.params_all("StatusCallbackEvent")).split()
    return set(named) or {"completed"}


def base_fields(record: CallRecord, account_sid: str, status: str) -> Fields:
    """What every voice webhook carries; the places are blank, as they often are."""
    fields = [
        ("CallSid", record.sid),
        ("AccountSid", account_sid),
        ("From", record.from_),
        ("To", record.to),
        ("Caller", record.from_),
        ("Called", record.to),
        ("CallStatus", status),
        ("ApiVersion", API_VERSION),
        ("Direction", record.direction),
    ]
    if record.parent:
        fields.append(("ParentCallSid", record.parent))
    parties = ("From", "To", "Caller", "Called")
    return fields + [(party + place, "") for party in parties for place in _PLACES]


def status_fields(record: CallRecord, account_sid: str, event: str, sequence: int) -> Fields:
    """A status callback; `completed` carries the terminal status and what it cost in time."""
    fields = base_fields(record, account_sid, EVENT_STATUS.get(event, record.status))
    fields += [
        ("Timestamp", rfc2822(time.time())),
        ("CallbackSource", "call-progress-events"),
        ("SequenceNumber", str(sequence)),
    ]
    return fields + _terminal_fields(record) if event == "completed" else fields


def _terminal_fields(record: CallRecord) -> Fields:
    seconds = record.duration or 0
    fields = [
        ("CallDuration", str(seconds)),
        ("Duration", str(math.ceil(seconds / 60))),
        ("SipResponseCode", _sip_code(record)),
    ]
    for recording in record.recordings:
        if recording["source"] == "OutboundAPI":
            fields += [
                ("RecordingUrl", recording["url"]),
                ("RecordingSid", recording["sid"]),
                ("RecordingDuration", str(recording["duration"])),
            ]
    return fields


def _sip_code(record: CallRecord) -> str:
    entry = record.entry
    if isinstance(entry, SipEntry) and record.status == entry.status:
        return str(entry.sip)
    return SIP_CODES[record.status]


def amd_fields(record: CallRecord, account_sid: str) -> Fields:
    """The asynchronous verdict on who answered."""
    return [
        ("CallSid", record.sid),
        ("AccountSid", account_sid),
        ("AnsweredBy", record.answered_by or "unknown"),
        ("MachineDetectionDuration", str(record.amd_ms or 0)),
    ]


def recording_fields(record: CallRecord, account_sid: str, recording: dict[str, Any]) -> Fields:
    """A recording that is ready."""
    return [
        ("AccountSid", account_sid),
        ("CallSid", record.sid),
        ("RecordingSid", recording["sid"]),
        ("RecordingUrl", recording["url"]),
        ("RecordingStatus", "completed"),
        ("RecordingDuration", str(recording["duration"])),
        ("RecordingChannels", str(recording["channels"])),
        ("RecordingSource", recording["source"]),
        ("RecordingStartTime", rfc2822(recording["started_at"])),
        ("ErrorCode", "0"),
    ]


def conference_fields(account_sid: str, sid: str, name: str, event: str, sequence: int) -> Fields:
    """What every callback of a conference carries."""
    return [
        ("ConferenceSid", sid),
        ("FriendlyName", name),
        ("AccountSid", account_sid),
        ("SequenceNumber", str(sequence)),
        ("Timestamp", rfc2822(time.time())),
        ("StatusCallbackEvent", event),
    ]


def rfc2822(instant: float) -> str:
    """A date as Twilio writes it: `Sat, 22 Nov 2025 17:00:00 +0000`."""
    return _to_the_second(int(instant))


@functools.lru_cache(maxsize=256)
def _to_the_second(instant: int) -> str:
    return formatdate(instant, localtime=False, usegmt=False).replace("-0000", "+0000")
