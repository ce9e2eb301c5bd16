"""Wall-clock time and instants: the only place that turns one into the other.

The pinned `tzdata` package is used and never the host's files, so that one release of Trunkline
gives one answer on every machine. Arithmetic is done in UTC throughout, because Python compares
and subtracts two times of one zone by their wall clock: both 01:30s of a fold count as equal.
"""

import zoneinfo
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from typing import Literal
from zoneinfo import ZoneInfo

zoneinfo.reset_tzpath(to=())
ZoneInfo.clear_cache()

TZDATA_VERSION: str = version("tzdata")

#: Present in the database but not places: a call must not be timed by them.
_NOT_PLACES = frozenset({"Factory", "localtime", "posixrules", "Etc/Unknown"})
_KNOWN = frozenset(zoneinfo.available_timezones()) - _NOT_PLACES

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class UnknownZone(ValueError):
    """The name is not in the tz database; what was given is not repeated, it may be anything."""

    def __init__(self) -> None:
        super().__init__(f"unknown time zone (tz database {TZDATA_VERSION})")


class WallTimeGap(ValueError):
    """The wall time does not exist: the clocks jump over it."""


def zone(name: str) -> ZoneInfo:
    """The zone of a tz database name such as "America/New_York"; raises `UnknownZone`.

    Names are matched exactly, so neither a path nor another spelling reaches the file system.
    """
    if name not in _KNOWN:
        raise UnknownZone
    return _load(name)


@cache
def _load(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def is_zone(name: str) -> bool:
    """Whether `zone(name)` would succeed."""
    return name in _KNOWN


def utc(instant: datetime) -> datetime:
    """The same instant in UTC; raises ValueError if it is naive, or lies in no year of UTC."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError("an instant needs an offset")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("an instant lies in the years 1 to 9999 of UTC") from None


def resolve_local(
    naive: datetime, zone_name: str, *, fold: Literal["earlier", "later"]
) -> datetime:
    """The UTC instant at which clocks in `zone_name` show `naive`.

    Of the two instants of a fold the `fold` one is taken. Raises `WallTimeGap` when the clocks
    skip that time, `UnknownZone`, and ValueError when `naive` carries an offset.
    """
    first, second = _readings(naive, zone_name)
    if first > second:
        raise WallTimeGap(
            f"{naive:%Y-%m-%d %H:%M} does not exist in {zone_name}: the clocks skip it"
        )
    return first if fold == "earlier" else second


def bound_of_wall(
    naive: datetime, zone_name: str, *, fold: Literal["earlier", "later"]
) -> datetime:
    """Like `resolve_local`, but a time in a gap becomes the instant at which the clocks jump."""
    first, second = _readings(naive, zone_name)
    if first > second:
        return _transition(second, first, zone(zone_name))
    return first if fold == "earlier" else second


def _readings(naive: datetime, zone_name: str) -> tuple[datetime, datetime]:
    """Both readings by PEP 495: equal normally, first < second in a fold, first > second in a gap.

    https://peps.python.org/pep-0495/#guidelines-for-new-tzinfo-implementations
    """
    if naive.tzinfo is not None:
        raise ValueError("a wall time carries no offset")
    place = zone(zone_name)
    first = naive.replace(tzinfo=place, fold=0).astimezone(UTC)
    second = naive.replace(tzinfo=place, fold=1).astimezone(UTC)
    return first, second


def _transition(low: datetime, high: datetime, place: ZoneInfo) -> datetime:
    """The first whole second in (low, high] whose offset is that of `high`."""
    after = high.astimezone(place).utcoffset()
    low = low.replace(microsecond=0)
    while (gap := high - low) > timedelta(seconds=1):
        middle = low + timedelta(seconds=int(gap.total_seconds()) // 2)
        if middle.astimezone(place).utcoffset() == after:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)


def spoken(instant: datetime, zone_name: str) -> str:
    """For people: "Mon 23 Nov 08:00 (America/New_York)". Independent of the host's locale."""
    local = utc(instant).astimezone(zone(zone_name))
    day = f"{_WEEKDAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"
    return f"{day} {local:%H:%M} ({zone_name})"
