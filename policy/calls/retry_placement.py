"""Where the next try comes to lie: within the windows, and in a part of the day that is better."""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from policy.calls.retry import RetrySlot
from policy.time.best_times import BEST_TIMES_REACH
from policy.time.dayparts import DAYPARTS, NIGHT, daypart, daypart_end
from policy.time.windows import Interval, Window, ZonedWindow, first_opening, openings

#: How much later than the first allowed instant a try may be put to reach another daypart.
DAYPART_REACH = timedelta(hours=24)


def place_retry(
    slot: RetrySlot,
    windows: Sequence[Window],
    zones: Sequence[str],
    deadline: datetime | None,
    min_length: timedelta,
) -> datetime | None:
    """The instant of the next try, or None if the windows leave none before `deadline`.

    It is the first instant from `slot.earliest` on from which all windows stay open for
    `min_length` and whose daypart, on the clocks of the first of `zones`, is the best of
    `slot.better` that can be had within a day, or else not the one to avoid; of those in
    `slot.wanted` first. Where none is found it is simply the first the windows allow.
    """
    first = first_opening(windows, slot.earliest, min_length)
    if first is None or (deadline is not None and first.start >= deadline):
        return None
    if (slot.avoid_daypart is None and slot.wanted is None) or not zones:
        return first.start
    found = _better_instants(slot, windows, zones[0], first.start, min_length)
    return next((one for one in found if deadline is None or one < deadline), first.start)


def _better_instants(
    slot: RetrySlot,
    windows: Sequence[Window],
    zone_name: str,
    first: datetime,
    min_length: timedelta,
) -> Iterator[datetime]:
    """Instants in other dayparts than the one to avoid, those to be preferred first."""
    held_from = _held_from(slot, windows, first, min_length)
    # Nobody is put into the night for the sake of another time of day.
    others = {name for _, name in DAYPARTS} - {slot.avoid_daypart, NIGHT}
    reaches: list[tuple[Container[str], Sequence[Window], datetime]] = [
        ({rate.daypart}, windows, held_from + DAYPART_REACH) for rate in slot.better
    ]
    if slot.wanted is not None:
        wanted = (*windows, ZonedWindow(slot.wanted, zone_name))
        reaches.append((others, wanted, held_from + BEST_TIMES_REACH))
    if slot.avoid_daypart is not None:
        reaches.append((others, windows, first + DAYPART_REACH))
    for names, within, end in reaches:
        found = _first_in(names, openings(within, first, end + min_length), zone_name, min_length)
        if found is not None:
            yield found


def _held_from(
    slot: RetrySlot, windows: Sequence[Window], first: datetime, min_length: timedelta
) -> datetime:
    """From when on a better time is waited for, the same however often it is asked.

    Rates change while a call waits. Reckoned from the clock, each look could put it off again.
    """
    planned = first if slot.planned is None else slot.planned
    opens = first_opening(windows, planned, min_length)
    return first if opens is None else opens.start


def _first_in(
    names: Container[str], found: Iterable[Interval], zone_name: str, min_length: timedelta
) -> datetime | None:
    """The first instant of the intervals that lies in one of the dayparts, with room after it."""
    for interval in found:
        start = interval.start
        while start + min_length <= interval.end:
            if daypart(start, zone_name) in names:
                return start
            start = daypart_end(start, zone_name)
    return None


def why_then(slot: RetrySlot, placed: datetime, zones: Sequence[str]) -> str:
    """For people: why a try was put into its daypart, where answer rates have chosen it."""
    if not slot.better or not zones:
        return ""
    chosen = daypart(placed, zones[0])
    rate = next((one for one in slot.better if one.daypart == chosen), None)
    if rate is None:
        return ""
    share = round(100 * rate.answered / rate.attempts)
    return f", in the {chosen}: {share} % of {rate.attempts} attempts were answered then"
