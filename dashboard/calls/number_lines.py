"""A person's further numbers as they are typed: one a line, with what is of each alone.

A line is `mobile: +1 202 555 0124, America/Chicago, 17:00-20:00`: type, zone and hours may be left
out. What is none of these is refused, and never guessed at.
"""

import re
from collections.abc import Iterable, Sequence

from api.calls.number_views import CallNumberView
from api.calls.views import CallView
from api.http.problems import invalid
from api.http.schema import JsonObject
from policy.model.call import NumberType
from policy.time.wall_time import is_zone

_TYPES = frozenset(NumberType)
_HOURS = re.compile(r"(\d\d:\d\d) ?[-\u2013] ?(\d\d:\d\d)")
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
        hours = _HOURS.fullmatch(part)
        name, value = _hours_of(hours) if hours else _zone_of(part, nth)
        if name in said:
            raise invalid("malformed", "otherNumbers", f"Line {nth} says twice what {part!r} is.")
        said[name] = value
    return said


def _hours_of(found: re.Match[str]) -> tuple[str, JsonObject]:
    return "hours", {"start": found[1], "end": found[2]}


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
    zone, hours = one.recipient.get("timezone"), one.hours
    told = [f"{kind}{spoken(one)}"]
    told += [str(zone)] if zone else []
    return [*told, f"{hours['start']}-{hours['end']}"] if hours else told


def spoken(one: CallNumberView | CallView) -> str:
    """The number with its extension."""
    return one.endpoint + (f" ext. {one.extension}" if one.extension else "")
