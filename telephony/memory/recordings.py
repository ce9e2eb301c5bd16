"""What the carrier in memory has recorded: silence, as long as the conversation was."""

import io
import re
import wave
from collections.abc import AsyncIterator

from telephony.errors import NoRecording, NoSuchPart
from telephony.port import Audio

RATE = 8000
_CHUNK = 4096
_PART = re.compile(r"bytes=(\d*)-(\d*)")


def recorded_sound(seconds: int) -> bytes:
    """A WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(RATE)
        sound.writeframes(b"\x80" * RATE * seconds)
    return file.getvalue()


def serve(sound: bytes | None, part: str | None) -> Audio:
    """As the carrier would answer; raises NoRecording and NoSuchPart."""
    if sound is None:
        raise NoRecording("no such recording", code=20404, status=404)
    headers = {"content-type": "audio/x-wav", "accept-ranges": "bytes"}
    status = 200
    match = _PART.fullmatch(part or "")
    if match and match[0] != "bytes=-":
        first, last = _bounds(match[1], match[2], len(sound))
        headers["content-range"] = f"bytes {first}-{last}/{len(sound)}"
        status, sound = 206, sound[first : last + 1]
    headers["content-length"] = str(len(sound))
    return Audio(status, headers, _chunks(sound), _nothing)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and the last byte of a part."""
    if not first:
        return max(0, size - int(last)), size - 1
    if int(first) >= size:
        raise NoSuchPart("the recording is shorter", status=416)
    return int(first), min(int(last or size), size - 1)


async def _chunks(sound: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(sound), _CHUNK):
        yield sound[start : start + _CHUNK]


async def _nothing() -> None:
    """There is no connection to give back."""
