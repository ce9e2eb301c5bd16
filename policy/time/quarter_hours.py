"""Time as it is counted: in quarters of an hour, because the clocks of zones differ by these.

A quarter is the number of whole quarters since 1970 in UTC, a slot the half hour of a local week.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from policy.time.wall_time import utc, zone

SECONDS = 900
A_DAY = 96
#: Half hours of a week; Monday 00:00 is slot 0.
SLOTS_A_DAY, SLOTS = 48, 336
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER = timedelta(seconds=SECONDS)


@dataclass(frozen=True, slots=True)
class OffsetRun:
    """Quarters [start, end) through which a zone keeps its offset from UTC, in seconds."""

    start: int
    end: int
    offset: int


def quarter_of(instant: datetime) -> int:
    """The quarter that an instant lies in."""
    return (utc(instant) - _EPOCH) // _QUARTER


def quarter_after(instant: datetime) -> int:
    """The first quarter that does not begin before an instant."""
    return -((_EPOCH - utc(instant)) // _QUARTER)


def begin_of(quarter: int) -> datetime:
    """The instant at which a quarter begins."""
    return _EPOCH + quarter * _QUARTER


def runs(start: int, end: int, zone_name: str) -> Iterator[OffsetRun]:
    """The quarters [start, end) by the offset that a zone has in them; raises UnknownZone."""
    begun = start
    while begun < end:
        until = _next_change(begun, end, zone_name)
        yield OffsetRun(begun, until, _offset(begun, zone_name))
        begun = until


def _next_change(start: int, end: int, zone_name: str) -> int:
    """The first quarter after `start` with another offset, or `end`."""
    offset = _offset(start, zone_name)
    low, high = start, min(start + A_DAY, end)
    while _offset(high, zone_name) == offset:
        if high >= end:
            return end
        low, high = high, min(high + A_DAY, end)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle, zone_name) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset(quarter: int, zone_name: str) -> int:
    found = begin_of(quarter).astimezone(zone(zone_name)).utcoffset()
    assert found is not None
    return int(found.total_seconds())


def slot_of(instant: datetime, zone_name: str) -> int:
    """The half hour of the week on a zone's clocks."""
    return slot_of_local(utc(instant).astimezone(zone(zone_name)))


def slot_of_local(local: datetime) -> int:
    """The half hour of the week of a local time."""
    return local.weekday() * SLOTS_A_DAY + local.hour * 2 + local.minute // 30


def month_of(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def day_name(day: int) -> str:
    """A day, counted since 1970, as ISO 8601 writes it."""
    return (_EPOCH.date() + timedelta(days=day)).isoformat()


def hour_name(hour: int) -> str:
    """An hour of the week, counted since Monday 00:00: "tue 18:00"."""
    day, of_day = divmod(hour, 24)
    return f"{_DAYS[day]} {of_day:02}:00"


def month_name(month: int) -> str:
    """A month as `month_of` counts them: "2027-01"."""
    year, of_year = divmod(month, 12)
    return f"{year:04}-{of_year + 1:02}"
