"""A share for each hour of the week, as a field of colours with its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: Height of a row, in pixels, and the part of the width that the names of the days take.
ROW, NAMES = 24.0, 8.0
_LEVELS = 5
_FEW_LABELS = (0, 6, 12, 18)


@dataclass(frozen=True, slots=True)
class Cell:
    """`level` from 0, the palest, to 5; `is_thin`: of too few to say much."""

    x: float
    y: float
    width: float
    level: int
    text: str
    says: str
    is_thin: bool


@dataclass(frozen=True, slots=True)
class HeatMap:
    """`hours`: where the marks below stand, and what they say; `rows`: the same as a table."""

    title: str
    says: str
    height: float
    row: float
    cells: Sequence[Cell]
    days: Sequence[tuple[float, str]]
    hours: Sequence[tuple[float, str]]
    rows: Sequence[tuple[str, str, str]]


def heat_map(title: str, hours: Mapping[int, tuple[int, int]], least: int) -> HeatMap:
    """`hours`: since Monday 00:00 -> hits and tries; with fewer tries than `least` it is thin."""
    width = (100 - NAMES) / 24
    shares = {hour: hits / tries for hour, (hits, tries) in hours.items() if tries}
    most = max(shares.values(), default=0)
    cells = [
        Cell(
            round(NAMES + hour % 24 * width, 3),
            hour // 24 * ROW,
            round(width, 3),
            round(_LEVELS * share / most) if most else 0,
            f"{100 * share:.0f}",
            f"{_name(hour)}: {hours[hour][0]} of {hours[hour][1]} answered, {100 * share:.0f} %",
            hours[hour][1] < least,
        )
        for hour, share in sorted(shares.items())
    ]
    return HeatMap(
        title,
        _says(shares),
        ROW * len(DAYS),
        ROW,
        cells,
        [(index * ROW + ROW / 2, name) for index, name in enumerate(DAYS)],
        [(round(NAMES + hour * width, 3), f"{hour}:00") for hour in _FEW_LABELS],
        [
            (_name(hour), f"{100 * share:.0f} %", f"{hours[hour][0]} of {hours[hour][1]}")
            for hour, share in sorted(shares.items())
        ],
    )


def _says(shares: Mapping[int, float]) -> str:
    if not shares:
        return "No attempt yet."
    best = max(shares, key=lambda hour: shares[hour])
    most = f"most answered {_name(best)}, {100 * shares[best]:.0f} %"
    return f"{len(shares)} hours with attempts; {most}."


def _name(hour: int) -> str:
    return f"{DAYS[hour // 24]} {hour % 24}:00"
