"""Whose turn it is: deficit-weighted round robin over classes of waiting calls.

A class is an agent's calls of one campaign with one effective priority. Each turn every class
earns its weight as credit and the class that gets the turn pays the weight of all. Among those in
credit the turn goes to the class whose next one falls due first. For classes that keep waiting
this holds every class within one turn of its share at any moment, so nobody starves (the earliest
deadline first rule of proportionate fairness: Baruah et al., Algorithmica 15, 1996, for one
resource). Credit is carried over in `deficits`; a class that runs empty keeps none, and no class
keeps more credit or debt than all that wait now earn in a turn, so that what was earned or owed
among many others does not weigh on it when they are gone.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from operator import attrgetter

#: Goes before everything below it. It is given by the caller and never reached by a deadline.
EMERGENCY = 10
SOON, SOON_BOOST = timedelta(hours=1), 3
VERY_SOON, VERY_SOON_BOOST = timedelta(minutes=15), 5


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A call that waits for a slot. `class_key` names its agent and campaign."""

    call_id: str
    class_key: str
    priority: int
    deadline: datetime | None
    queued_at: datetime


def effective_priority(priority: int, deadline: datetime | None, now: datetime) -> int:
    """Priority 0-10, plus 3 within an hour of the deadline or plus 5 within 15 minutes of it.

    The two do not add up, and the sum ends at 9: only a call that was given priority 10 has 10.
    """
    if priority >= EMERGENCY:
        return EMERGENCY
    left = None if deadline is None else deadline - now
    boost = 0
    if left is not None and left <= SOON:
        boost = VERY_SOON_BOOST if left <= VERY_SOON else SOON_BOOST
    return min(max(priority, 0) + boost, EMERGENCY - 1)


def weight(effective: int) -> int:
    """A class's weight: (effective priority + 1) squared, from 1 for 0 to 100 for 9."""
    return (effective + 1) ** 2


def class_of(waiting: WaitingCall, now: datetime) -> str:
    """The key of a call's class in `deficits`."""
    return f"{waiting.class_key}|{effective_priority(waiting.priority, waiting.deadline, now)}"


@dataclass(slots=True)
class _Class:
    key: str
    effective: int
    weight: int
    calls: deque[WaitingCall]
    credit: int


def order(
    waiting: Sequence[WaitingCall],
    deficits: Mapping[str, int],
    now: datetime,
    take: int,
    admit: Callable[[WaitingCall], bool] = lambda _: True,
) -> tuple[list[WaitingCall], dict[str, int]]:
    """The next `take` calls in their order, and the deficits to start from the next time.

    Within a class the longest waiting goes first. `admit` is asked about each call before it is
    taken; when it says no (a cap is reached), the rest of its class sits out, loses nothing and
    earns nothing. Pure: `deficits` is left as it was.
    """
    classes = _classes(waiting, deficits, now)
    taken: list[WaitingCall] = []
    for urgent in (True, False):
        tier = [one for one in classes if (one.effective == EMERGENCY) == urgent]
        _serve(tier, take, admit, taken)
    return taken, {one.key: one.credit for one in classes if one.calls and one.credit}


def _classes(
    waiting: Iterable[WaitingCall], deficits: Mapping[str, int], now: datetime
) -> list[_Class]:
    groups: defaultdict[tuple[str, int], list[WaitingCall]] = defaultdict(list)
    for call in waiting:
        effective = effective_priority(call.priority, call.deadline, now)
        groups[call.class_key, effective].append(call)
    return [
        _Class(
            key := class_of(calls[0], now),
            effective,
            weight(effective),
            deque(sorted(calls, key=attrgetter("queued_at", "call_id"))),
            deficits.get(key, 0),
        )
        for (_, effective), calls in groups.items()
    ]


def _serve(
    tier: list[_Class], take: int, admit: Callable[[WaitingCall], bool], taken: list[WaitingCall]
) -> None:
    active = list(tier)
    while active and len(taken) < take:
        gone = _serve_the_same(active, take, admit, taken)
        active = [one for one in active if one is not gone]


def _serve_the_same(
    active: list[_Class], take: int, admit: Callable[[WaitingCall], bool], taken: list[WaitingCall]
) -> _Class | None:
    """Gives turns until enough are taken or a class runs empty or is not admitted; that one."""
    turns, gone = _Turns(active), None
    while gone is None and len(taken) < take:
        chosen = turns.choose()
        if admit(chosen.calls[0]):
            taken.append(chosen.calls.popleft())
            turns.pay(chosen)
            gone = None if chosen.calls else chosen
        else:
            turns.take_back()
            gone = chosen
    turns.close(active)
    return gone


class _Turns:
    """Turns among classes that stay the same, each found in logarithmic time.

    Within it a class's `credit` is the credit it had at turn 0, less what it paid: what it earned
    is turn times weight, so the turns at which it comes into credit and falls due are known ahead.
    """

    def __init__(self, classes: Sequence[_Class]) -> None:
        self._total = sum(one.weight for one in classes)
        self._turn = 0
        self._in_credit: list[tuple[int, int, datetime, str, _Class]] = []
        self._in_debt: list[tuple[int, str, _Class]] = []
        for one in classes:
            one.credit = max(-self._total, min(one.credit, self._total))
            self._put(one)

    def choose(self) -> _Class:
        """Starts a turn and says whose it is; that class is out until it pays."""
        self._turn += 1
        while self._in_debt and self._in_debt[0][0] <= self._turn:
            one = heappop(self._in_debt)[-1]
            heappush(self._in_credit, self._ranked(one))
        if self._in_credit:
            return heappop(self._in_credit)[-1]
        # All in debt, to classes that have gone: whoever falls due first is the nearest to a right.
        entry = min(self._in_debt, key=lambda entry: self._ranked(entry[-1])[:-1])
        self._in_debt.remove(entry)
        heapify(self._in_debt)
        return entry[-1]

    def pay(self, one: _Class) -> None:
        one.credit -= self._total
        if one.calls:
            self._put(one)

    def take_back(self) -> None:
        """The turn just started was nobody's."""
        self._turn -= 1

    def close(self, classes: Sequence[_Class]) -> None:
        """Makes the credit of each class what it is now."""
        for one in classes:
            one.credit += self._turn * one.weight

    def _put(self, one: _Class) -> None:
        heappush(self._in_debt, (-one.credit // one.weight + 1, one.key, one))

    def _ranked(self, one: _Class) -> tuple[int, int, datetime, str, _Class]:
        due = -((one.credit - self._total) // one.weight)
        return (due, -one.effective, one.calls[0].queued_at, one.key, one)
