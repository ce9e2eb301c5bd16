"""Opaque keyset cursors: where a page ended, as text that clients hand back."""

import base64
import binascii
import json
from datetime import datetime
from typing import Any


class BadCursor(ValueError):
    """A cursor that we never gave out."""


def encode(*values: object) -> str:
    """The sort key of the last row of a page."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The key again, each value of the kind it must have."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return tuple(_value(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (binascii.Error, ValueError, TypeError):
        raise BadCursor("this cursor was not given out by this listing") from None


def _value(value: object, kind: type) -> object:
    if kind is datetime:
        instant = datetime.fromisoformat(str(value))
        if instant.tzinfo is None:
            raise ValueError("an instant without its zone")
        return instant
    # A bool is an int to isinstance.
    if type(value) is not kind:
        raise ValueError("not the kind of value this listing sorts by")
    return value
