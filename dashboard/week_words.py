"""Days, hours and delays in words: of an agent, of a campaign."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DURATION = TypeAdapter(timedelta)


def day_names(said: Iterable[str]) -> str:
    """`Mon–Fri`, `every day`, `Mon, Thu`."""
    places = sorted(DAYS.index(day) for day in said)
    if len(places) == len(DAYS):
        return "every day"
    if len(places) > 2 and places[-1] - places[0] == len(places) - 1:
        return f"{DAYS[places[0]].title()}–{DAYS[places[-1]].title()}"
    return ", ".join(DAYS[place].title() for place in places)


def business_hours(spec: Mapping[str, Sequence[Mapping[str, str]] | None] | None) -> list[str]:
    """`Mon–Fri 09:00–12:00, 13:00–17:30`: a line for the days that have the same hours."""
    if spec is None:
        return ["at any time"]
    same: dict[str, list[str]] = {}
    for day in DAYS:
        spans = [f"{one['start']}–{one['end']}" for one in spec.get(day) or ()]
        if spans:
            same.setdefault(", ".join(spans), []).append(day)
    return [f"{day_names(days)} {spans}" for spans, days in same.items()] or ["never"]


def hours(duration: Any) -> str:
    """An ISO 8601 duration as hours: `PT90M` as `1.5`."""
    length = seconds(duration)
    return "" if length is None else f"{length / 3600:.4f}".rstrip("0").rstrip(".")


def seconds(duration: Any) -> float | None:
    """The length of an ISO 8601 duration; None for what is none."""
    if not duration:
        return None
    try:
        return _DURATION.validate_python(duration).total_seconds()
    except ValidationError:
        return None
