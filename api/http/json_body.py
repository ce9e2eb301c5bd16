"""What every JSON body must be, before its fields are looked at."""

import json
import re
from contextlib import suppress
from hashlib import sha256

from fastapi import Request
from pydantic_core import to_json

from api.http.actor import note_fields
from api.http.problems import invalid

MAX_CALL_BODY = 64 * 1024
#: Of anything that is stored: answers that hold it are deeper still, and cannot have over 250.
MAX_LEVELS = 100
_encode = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
).encode
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


async def storable(request: Request) -> None:
    """Dependency: refuse JSON that some database cannot keep (NUL, half surrogates, NaN)."""
    body = await request.body()
    if not body:
        return
    try:
        # Parsed once for all who look at it.
        said = await request.json()
        storable_text(said)
    except (ValueError, RecursionError):
        raise invalid("invalid_json", "", "The body is not JSON that can be stored.") from None
    if isinstance(said, dict):
        note_fields(request, said)


def storable_text(value: object) -> bytes:
    """`canonical`; raises ValueError for a NUL character and for what is nested too deep, too."""
    text = canonical(value)
    size_of(value)
    if holds_nul(text):
        raise ValueError("the text holds a NUL character")
    return text


def holds_nul(text: bytes) -> bool:
    """Whether a JSON text names a NUL character."""
    # The plain search is many times faster, and almost nothing comes this far.
    return b"\\u0000" in text and _NUL.search(text) is not None


def size_of(value: object) -> int:
    """The bytes of the value as compact JSON; raises ValueError beyond `MAX_LEVELS`."""
    text = to_json(value)
    # Almost nothing has so many brackets at all, and counting those takes no time.
    if text.count(b"{") + text.count(b"[") > MAX_LEVELS and _levels(value) > MAX_LEVELS:
        raise ValueError(f"the value is nested more than {MAX_LEVELS} levels deep")
    return len(text)


def _levels(value: object) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(_levels, value), default=0) if isinstance(value, list) else 0


async def of_call_size(request: Request) -> None:
    """Dependency: a call's body is at most 64 KiB."""
    if len(await request.body()) > MAX_CALL_BODY:
        raise invalid("body_too_large", "", "The body is larger than 64 KiB.")


async def fingerprint(request: Request) -> str:
    """SHA-256 of what the body says, whatever its spacing and order of keys."""
    body, text = await request.body(), None
    # What is not JSON is refused further on, with a better message.
    with suppress(ValueError, RecursionError):
        text = text_of(json.loads(body))
    return fingerprint_of(body, text)


def fingerprint_of(body: bytes, text: bytes | None) -> str:
    """The same where `text_of` the body is known."""
    return sha256(body if text is None else text).hexdigest()


def text_of(value: object) -> bytes | None:
    """`canonical`; None for what is not strict JSON."""
    try:
        return canonical(value)
    except (ValueError, RecursionError):
        return None


def canonical(value: object) -> bytes:
    """One text for equal JSON; raises ValueError for what is not strict JSON."""
    return _encode(value).encode()
