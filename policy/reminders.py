"""Reminders of an appointment: a call each, and no more of them once one has reached the person.

Calls that remind of the same appointment are a sequence. Each begins a span of time before the
appointment and ends where the next one begins, so that no two of them are ever dialed at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy.model.call import Outcome
from policy.time.wall_time import utc

#: The person was reached, or never can be: the reminders that are left are not made.
#: After all else (nobody, a machine, a busy line, a fault, a missed deadline) the next one is made.
STOPPING = frozenset({
    Outcome.COMPLETED,
    Outcome.CONFIRMED,
    Outcome.DECLINED,
    Outcome.OPTED_OUT,
    Outcome.INVALID,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reminder:
    """When one call may be made: [not_before, deadline). `place`: in the list it was asked in."""

    place: int
    not_before: datetime
    deadline: datetime


def plan(appointment_at: datetime, befores: Sequence[timedelta], now: datetime) -> list[Reminder]:
    """The reminders that are still ahead at `now`, in the order of their times.

    `befores`: how long before the appointment, in any order, no two alike.
    """
    end = utc(appointment_at)
    starts = sorted((end - before, place) for place, before in enumerate(befores))
    ends = [start for start, _ in starts[1:]] + [end]
    return [
        Reminder(place, start, deadline)
        for (start, place), deadline in zip(starts, ends, strict=True)
        if start >= utc(now)
    ]


def repeated(befores: Sequence[timedelta]) -> int | None:
    """The place of the first that says what an earlier one says; None: all are distinct."""
    seen: set[timedelta] = set()
    for place, before in enumerate(befores):
        if before in seen:
            return place
        seen.add(before)
    return None


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another call of the same sequence. `is_under_way`: about to be dialed, or with the carrier.

    `outcome` None: it has not ended.
    """

    outcome: Outcome | None = None
    is_under_way: bool = False


def reached(siblings: Iterable[Sibling]) -> Outcome | None:
    """The outcome for which no further reminder is made; None: there is none."""
    return next((one.outcome for one in siblings if one.outcome in STOPPING), None)


def is_under_way(siblings: Iterable[Sibling]) -> bool:
    """Whether another reminder is being made at this moment."""
    return any(one.is_under_way for one in siblings)
