"""How many of a campaign's contacts may be called in each of the hours ahead."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from policy.time.windows import Interval

HOUR = timedelta(hours=1)


def contacts_by_hour(
    groups: Iterable[tuple[int, Sequence[Interval]]], start: datetime, hours: int
) -> list[int]:
    """`groups`: so many contacts may be called in these intervals.

    A contact counts for each of the hours from `start` on in which it may be called for a moment.
    """
    found = [0] * hours
    for contacts, openings in groups:
        for hour in {hour for one in openings for hour in _hours_of(one, start, hours)}:
            found[hour] += contacts
    return found


def _hours_of(opening: Interval, start: datetime, hours: int) -> range:
    if opening.end <= start or opening.end <= opening.start:
        return range(0)
    first = max(0, (opening.start - start) // HOUR)
    # An interval that ends with an hour has nothing of the next one.
    last = -((start - opening.end) // HOUR)
    return range(min(first, hours), min(last, hours))
