"""The period that the overview looks back over."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from api.analytics.periods import Period, period_of

#: What can be chosen: its name in the address, what it is called, and how many days it has.
CHOICES = (
    ("today", "Today", 1),
    ("week", "7 days", 7),
    ("month", "30 days", 30),
    ("quarter", "90 days", 90),
)
USUAL = "week"


@dataclass(frozen=True, slots=True)
class LookBack:
    """Whole days by the viewer's clock, today being the last."""

    name: str
    title: str
    period: Period
    days: tuple[date, ...]


def look_back(name: str, zone_name: str, now: datetime) -> LookBack:
    """The period of that name, or the usual one."""
    known = {one: (title, days) for one, title, days in CHOICES}
    chosen = name if name in known else USUAL
    title, count = known[chosen]
    # At midnight itself the day is not empty.
    now += timedelta(seconds=1)
    today = now.astimezone(ZoneInfo(zone_name)).date()
    first = today - timedelta(days=count - 1)
    period = period_of(datetime.combine(first, time()), None, zone_name, now)
    return LookBack(chosen, title, period, tuple(first + timedelta(days=n) for n in range(count)))
