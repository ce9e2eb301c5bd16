"""The openings of some windows, looked up once and then found by search.

Each answer is what `policy.time.windows` and `policy.calls.retry_placement` give to the same
question; tests hold the two against each other.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from policy.calls.retry import RetrySlot
from policy.calls.retry_placement import DAYPART_REACH
from policy.forecast.ticks import DAY, instant_of, tick_of, ticks_of
from policy.time.best_times import BEST_TIMES_REACH
from policy.time.dayparts import DAYPARTS, NIGHT, daypart, daypart_end
from policy.time.windows import HORIZON, Window, first_opening, openings

_HORIZON = ticks_of(HORIZON)
_REACH = ticks_of(DAYPART_REACH)
_WANTED_REACH = ticks_of(BEST_TIMES_REACH)
_FIRST_LOOK = 8 * DAY
#: A try in the night is nobody's better time of day.
_PARTS = frozenset(name for _, name in DAYPARTS) - {NIGHT}


@dataclass(frozen=True, slots=True)
class Aim:
    """Which time of day a retry is for: see `policy.calls.retry.RetrySlot`.

    `better`: dayparts to be tried before the others, the best first.
    """

    avoid: str | None = None
    better: tuple[str, ...] = ()
    others: frozenset[str] = _PARTS

    @classmethod
    def of(cls, slot: RetrySlot) -> "Aim":
        """The time of day that a slot is for."""
        avoid = slot.avoid_daypart
        return cls(avoid, tuple(one.daypart for one in slot.better), _PARTS - {avoid or ""})


ANY_TIME = Aim()


class Calendar:
    """When all of some windows are open together; in ticks.

    `ring_time` is what a phone needs before an opening ends, `min_length` how long an opening must
    last from the start of a call, and `zone_name` whose clocks tell the time of day.
    """

    def __init__(
        self,
        windows: Sequence[Window],
        zone_name: str,
        ring_time: timedelta,
        min_length: timedelta,
        begin: int,
    ) -> None:
        self._windows, self.zone_name = windows, zone_name
        self._ring_time, self._least = ticks_of(ring_time), ticks_of(min_length)
        self._min_length = min_length
        self._begin = begin
        self._look(begin + (_FIRST_LOOK if windows else 2 * _HORIZON))
        #: Ticks between which the next opening lies further off than is looked ahead.
        self._far: tuple[int, int, tuple[int, int] | None] = (0, 0, None)

    def _look(self, until: int) -> None:
        found = openings(self._windows, instant_of(self._begin), instant_of(until))
        spans = [(tick_of(one.start), tick_of(one.end)) for one in found]
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]
        self._known = until
        self._pieces: list[tuple[int, int, str]] | None = None

    def opening(self, at: int) -> tuple[int, int] | None:
        """From when on, not before `at`, a call may be made, and when that opening ends.

        An opening without an end is one as far as anybody looks ahead.
        """
        least = self._least
        while True:
            index = bisect_left(self._ends, at + least)
            while index < len(self._ends):
                start, end = self._starts[index], self._ends[index]
                if start < at:
                    start = at
                if end - start >= least:
                    break
                index += 1
            else:
                if self._known >= at + _HORIZON + least:
                    return self._far_off(at)
                self._look(self._begin + 2 * (self._known - self._begin))
                continue
            if start > at + _HORIZON:
                return self._far_off(at)
            if end < self._known or self._known >= start + _HORIZON:
                return start, min(end, start + _HORIZON)
            self._look(self._begin + 2 * (self._known - self._begin))

    def _far_off(self, at: int) -> tuple[int, int] | None:
        """Behind a long blackout, or nowhere."""
        begin, until, found = self._far
        if not begin <= at < until:
            real = first_opening(self._windows, instant_of(at), self._min_length)
            found = None if real is None else (tick_of(real.start), tick_of(real.end))
            self._far = (at, at + DAY if found is None else found[0], found)
        return found

    def place(
        self,
        earliest: int,
        aim: Aim,
        planned: int,
        deadline: int | None,
        wanted: "Calendar | None" = None,
    ) -> int | None:
        """`policy.calls.retry_placement.place_retry`; `wanted`: of the best times besides."""
        first = self.opening(earliest)
        if first is None or (deadline is not None and first[0] >= deadline):
            return None
        start = first[0]
        if aim.avoid is None and wanted is None:
            return start
        for calendar, parts, until in self._reaches(start, aim, planned, wanted):
            found = calendar._first_in(parts, start, until)
            if found is not None and (deadline is None or found < deadline):
                return found
        return start

    def _reaches(
        self, start: int, aim: Aim, planned: int, wanted: "Calendar | None"
    ) -> Sequence[tuple["Calendar", Collection[str], int]]:
        others = (self, aim.others, start + _REACH)
        if not aim.better and wanted is None:
            return (others,)
        opens = self.opening(planned)
        held_from = start if opens is None else opens[0]
        found: list[tuple[Calendar, Collection[str], int]] = [
            (self, (name,), held_from + _REACH) for name in aim.better
        ]
        if wanted is not None:
            found.append((wanted, aim.others, held_from + _WANTED_REACH))
        return found if aim.avoid is None else (*found, others)

    def _first_in(self, parts: Collection[str], start: int, until: int) -> int | None:
        """The first tick of one of the dayparts from which an opening is long enough."""
        if until + self._least > self._known:
            self._look(self._begin + 2 * (until + self._least - self._begin))
        if self._pieces is None:
            self._pieces = self._by_daypart()
            self._lasts = [last for _, last, _ in self._pieces]
        pieces = self._pieces
        for index in range(bisect_left(self._lasts, start), len(pieces)):
            begin, _, name = pieces[index]
            if begin > until:
                return None
            if name in parts:
                return max(begin, start)
        return None

    def _by_daypart(self) -> list[tuple[int, int, str]]:
        """The openings in pieces of one daypart each: the first and last tick to begin a call."""
        found = []
        for start, end in zip(self._starts, self._ends, strict=True):
            begin, last = start, end - self._least
            while begin <= last:
                instant = instant_of(begin)
                turn = tick_of(daypart_end(instant, self.zone_name))
                found.append((begin, min(turn - 1, last), daypart(instant, self.zone_name)))
                begin = turn
        return found

    def last_start(self, at: int) -> int:
        """The last tick at which a call can still be placed in the opening that `at` lies in.

        `at` itself where the opening's end moves on with the clock.
        """
        opening = self.opening(at)
        if opening is None or opening[1] >= at + _HORIZON:
            return at
        return opening[1] - self._least

    def valid_until(self, at: int, deadline: int | None) -> int:
        """Until when a call placed at `at` may still be sent, so that it rings in time."""
        opening = self.opening(at)
        end = at if opening is None or opening[0] > at else opening[1] - self._ring_time
        return end if deadline is None else min(end, deadline)
