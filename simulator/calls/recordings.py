"""Recordings, and a stub for their sound."""

import re
import secrets
import struct
from typing import Any

from simulator.state.ledger import CallRecord

SAMPLE_RATE = 8000


def new_recording(
    record: CallRecord,
    *,
    root: str,
    source: str,
    duration: int,
    started_at: float,
    callback: str | None,
) -> dict[str, Any]:
    """A recording as the ledger keeps it. root: the account's URL; duration in seconds."""
    sid = "RE" + secrets.token_hex(16)
    dual = source == "OutboundAPI" and record.param("RecordingChannels") == "dual"
    return {
        "sid": sid,
        "url": f"{root}/Recordings/{sid}",
        "source": source,
        "duration": duration,
        "channels": 2 if dual else 1,
        "started_at": started_at,
        "callback": callback,
    }


_RANGE = re.compile(r"bytes=(?:(\d+)-(\d*)|-(\d+))")


def part_of(size: int, header: str | None) -> tuple[int, int] | None:
    """The first byte of a Range and the one after its last; None: the whole.

    Raises IndexError for a part that begins beyond the end.
    """
    match = _RANGE.fullmatch(header or "")
    if match is None:
        return None
    if match[3]:
        return max(0, size - int(match[3])), size
    if int(match[1]) >= size:
        raise IndexError
    return int(match[1]), min(int(match[2] or size) + 1, size)


def silence_wav(seconds: float) -> bytes:
    """A WAV file (8 kHz, 8 bit, mono) of silence."""
    samples = b"\x80" * int(seconds * SAMPLE_RATE)
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, SAMPLE_RATE, SAMPLE_RATE, 1, 8)
    data = struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI4s", b"RIFF", 4 + len(fmt) + len(data), b"WAVE") + fmt + data
