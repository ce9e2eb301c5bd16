"""When a set of weekly windows, each in its own zone, is open all at once.

Daylight saving is read conservatively. A span that starts in a fold starts at the later of the
two instants and one that ends in a fold ends at the earlier; of a span that touches a gap only
the instants that exist remain. So no instant of an opening lies outside a window by the clock.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from policy.model.call import Span, WeeklyWindow
from policy.time.holidays import is_holiday
from policy.time.wall_time import bound_of_wall, utc, zone

DAY_MINUTES = 1440
#: How far ahead an opening is looked for when no deadline says so. Weekly windows repeat after
#: seven days, so what has not opened by then never will, whatever the clock changes; unless it was
#: a blackout that closed them.
HORIZON = timedelta(days=60)
#: A blackout that lasts longer is taken for one without an end: no calendar is known as far.
FORESEEN = timedelta(days=2 * 366)

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class BadWindow(ValueError):
    """A weekly window that cannot be read; says which day and span."""


@dataclass(frozen=True, slots=True)
class ZonedWindow:
    """A weekly window on the clocks of one zone, closed on the holidays of `calendar`."""

    window: WeeklyWindow
    zone_name: str
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class Blackout:
    """Closed from one instant to another, None: for good; open at all other times."""

    starts_at: datetime
    ends_at: datetime | None = None

    def covers(self, instant: datetime) -> bool:
        return self.starts_at <= instant and (self.ends_at is None or instant < self.ends_at)


Window = ZonedWindow | Blackout


@dataclass(frozen=True, slots=True)
class Interval:
    """UTC instants, [start, end)."""

    start: datetime
    end: datetime


def weekly(days: Mapping[int, Sequence[tuple[str, str]]]) -> WeeklyWindow:
    """Reads {weekday: [("09:00", "17:30"), ...]} with 0 = Monday; raises `BadWindow`.

    "9:00" and, as an end, "24:00" are understood. An end at or before its start belongs to the
    next day, so ("00:00", "00:00") is a whole day.
    """
    return WeeklyWindow({day: _spans_of_day(day, spans) for day, spans in sorted(days.items())})


def _spans_of_day(day: int, spans: Sequence[tuple[str, str]]) -> tuple[Span, ...]:
    if day not in range(7):
        raise BadWindow("a weekday is a number from 0 (Monday) to 6 (Sunday)")
    read = [_span(f"{_DAY_NAMES[day]}, span {n}", *span) for n, span in enumerate(spans, start=1)]
    return tuple(sorted(read, key=lambda span: (span.start, span.end)))


def _span(where: str, start_text: str, end_text: str) -> Span:
    start, end = _minutes(where, "start", start_text), _minutes(where, "end", end_text)
    if start == DAY_MINUTES:
        raise BadWindow(f"{where}: a span cannot start at 24:00")
    return Span(start, end if end > start else end + DAY_MINUTES)


def _minutes(where: str, which: str, text: str) -> int:
    match = _CLOCK.fullmatch(text.strip())
    minutes = int(match[1]) * 60 + int(match[2]) if match else -1
    if not match or int(match[2]) > 59 or minutes > DAY_MINUTES:
        raise BadWindow(f"{where}: the {which} is not a time of day like 09:00")
    return minutes


def openings(windows: Sequence[Window], after: datetime, until: datetime) -> Iterator[Interval]:
    """The maximal intervals within [after, until) in which every window is open, in order.

    No windows at all is always open. Lazy: days are looked at as far as the caller goes. Raises
    `policy.time.wall_time.UnknownZone`.
    """
    after, until = utc(after), utc(until)
    if after >= until:
        return
    if not windows:
        yield Interval(after, until)
        return
    streams = [_open_intervals(window, after, until) for window in _distinct(windows)]
    yield from _intersection(streams)


def merged(found: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same instants in as few intervals as there can be, in their order."""
    whole: list[Interval] = []
    for one in sorted(found, key=lambda interval: interval.start):
        if whole and one.start <= whole[-1].end:
            whole[-1] = Interval(whole[-1].start, max(whole[-1].end, one.end))
        else:
            whole.append(one)
    return tuple(whole)


def next_opening(
    windows: Sequence[Window], after: datetime, until: datetime, min_length: timedelta
) -> Interval | None:
    """The first opening within [after, until) that lasts at least `min_length`, or None.

    `min_length` is the ring timeout and its margin: a phone must not ring past the window's end.
    """
    for interval in openings(windows, after, until):
        if interval.end - interval.start >= min_length:
            return interval
    return None


def first_opening(
    windows: Sequence[Window], after: datetime, min_length: timedelta
) -> Interval | None:
    """The first opening from `after` on, however far off; None: there is none in sight."""
    for start in _starts(windows, utc(after)):
        found = next_opening(windows, start, start + HORIZON + min_length, min_length)
        if found is not None:
            return found
    return None


def _starts(windows: Sequence[Window], after: datetime) -> Iterator[datetime]:
    """From where to look: at once, and anew from the end of each blackout."""
    blackouts = [window for window in windows if isinstance(window, Blackout)]
    ends = {utc(one.ends_at) for one in blackouts if one.ends_at is not None}
    for start in (after, *sorted(end for end in ends if after < end <= after + FORESEEN)):
        if not any(one.covers(start) for one in blackouts):
            yield start


def _distinct(windows: Sequence[Window]) -> list[Window]:
    found: list[Window] = []
    for window in windows:
        if window not in found:
            found.append(window)
    return found


def _intersection(streams: Sequence[Iterator[Interval]]) -> Iterator[Interval]:
    heads = [next(stream, None) for stream in streams]
    while (present := [head for head in heads if head is not None]) and len(present) == len(heads):
        start = max(head.start for head in present)
        end = min(head.end for head in present)
        if start < end:
            yield Interval(start, end)
        heads = [
            next(stream, None) if head.end == end else head
            for stream, head in zip(streams, present, strict=True)
        ]


def _open_intervals(window: Window, after: datetime, until: datetime) -> Iterator[Interval]:
    """One window's openings, clipped to [after, until), with touching spans merged."""
    if isinstance(window, Blackout):
        yield from _around(window, after, until)
    else:
        yield from _merged(window, after, until)


def _around(blackout: Blackout, after: datetime, until: datetime) -> Iterator[Interval]:
    if after < (start := min(utc(blackout.starts_at), until)):
        yield Interval(after, start)
    if blackout.ends_at is not None and (end := max(utc(blackout.ends_at), after)) < until:
        yield Interval(end, until)


def _merged(window: ZonedWindow, after: datetime, until: datetime) -> Iterator[Interval]:
    pending: Interval | None = None
    for start, end in _raw_intervals(window, after, until):
        start, end = max(start, after), min(end, until)
        if start >= end:
            continue
        if pending is None or start > pending.end:
            if pending is not None:
                yield pending
            pending = Interval(start, end)
        else:
            pending = Interval(pending.start, max(pending.end, end))
    if pending is not None:
        yield pending


def _raw_intervals(
    window: ZonedWindow, after: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Spans by local day as UTC bounds, by rising start; an empty one has end <= start."""
    place = zone(window.zone_name)
    # A span may reach two midnights past its day, so the two days before can still be open.
    day = after.astimezone(place).date() - timedelta(days=2)
    last = until.astimezone(place).date()
    while day <= last:
        for span in _spans_on(window, day):
            yield (
                bound_of_wall(_wall(day, span.start), window.zone_name, fold="later"),
                bound_of_wall(_wall(day, span.end), window.zone_name, fold="earlier"),
            )
        day += timedelta(days=1)


def _spans_on(window: ZonedWindow, day: date) -> Iterator[Span]:
    """The spans that begin on a day; none on a holiday, and none that reaches into one."""
    if _closed(window, day):
        return
    for span in window.window.days.get(day.weekday(), ()):
        overnight = span.end > DAY_MINUTES and _closed(window, day + timedelta(days=1))
        yield Span(span.start, DAY_MINUTES) if overnight else span


def _closed(window: ZonedWindow, day: date) -> bool:
    return window.calendar is not None and is_holiday(window.calendar, day)


def _wall(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minutes)
