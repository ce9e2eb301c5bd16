"""What pages of campaigns draw: how calls ended over time, who may be called when, a forecast."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from api.forecast.views import ForecastView, SeriesPointView
from dashboard.charts.day_chart import HEIGHT, Bar, DayChart, Mark, Part
from dashboard.charts.scale import across_slot, marks
from policy.campaigns.call_hours import HOUR
from policy.model.call import STATUS_OF_OUTCOME, CallStatus, Outcome

DAYS_AHEAD = 7
_FEWEST_BARS, _MOST_BARS, _LABELS = 12, 60, 6
_PARTS = (Part("completed", "good"), Part("failed", "bad"), Part("not made", "none"))
_STATUSES = (CallStatus.COMPLETED, CallStatus.FAILED, CallStatus.CANCELED)
_STEPS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 2880, 10080)
)
_LEVELS = 5


# -- over time


def outcomes_over_time(
    ends: Iterable[tuple[datetime, Outcome, int]], zone: tzinfo
) -> DayChart | None:
    """Calls by when they ended, in steps that fit; None as long as none has."""
    found = list(ends)
    if not found:
        return None
    first, last = min(at for at, _, _ in found), max(at for at, _, _ in found)
    step = _step(last - first)
    begin = _floor(first, step, zone)
    # One bar over the whole width would say nothing of time.
    begin -= step * max(0, _FEWEST_BARS - 1 - (last - begin) // step)
    count = (last - begin) // step + 1
    sums: list[Counter[CallStatus]] = [Counter() for _ in range(count)]
    for at, outcome, number in found:
        sums[(at - begin) // step][STATUS_OF_OUTCOME[outcome]] += number
    slots = [
        (begin + step * n, [one[status] for status in _STATUSES]) for n, one in enumerate(sums)
    ]
    return _bars("Calls ended", _PARTS, slots, step, zone)


def _step(span: timedelta) -> timedelta:
    return next((one for one in _STEPS if span / one < _MOST_BARS), _STEPS[-1])


def _floor(at: datetime, step: timedelta, zone: tzinfo) -> datetime:
    """The last round time by the viewer's clock."""
    local = at.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    wall = local.replace(tzinfo=None)
    return at - (wall - midnight) % step


def _bars(
    title: str,
    parts: Sequence[Part],
    slots: Sequence[tuple[datetime, Sequence[float]]],
    step: timedelta,
    zone: tzinfo,
) -> DayChart:
    across = marks(max((sum(numbers) for _, numbers in slots), default=0))
    width = 100 / max(len(slots), 1)
    names = [_name(at.astimezone(zone), step) for at, _ in slots]
    bars: list[Bar] = []
    for index, (_, numbers) in enumerate(slots):
        top = HEIGHT
        for part, number in zip(parts, numbers, strict=True):
            if number:
                height = HEIGHT * number / across[-1]
                top -= height
                says = f"{names[index]}: {number:.0f} {part.name}"
                x, wide = across_slot(index, len(slots), 0.8)
                bars.append(Bar(x, wide, top, height, part.tone, says))
    totals = [sum(column) for column in zip(*(numbers for _, numbers in slots), strict=True)]
    said = ", ".join(f"{n:.0f} {part.name}" for part, n in zip(parts, totals, strict=False) if n)
    every = max(1, -(-len(slots) // _LABELS))
    return DayChart(
        title,
        f"{names[0]} to {names[-1]}: {said}." if names else "Nothing yet.",
        HEIGHT,
        parts,
        bars,
        [],
        [Mark(HEIGHT * (1 - value / across[-1]), f"{value:.0f}") for value in across],
        [
            Mark(round((index + 0.5) * width, 3), name)
            for index, name in enumerate(names)
            # Not the outermost ones, which would reach out of the picture.
            if index % every == every // 2
        ],
        ["from", *(part.name for part in parts)],
        [
            [name, *(f"{number:.0f}" for number in numbers)]
            for name, (_, numbers) in zip(names, slots, strict=True)
            if any(numbers)
        ],
    )


def _name(at: datetime, step: timedelta) -> str:
    day = f"{at:%a} {at.day} {at:%b}"
    return day if step >= timedelta(days=1) else f"{at:%a %H:%M}"


def forecast_chart(found: ForecastView, zone: tzinfo) -> DayChart | None:
    """Dials over the run that is half way between the fastest and the slowest."""
    step = timedelta(minutes=found.step_minutes)
    series = _used(found.series)
    if not series:
        return None
    size = -(-len(series) // _MOST_BARS)
    parts = [Part("calls", "live")]
    slots = [
        (some[0].at, [sum(one.calls_per_hour.p50 for one in some) * (step / HOUR)])
        for some in (series[n : n + size] for n in range(0, len(series), size))
    ]
    return _bars("Calls dialed, as forecast", parts, slots, step * size, zone)


def _used(series: Sequence[SeriesPointView]) -> Sequence[SeriesPointView]:
    """Up to the last point at which anything is dialed."""
    used = [n for n, one in enumerate(series) if one.calls_per_hour.p50]
    return series[: used[-1] + 1] if used else []


# -- ahead


@dataclass(frozen=True, slots=True)
class HourCell:
    """One hour of a day. `level` from 0 (nobody) to 5 (all of them)."""

    hour: int
    level: int
    contacts: int
    says: str


@dataclass(frozen=True, slots=True)
class HourTable:
    """Who may be called when: a row for each day, 24 cells each; `None` is past or too far."""

    says: str
    days: Sequence[tuple[str, Sequence[HourCell | None]]]
    spans: Sequence[tuple[str, str, int]]


def first_hour(now: datetime) -> datetime:
    """The hour that has begun."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def hour_table(contacts: Sequence[int], start: datetime, total: int, zone: tzinfo) -> HourTable:
    """`contacts`: how many may be called in each hour from `start` on, of `total`."""
    days: dict[str, list[HourCell | None]] = {}
    for index, number in enumerate(contacts):
        at = (start + HOUR * index).astimezone(zone)
        name = f"{at:%a} {at.day} {at:%b}"
        row = days.setdefault(name, [None] * 24)
        level = -(-_LEVELS * number // total) if total else 0
        row[at.hour] = HourCell(at.hour, level, number, f"{name}, {at:%H:00}: {number} of {total}")
    return HourTable(_in_words(contacts, start, total, zone), list(days.items()), _spans(days))


def _in_words(contacts: Sequence[int], start: datetime, total: int, zone: tzinfo) -> str:
    if not any(contacts):
        return f"Nobody of {total} may be called within {DAYS_AHEAD} days."
    first = next(index for index, number in enumerate(contacts) if number)
    most = max(contacts)
    best = contacts.index(most)
    now = f"{contacts[0]} of {total} may be called within this hour"
    begins = "" if first == 0 else f"; the first {contacts[first]} {_at(start, first, zone)}"
    peak = "" if best == 0 else f"; most, {most}, {_at(start, best, zone)}"
    return f"{now}{begins}{peak}."


def _at(start: datetime, index: int, zone: tzinfo) -> str:
    at = (start + HOUR * index).astimezone(zone)
    return f"from {at:%a} {at.day} {at:%b}, {at:%H:00}"


def _spans(days: dict[str, list[HourCell | None]]) -> list[tuple[str, str, int]]:
    """The same as a table: stretches of hours of a day in which equally many may be called."""
    found: list[tuple[str, str, int]] = []
    for day, cells in days.items():
        begin = None
        for hour, cell in enumerate([*cells, None]):
            number = cell.contacts if cell else None
            if begin is not None and number != begin[1]:
                if begin[1]:
                    found.append((day, f"{begin[0]:02}:00–{hour:02}:00", begin[1]))
                begin = None
            if begin is None and number is not None:
                begin = (hour, number)
    return found
