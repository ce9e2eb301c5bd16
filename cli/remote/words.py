"""Times, lengths, money and standings, as people read them; and what people write, as times."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.text import Text

from cli.errors import Unusable

COLOURS = {
    "Completed": "green",
    "Failed": "red",
    "Canceled": "yellow",
    "InProgress": "cyan",
    "Pending": "cyan",
    "Running": "green",
    "Paused": "yellow",
}
_SPANS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_MILLIONTHS = 1_000_000


def when(at: datetime | None) -> str:
    """On the clock of this machine."""
    return "" if at is None else at.astimezone().strftime("%a %d %b %H:%M:%S")


def clock(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M:%S")


def length(seconds: float | None) -> str:
    """As 25 s, 3 min 20 s or 2 h 5 min."""
    if seconds is None:
        return ""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def money(millionths: int | None, currency: str = "") -> str:
    if millionths is None:
        return ""
    return f"{millionths / _MILLIONTHS:,.2f} {currency}".strip()


def share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def standing(status: str, outcome: str | None = None) -> Text:
    """A status, or what came of it, in its colour."""
    return Text(outcome or status, COLOURS.get(status, ""))


def counts(found: dict[str, int]) -> str:
    """As `3 confirmed, 1 busy`, the most first."""
    ordered = sorted(found.items(), key=lambda item: -item[1])
    return ", ".join(f"{count:,} {word}" for word, count in ordered if count)


def moment(text: str | None, option: str) -> datetime | str | None:
    """What was written: `+30m`, `+2h`, `+1d` from now, or a time of RFC 3339.

    Without an offset it is a wall time, which the API reads on the clock of the call. Raises
    Unusable where it is neither.
    """
    if text is None:
        return None
    span = re.fullmatch(r"\+(\d+)([smhd])", text)
    try:
        if span:
            return datetime.now(UTC) + timedelta(**{_SPANS[span[2]]: int(span[1])})
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise Unusable(
            f"{option} takes a time such as 2027-03-01T09:00:00-05:00, a wall time such as "
            "2027-03-01T09:00:00, or a time from now such as +30m, +2h or +1d."
        ) from None
    return found if found.tzinfo else found.isoformat()


def instant(text: str | None, option: str) -> datetime | None:
    """As `moment`; without an offset it is on the clock of this machine."""
    found = moment(text, option)
    return datetime.fromisoformat(found).astimezone() if isinstance(found, str) else found


def pairs(texts: Iterable[str], option: str) -> dict[str, str]:
    """What was written as NAME=VALUE."""
    found: dict[str, str] = {}
    for text in texts:
        name, divided, value = text.partition("=")
        if not divided or not name:
            raise Unusable(f"{option} takes NAME=VALUE, and {text!r} is not that.")
        found[name] = value
    return found


def given(said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of a request: all else is the API's to choose."""
    return {name: value for name, value in said.items() if value is not None}


def from_file(path: Path) -> dict[str, Any]:
    """A request that is kept as a JSON file; raises Unusable."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise Unusable(f"{path} is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise Unusable(f"{path} must hold a JSON object.")
    return found
