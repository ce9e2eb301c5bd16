"""What a campaign's numbers mean: whether it fails, when it ends, and what will not fit."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from policy.time.wall_time import utc
from policy.time.windows import Interval

_MINUTE = timedelta(minutes=1)
#: Below this a fluid amount of calls is none.
_NOTHING = 1e-6


#: The breaker looks at dials that ended within this, and needs so many of them.
BREAKER_OVER = timedelta(minutes=2)
BREAKER_MIN_DIALS = 20
BREAKER_FAILURE_SHARE = 0.5


def breaker(dials: int, failures: int, spec: Mapping[str, Any]) -> bool:
    """Whether so many failures among the dials of `BREAKER_OVER` say that something is broken.

    `spec`: {"isEnabled", "minDials", "failureShare"}, each with a default.
    """
    if not spec.get("isEnabled", True):
        return False
    min_dials = max(1, int(spec.get("minDials", BREAKER_MIN_DIALS)))
    share = float(spec.get("failureShare", BREAKER_FAILURE_SHARE))
    return dials >= min_dials and failures >= share * dials


@dataclass(frozen=True, slots=True)
class CallRate:
    """How fast calls can be made. None as a pace: only the slots limit."""

    slots: int
    calls_per_minute: int | None
    seconds_per_dial: float
    dials_per_call: float = 1.0

    @property
    def dials_per_minute(self) -> float:
        by_slots = self.slots * 60 / max(self.seconds_per_dial, 1)
        return by_slots if self.calls_per_minute is None else min(by_slots, self.calls_per_minute)

    def minutes_for(self, calls: float) -> float:
        rate = self.dials_per_minute
        return calls * self.dials_per_call / rate if rate > 0 else math.inf

    def calls_in(self, minutes: float) -> float:
        return minutes * self.dials_per_minute / self.dials_per_call


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the calls will all have been made, and how many will not be before the deadline.

    `more_slots` (None: no number of slots would do) or `more_minutes` past the deadline (None: no
    end in sight) would let all of them fit.
    """

    eta: datetime | None
    will_miss: int = 0
    more_slots: int | None = 0
    more_minutes: int | None = 0


def forecast(
    calls: int,
    pace: CallRate,
    openings: Iterable[Interval],
    now: datetime,
    deadline: datetime | None = None,
) -> Forecast:
    """Looks ahead from `now`; `openings` are when calls may be made, from `now` on, in order."""
    if calls <= 0:
        return Forecast(utc(now))
    intervals = list(openings)
    eta = _after_minutes(intervals, pace.minutes_for(calls))
    if deadline is None or (eta is not None and eta <= deadline):
        return Forecast(eta)
    minutes = _minutes_before(intervals, deadline)
    fit = int(pace.calls_in(minutes) + _NOTHING)
    if fit >= calls:
        return Forecast(eta)
    return Forecast(
        eta,
        calls - fit,
        _more_slots(calls, pace, minutes),
        None if eta is None else math.ceil((eta - max(utc(deadline), utc(now))) / _MINUTE),
    )


def _after_minutes(intervals: Sequence[Interval], minutes: float) -> datetime | None:
    left = minutes
    for interval in intervals:
        length = (interval.end - interval.start) / _MINUTE
        if left <= length:
            return interval.start + left * _MINUTE
        left -= length
    return None


def _minutes_before(intervals: Sequence[Interval], deadline: datetime) -> float:
    lengths = ((min(one.end, deadline) - one.start) / _MINUTE for one in intervals)
    return sum(length for length in lengths if length > 0)


def _more_slots(calls: int, pace: CallRate, minutes: float) -> int | None:
    if minutes <= 0:
        return None
    needed = calls * pace.dials_per_call / minutes
    if pace.calls_per_minute is not None and needed > pace.calls_per_minute:
        return None
    return max(0, math.ceil(needed * max(pace.seconds_per_dial, 1) / 60) - pace.slots)


@dataclass(frozen=True, slots=True)
class Group:
    """Contacts that may be called at the same times."""

    contacts: int
    openings: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """`left_over`: by group, how many find no place; `ends_at` None: somebody finds none."""

    left_over: tuple[int, ...]
    ends_at: datetime | None


def fit(groups: Sequence[Group], pace: CallRate) -> Fit:
    """Lets the groups share the pace, the one with the least time left first."""
    left = [float(group.contacts) for group in groups]
    ends_at: datetime | None = None
    for start, end in _slices(groups):
        room = pace.calls_in((end - start) / _MINUTE)
        for index in _by_urgency(groups, start):
            served = min(room, left[index])
            if served <= _NOTHING:
                continue
            left[index] -= served
            room -= served
            used = 1 - room / pace.calls_in((end - start) / _MINUTE)
            ends_at = start + used * (end - start)
    left_over = tuple(math.ceil(rest - _NOTHING) for rest in left)
    return Fit(left_over, None if any(left_over) else ends_at)


def _slices(groups: Sequence[Group]) -> Iterable[tuple[datetime, datetime]]:
    """The times between which no group's openings change."""
    edges = {edge for group in groups for one in group.openings for edge in (one.start, one.end)}
    return pairwise(sorted(edges))


def _by_urgency(groups: Sequence[Group], at: datetime) -> list[int]:
    """The groups that are open at `at`, those with the least time left first."""
    time_left = [
        sum(((one.end - max(one.start, at)) for one in group.openings if one.end > at), timedelta())
        for group in groups
    ]
    is_open = [any(one.start <= at < one.end for one in group.openings) for group in groups]
    indices = [index for index in range(len(groups)) if is_open[index]]
    return sorted(indices, key=lambda index: time_left[index])
