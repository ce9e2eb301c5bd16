"""A person's further numbers as they are typed: one a line, with what is of each alone.

A line is `mobile: +1 202 555 0124, America/Chicago, 17:00-20:00 mon tue`: type, zone and hours may
be left out, and days mean every day. What is none of these is refused, and never guessed at.
"""

import re
from collections.abc import Iterable, Sequence

from api.calls.number_views import CallNumberView
from api.calls.views import CallView
from api.http.problems import invalid
from api.http.schema import JsonObject
from dashboard.forms.form_values import clock
from policy.model.call import NumberType
from policy.time.wall_time import is_zone

_TYPES = frozenset(NumberType)
_HOURS = re.compile(
    r"(\d{1,2}:\d\d) ?[-\u2013] ?(\d{1,2}:\d\d)"
    r"((?: (?:mon|tue|wed|thu|fri|sat|sun)){0,7})",
    re.IGNORECASE | re.ASCII,
)
#: What a form may send, far beyond nine numbers.
_LONGEST = 2000


def read(text: str) -> list[JsonObject]:
    """As `otherNumbers` of a request; raises a Problem that names it."""
    if len(text) > _LONGEST:
        raise invalid("too_long", "otherNumbers", f"At most {_LONGEST} letters.")
    lines = enumerate(text.splitlines(), start=1)
    return [_number(line.strip(), nth) for nth, line in lines if line.strip()]


def _number(line: str, nth: int) -> JsonObject:
    first, *more = (part.strip() for part in line.split(","))
    kind, apart, number = first.partition(":")
    if apart and kind.strip().lower() in _TYPES:
        said: JsonObject = {"type": kind.strip().lower(), "endpoint": number.strip()}
    else:
        said = {"endpoint": first}
    for part in more:
        span = _HOURS.fullmatch(part)
        name, value = _hours_of(span) if span else _zone_of(part, nth)
        if name in said:
            raise invalid("malformed", "otherNumbers", f"Line {nth} says twice what {part!r} is.")
        said[name] = value
    return said


def _hours_of(found: re.Match[str]) -> tuple[str, JsonObject]:
    days = found[3].lower().split()
    span: JsonObject = {"start": clock(found[1]), "end": clock(found[2])}
    return "hours", {**span, "days": days} if days else span


def hours(text: str, name: str) -> JsonObject | None:
    """Of one number, as a line says them; raises a Problem that names the field."""
    found = _HOURS.fullmatch(text)
    if text and found is None:
        raise invalid(
            "malformed", name, f"{text!r} is not hours. Say 17:00-20:00, or 09:00-12:00 sat sun."
        )
    return None if found is None else _hours_of(found)[1]


def _zone_of(part: str, nth: int) -> tuple[str, JsonObject]:
    if not is_zone(part):
        message = f"Line {nth}: {part!r} is neither a time zone nor hours like 17:00-20:00."
        raise invalid("malformed", "otherNumbers", message)
    return "recipient", {"timezone": part}


def written(numbers: Iterable[CallNumberView]) -> str:
    """The lines that would say these numbers again."""
    return "\n".join(", ".join(_parts(one)) for one in numbers)


def _parts(one: CallNumberView) -> Sequence[str]:
    kind = f"{one.type}: " if one.type else ""
    zone, span = one.recipient.get("timezone"), told_hours(one.hours)
    return [f"{kind}{spoken(one)}", *([str(zone)] if zone else []), *([span] if span else [])]


def told_hours(said: JsonObject | None) -> str:
    """As they are typed; "" of a number without any."""
    return " ".join([f"{said['start']}-{said['end']}", *said.get("days", ())]) if said else ""


def listed(spec: Iterable[JsonObject]) -> list[tuple[str, str]]:
    """Each number of a call's columns, and what is of it alone, in words."""
    return [(one["endpoint"], _own(one)) for one in spec]


def _own(one: JsonObject) -> str:
    zone = (one.get("recipient") or {}).get("timezone")
    hours = told_hours(one.get("hours"))
    parts = (
        f"then keys {one['extension']}" if one.get("extension") else "",
        str(one.get("type") or ""),
        f"only {hours}" if hours else "",
        f"by the clock of {zone}" if zone else "",
    )
    return ", ".join(part for part in parts if part)


def spoken(one: CallNumberView | CallView) -> str:
    """The number with its extension."""
    return one.endpoint + (f" ext. {one.extension}" if one.extension else "")
