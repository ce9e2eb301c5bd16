"""The period that numbers are asked for: from whom says what, and as it is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.http.problems import Problem, invalid
from api.http.values import unknown_zone
from policy.time.quarter_hours import OffsetRun, begin_of, quarter_after, quarter_of, runs
from policy.time.wall_time import bound_of_wall, is_zone, utc

#: Of a period that says nothing else, and of the longest: a leap year.
USUAL, LONGEST = timedelta(days=30), timedelta(days=366)
_EARLIEST, _YEARS_AHEAD = 1970, 3


@dataclass(frozen=True, slots=True)
class Period:
    """Whole quarters of an hour, on the clocks of a zone."""

    runs: Sequence[OffsetRun]
    timezone: str

    @property
    def begin(self) -> datetime:
        return begin_of(self.runs[0].start)

    @property
    def end(self) -> datetime:
        return begin_of(self.runs[-1].end)


def period_of(begin: datetime | None, end: datetime | None, timezone: str, now: datetime) -> Period:
    """Widened to whole quarters; raises a Problem that names the field.

    Without an offset a time is on the zone's clocks. What is left out: until now, for 30 days.
    """
    if not is_zone(timezone):
        raise unknown_zone("timezone")
    until = now if end is None else _instant(end, timezone, "to", now)
    since = until - USUAL if begin is None else _instant(begin, timezone, "from", now)
    if since >= until:
        raise _empty("from" if end is None else "to")
    if until - since > LONGEST:
        message = f"A period is at most {LONGEST.days} days long."
        raise invalid("period_too_long", "from" if end is None else "to", message)
    found = runs(quarter_of(since), quarter_after(until), timezone)
    return Period(tuple(found), timezone)


def _empty(field: str) -> Problem:
    message = "Must be later than `from`." if field == "to" else "Must be earlier than now."
    return invalid("empty_period", field, message)


def _instant(said: datetime, timezone: str, field: str, now: datetime) -> datetime:
    if not _EARLIEST < said.year <= now.year + _YEARS_AHEAD:
        message = "Calendars reach from 1970 to three years from now."
        raise invalid("out_of_range", field, message)
    if said.utcoffset() is not None:
        return utc(said)
    # A bound may lie in a gap: some zones skip midnight.
    return bound_of_wall(said.replace(tzinfo=None), timezone, fold="earlier")
