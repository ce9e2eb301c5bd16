"""Whether a day is a holiday by the calendar of a country or one of its parts.

The days come from the `holidays` library, and from `data/holidays.json` where it lacks some.
Read strictly: the day itself and the day it is kept instead are both holidays.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from holidays import country_holidays

_EXTRAS: Mapping[str, Mapping[str, Any]] = json.loads(
    files("policy").joinpath("data", "holidays.json").read_text(encoding="utf-8")
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_holiday(calendar: str, day: date) -> bool:
    """Whether `day` is one by a calendar such as "FR" or "US-LA"; ValueError if there is none."""
    return day in _days(calendar, day.year)


@cache
def known_calendar(name: str) -> str:
    """The name again; raises ValueError for one that is not known."""
    if "of" not in _EXTRAS.get(name, {}):
        _library(name, None, observed=True)
    return name


@lru_cache(maxsize=1024)
def _days(calendar: str, year: int) -> frozenset[date]:
    extra = _EXTRAS.get(calendar, {})
    if "of" in extra:
        return frozenset().union(*(_days(each, year) for each in extra["of"]))
    actual, kept = (_library(calendar, year, observed=observed) for observed in (False, True))
    return frozenset({*actual, *kept, *_added(extra.get("days", ()), year)})


def _library(calendar: str, year: int | None, *, observed: bool) -> Iterable[date]:
    country, _, part = calendar.partition("-")
    try:
        return country_holidays(country, subdiv=part or None, years=year, observed=observed)
    except NotImplementedError:
        raise ValueError(f"no calendar of holidays is called {calendar}") from None


def _added(days: Iterable[Any], year: int) -> Iterator[date]:
    for given in days:
        if isinstance(given, str):
            day = _month_day(given, year)
            yield day
            if day.weekday() == 6:
                yield day + timedelta(days=1)
        elif not (given.get("even_years") and year % 2):
            start = _month_day(given["on_or_after"], year)
            wanted = _WEEKDAYS.index(given["first"])
            yield start + timedelta(days=(wanted - start.weekday()) % 7)


def _month_day(text: str, year: int) -> date:
    return date.fromisoformat(f"{year:04}-{text}")
