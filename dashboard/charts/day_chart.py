"""Numbers over days: bars of several parts, or one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.charts.scale import across_slot, marks

#: Height of what is drawn, in pixels; the width is whatever there is.
HEIGHT = 160.0
_LABELS = 6


@dataclass(frozen=True, slots=True)
class Part:
    """What a bar is made of: a name, and one of the colours of `dashboard.words.tone`."""

    name: str
    tone: str


@dataclass(frozen=True, slots=True)
class Bar:
    """`x` and `width` in percent, `y` and `height` in pixels from the top."""

    x: float
    width: float
    y: float
    height: float
    tone: str
    says: str


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    says: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across with its number, or the name of a day below."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class DayChart:
    """`heads` and `rows` are the same numbers as a table."""

    title: str
    says: str
    height: float
    parts: Sequence[Part]
    bars: Sequence[Bar]
    points: Sequence[Point]
    across: Sequence[Mark]
    below: Sequence[Mark]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    @property
    def is_empty(self) -> bool:
        return not self.bars and not self.points


def bars_over_days(
    title: str, parts: Sequence[Part], days: Sequence[tuple[date, Sequence[int]]]
) -> DayChart:
    """One bar a day, of as many parts as there are numbers; days in their order, none left out."""
    sums = [sum(numbers) for _, numbers in days]
    across = marks(max(sums, default=0))
    bars = []
    for index, (day, numbers) in enumerate(days):
        top = HEIGHT
        for part, number in zip(parts, numbers, strict=True):
            if number:
                height = HEIGHT * number / across[-1]
                top -= height
                x, width = across_slot(index, len(days), 0.76)
                says = f"{_day(day)}: {number} {part.name}"
                bars.append(Bar(x, width, top, height, part.tone, says))
    totals = [sum(column) for column in zip(*(numbers for _, numbers in days), strict=True)]
    said = ", ".join(f"{n} {part.name}" for part, n in zip(parts, totals, strict=False) if n)
    return DayChart(
        title,
        f"{_span(days)}: {said or 'nothing'}.",
        HEIGHT,
        parts,
        bars,
        [],
        _across(across, "{:.0f}"),
        _below([day for day, _ in days]),
        ["day", *(part.name for part in parts)],
        [[_day(day), *map(str, numbers)] for day, numbers in days],
    )


def line_over_days(
    title: str, days: Sequence[tuple[date, float | None]], form: str = "{:.0f}"
) -> DayChart:
    """One point a day; days without a number have none."""
    known = [value for _, value in days if value is not None]
    across = marks(max(known, default=0), whole=False)
    slot = 100 / max(len(days), 1)
    points = [
        Point(
            round((index + 0.5) * slot, 3),
            HEIGHT * (1 - value / across[-1]),
            f"{_day(day)}: {form.format(value)}",
        )
        for index, (day, value) in enumerate(days)
        if value is not None
    ]
    least, most = (form.format(end(known)) if known else "" for end in (min, max))
    says = f"{_span(days)}: from {least} to {most}." if known else "Nothing yet."
    return DayChart(
        title,
        says,
        HEIGHT,
        [],
        [],
        points,
        _across(across, form),
        _below([day for day, _ in days]),
        ["day", title],
        [[_day(day), "–" if value is None else form.format(value)] for day, value in days],
    )


def _across(values: Sequence[float], form: str) -> list[Mark]:
    return [Mark(HEIGHT * (1 - value / values[-1]), form.format(value)) for value in values]


def _below(days: Sequence[date]) -> list[Mark]:
    step = max(1, -(-len(days) // _LABELS))
    slot = 100 / max(len(days), 1)
    return [
        Mark(round((index + 0.5) * slot, 3), _day(day))
        for index, day in enumerate(days)
        if index % step == 0
    ]


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _span(days: Sequence[tuple[date, object]]) -> str:
    if not days:
        return "No day"
    first, last = _day(days[0][0]), _day(days[-1][0])
    return first if first == last else f"{first} to {last}"
