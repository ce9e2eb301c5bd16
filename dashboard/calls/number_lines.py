"""A person's further numbers as they are typed: one a line, with what is of each alone.

A line is `mobile: +1 202 555 0124, America/Chicago, 17:00-20:00 mon tue`: type, zone and hours may
be left out, and days mean every day. Where else the person is said to be, and their consent, are
`country US`, `postcode 60601` and `consent express "by mail" since 2026-03-01 proof "No. 17"`. What
is none of these is refused, and never guessed at.
"""

import json
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
#: Commas within quotes belong to what is quoted.
_PARTS = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*")+')
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_CONSENT = re.compile(
    rf"consent (?P<tier>\w+) (?P<method>{_QUOTED})(?: since (?P<since>\S+))?"
    rf"(?: proof (?P<proof>{_QUOTED}))?",
    re.IGNORECASE,
)
_PLACE = re.compile(r"(country|postcode) (\S.*)", re.IGNORECASE)
_PLACES = {"country": "country", "postcode": "postalCode"}
#: What a form may send, far beyond nine numbers and what proves their consents.
_LONGEST = 30_000


def read(text: str) -> list[JsonObject]:
    """As `otherNumbers` of a request; raises a Problem that names it."""
    if len(text) > _LONGEST:
        raise invalid("too_long", "otherNumbers", f"At most {_LONGEST} letters.")
    lines = enumerate(text.splitlines(), start=1)
    return [_number(line.strip(), nth) for nth, line in lines if line.strip()]


def _number(line: str, nth: int) -> JsonObject:
    first, *more = (part.strip() for part in _PARTS.findall(line))
    kind, apart, number = first.partition(":")
    if apart and kind.strip().lower() in _TYPES:
        said: JsonObject = {"type": kind.strip().lower(), "endpoint": number.strip()}
    else:
        said = {"endpoint": first}
    for part in more:
        name, value = _read(part, nth)
        known = said.get(name, {})
        if name in said and (name != "recipient" or known.keys() & value.keys()):
            raise invalid("malformed", "otherNumbers", f"Line {nth} says twice what {part!r} is.")
        said[name] = {**known, **value}
    return said


def _read(part: str, nth: int) -> tuple[str, JsonObject]:
    if span := _HOURS.fullmatch(part):
        return _hours_of(span)
    if agreed := _CONSENT.fullmatch(part):
        return "consent", _consent_of(agreed, nth)
    if place := _PLACE.fullmatch(part):
        return "recipient", {_PLACES[place[1].lower()]: place[2]}
    return _zone_of(part, nth)


def _consent_of(found: re.Match[str], nth: int) -> JsonObject:
    try:
        said = {name: json.loads(found[name]) for name in ("method", "proof") if found[name]}
    except ValueError:
        message = f"Line {nth}: what stands in quotes cannot be read."
        raise invalid("malformed", "otherNumbers", message) from None
    told = {
        "tier": found["tier"].lower(),
        "method": said["method"],
        "grantedTime": _instant(found["since"]),
        "evidence": said.get("proof"),
    }
    return {name: value for name, value in told.items() if value is not None}


def _instant(text: str | None) -> str | None:
    """A day alone is its beginning, by UTC."""
    return f"{text}T00:00:00Z" if text and len(text) == len("2026-03-01") else text


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
        message = (
            f"Line {nth}: {part!r} is no time zone, no hours like 17:00-20:00, no country, "
            "postcode or consent."
        )
        raise invalid("malformed", "otherNumbers", message)
    return "recipient", {"timezone": part}


def written(numbers: Iterable[CallNumberView]) -> str:
    """The lines that would say these numbers again."""
    return "\n".join(", ".join(_parts(one)) for one in numbers)


def _parts(one: CallNumberView) -> Sequence[str]:
    kind = f"{one.type}: " if one.type else ""
    place = one.recipient
    parts = (
        f"{kind}{spoken(one)}",
        place.get("timezone"),
        told_hours(one.hours),
        *(f"{word} {place[name]}" for word, name in _PLACES.items() if place.get(name)),
        told_consent(one.consent),
    )
    return [str(part) for part in parts if part]


def told_consent(said: JsonObject | None) -> str:
    """As it is typed; "" of a number without any."""
    if not said:
        return ""
    parts = [f"consent {said['tier']} {_quoted(said['method'])}"]
    if said.get("grantedTime"):
        parts.append(f"since {said['grantedTime']}")
    if said.get("evidence"):
        parts.append(f"proof {_quoted(said['evidence'])}")
    return " ".join(parts)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


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
