"""Where waiting calls stand in line, and when their turns should come.

The line is what `policy.dispatch.dwrr.order` gives, so it is as the dispatcher will go about it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy.dispatch.dwrr import Band, WaitingCall, band, order
from policy.dispatch.slots import SlotCap

#: Calls as they are looked up: of an agent and campaign, with the priority that was given.
Group = tuple[str, int, Band]
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Flow:
    """A cap, and when the slots of the last minute were given under it, the newest first."""

    cap: SlotCap
    given: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """`position` counts from 1; `expected_start` is None where nothing moves at present."""

    position: int
    expected_start: datetime | None


def line(
    waiting: Sequence[WaitingCall],
    cut_short: Collection[Group],
    deficits: Mapping[str, int],
    now: datetime,
    take: int,
) -> list[WaitingCall]:
    """The next turns, as far as they are certain: no further than the calls of a class are known.

    Of a group that is `cut_short`, `waiting` holds only those that come first.
    """
    turns, _ = order(waiting, deficits, now, take)
    left = Counter(group_of(one, now) for one in waiting)
    for index, one in enumerate(turns, 1):
        group = group_of(one, now)
        left[group] -= 1
        if not left[group] and group in cut_short:
            return turns[:index]
    return turns


def group_of(waiting: WaitingCall, now: datetime) -> Group:
    return waiting.class_key, waiting.priority, band(waiting.deadline, now)


def queue_positions(
    turns: Sequence[WaitingCall],
    caps: Mapping[str, Sequence[str]],
    flows: Mapping[str, Flow],
    now: datetime,
    shown: Collection[str],
) -> dict[str, QueuePosition]:
    """The places of those calls in line that are `shown`, by their ids.

    `caps` names what a class (`class_key`) is held to, such as its account and its campaign, and
    `flows` how each of those moves. A call starts when the slowest of them lets it.
    """
    before: defaultdict[str, int] = defaultdict(int)
    found: dict[str, QueuePosition] = {}
    for position, one in enumerate(turns, 1):
        names = caps[one.class_key]
        for name in names:
            before[name] += 1
        if one.call_id in shown:
            starts = [expected_start(before[name], flows[name], now) for name in names]
            known = [start for start in starts if start is not None]
            found[one.call_id] = QueuePosition(
                position, max(known) if len(known) == len(starts) else None
            )
    return found


def expected_start(place: int, flow: Flow, now: datetime) -> datetime | None:
    """When the call at this place in line should start, if things go on as in the last minute."""
    when_free = _when_free(place, flow.cap, now)
    when_paced = _when_paced(place, flow, now)
    return None if when_free is None or when_paced is None else max(when_free, when_paced)


def _when_free(place: int, cap: SlotCap, now: datetime) -> datetime | None:
    """When as many slots have become free, at the rate at which they were given."""
    behind = 0 if cap.room is None else place - max(0, cap.room)
    if behind <= 0:
        return now
    if cap.recent <= 0 or cap.dials_left == 0:
        return None
    return now + behind / cap.recent * _MINUTE


def _when_paced(place: int, flow: Flow, now: datetime) -> datetime | None:
    """When so many may have been given: in any minute no more than the pace.

    So each waits for a minute after the one that is the pace's number of calls before it.
    """
    pace = flow.cap.calls_per_minute
    if pace is None:
        return now
    if pace <= 0:
        return None
    minutes, rest = divmod(place - 1, pace)
    before = pace - 1 - rest
    first = flow.given[before] + _MINUTE if before < len(flow.given) else now
    return max(now, first) + minutes * _MINUTE
