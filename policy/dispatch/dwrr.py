"""Whose turn it is: deficit-weighted round robin over classes of waiting calls.

A class is an agent's calls of one campaign with one effective priority. Each turn every class
earns its weight as credit and the class that gets the turn pays the weight of all. Among those in
credit the turn goes to the class whose next one falls due first. For classes that keep waiting
this holds every class within one turn of its share at any moment, so nobody starves (the earliest
deadline first rule of proportionate fairness: Baruah et al., Algorithmica 15, 1996, for one
resource). Credit is carried over in `deficits`; a class that runs empty keeps none, and no class
keeps more credit or debt than all that wait now earn in a turn, so that what was earned or owed
among many others does not weigh on it when they are gone.

A call within a quarter of an hour of its deadline does not wait for its class's turn: among such
calls the earliest deadline goes first, which keeps every deadline that any order could keep. Turns
that were another's are a loan, and the loan is bounded: once it is used up, every other turn at
least goes by the rule above, so that a flood of near deadlines makes nobody starve.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from heapq import heapify, heappop, heappush

#: Goes before everything below it. It is given by the caller: no deadline makes a call one.
EMERGENCY = 10
SOON, SOON_BOOST = timedelta(hours=1), 3
VERY_SOON, VERY_SOON_BOOST = timedelta(minutes=15), 5

#: So many turns of others may calls near their deadline have before the others get some, too.
LOAN = 300
_NEVER = datetime.max.replace(tzinfo=UTC)


class Band(StrEnum):
    """How the calls of an agent, a campaign and a given priority follow each other."""

    NEAR = "near"
    DATED = "dated"
    OPEN = "open"


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

    The two do not add up. The sum may pass 10: what differs in priority still differs when it is
    near its deadline. A call of priority 10 goes before it all the same.
    """
    left = None if deadline is None else deadline - now
    boost = 0
    if left is not None and left <= SOON:
        boost = VERY_SOON_BOOST if left <= VERY_SOON else SOON_BOOST
    return min(max(priority, 0), EMERGENCY) + boost


def band(deadline: datetime | None, now: datetime) -> Band:
    """Within an hour of the deadline, further from it, or without one."""
    if deadline is None:
        return Band.OPEN
    return Band.NEAR if deadline - now <= SOON else Band.DATED


def weight(effective: int) -> int:
    """A class's weight: (effective priority + 1) squared, from 1 for 0 to 256 for 15."""
    return (effective + 1) ** 2


def class_of(waiting: WaitingCall, now: datetime) -> str:
    """The key of a call's class in `deficits`; that of an emergency ends with an `e`."""
    effective = effective_priority(waiting.priority, waiting.deadline, now)
    return f"{waiting.class_key}|{effective}{'e' if _is_emergency(waiting) else ''}"


def _is_emergency(waiting: WaitingCall) -> bool:
    return waiting.priority >= EMERGENCY


def _urgency(one: WaitingCall) -> tuple[datetime, int, datetime, str]:
    """Sorts the calls of a class: the earliest deadline, the higher priority, the longer wait."""
    return (one.deadline or _NEVER, -one.priority, one.queued_at, one.call_id)


@dataclass(slots=True)
class _Class:
    key: str
    is_emergency: bool
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

    Within a class the earliest deadline goes first, then the higher given priority, then the
    longest waiting. `admit` is asked about each call before it is taken; when it says no (a cap is
    reached), the rest of its class sits out, loses nothing and earns nothing. Pure: `deficits` is
    left as it was.
    """
    classes = _classes(waiting, deficits, now)
    taken: list[WaitingCall] = []
    loans: dict[str, int] = {}
    for key, urgent in _LOANS.items():
        tier = [one for one in classes if one.is_emergency == urgent]
        loan = _Loan(deficits.get(key, 0), now + VERY_SOON)
        _serve(tier, take, admit, taken, loan)
        loans[key] = loan.owed if any(one.calls for one in tier) else 0
    credits = {one.key: one.credit for one in classes if one.calls}
    return taken, {key: owed for key, owed in {**credits, **loans}.items() if owed}


#: Under these, among the deficits, are the turns on loan: of emergencies, and of all others.
_LOANS = {"|loan|e": True, "|loan|": False}


@dataclass(slots=True)
class _Loan:
    """Turns of others that calls due until `until` have had out of turn, and not yet left them."""

    owed: int
    until: datetime

    def may_go(self, classes: Iterable[_Class]) -> list[_Class]:
        return [one for one in classes if one.calls and self.is_pressing(one)]

    def is_pressing(self, one: _Class) -> bool:
        return (one.calls[0].deadline or _NEVER) <= self.until

    def goes_before(self, chosen: _Class, pressing: Iterable[_Class]) -> _Class:
        """Whose turn it is instead: that of the earliest deadline, unless too much is owed."""
        if self.owed >= LOAN and not self.is_pressing(chosen):
            return chosen
        return min(self.may_go(pressing), key=lambda one: _urgency(one.calls[0]), default=chosen)

    def count(self, chosen: _Class, instead: _Class) -> None:
        if instead is not chosen and not self.is_pressing(chosen):
            self.owed += 1
        elif instead is chosen:
            self.owed = max(0, self.owed - 1)


def _classes(
    waiting: Iterable[WaitingCall], deficits: Mapping[str, int], now: datetime
) -> list[_Class]:
    groups: defaultdict[str, list[WaitingCall]] = defaultdict(list)
    for call in waiting:
        groups[class_of(call, now)].append(call)
    return [_class(key, calls, deficits.get(key, 0), now) for key, calls in groups.items()]


def _class(key: str, calls: Sequence[WaitingCall], credit: int, now: datetime) -> _Class:
    one = calls[0]
    effective = effective_priority(one.priority, one.deadline, now)
    in_order = deque(sorted(calls, key=_urgency))
    return _Class(key, _is_emergency(one), effective, weight(effective), in_order, credit)


def _serve(
    tier: list[_Class],
    take: int,
    admit: Callable[[WaitingCall], bool],
    taken: list[WaitingCall],
    loan: _Loan,
) -> None:
    active = list(tier)
    while active and len(taken) < take:
        gone = _serve_the_same(active, take, admit, taken, loan)
        active = [one for one in active if one is not gone]


def _serve_the_same(
    active: list[_Class],
    take: int,
    admit: Callable[[WaitingCall], bool],
    taken: list[WaitingCall],
    loan: _Loan,
) -> _Class | None:
    """Gives turns until enough are taken or a class runs empty or is not admitted; that one."""
    turns, gone = _Turns(active), None
    pressing = loan.may_go(active)
    while gone is None and len(taken) < take:
        chosen = turns.choose()
        instead = loan.goes_before(chosen, pressing) if pressing else chosen
        if instead is not chosen:
            turns.change(chosen, instead)
        if admit(instead.calls[0]):
            loan.count(chosen, instead)
            taken.append(instead.calls.popleft())
            turns.pay(instead)
            gone = None if instead.calls else instead
        else:
            turns.take_back()
            gone = instead
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

    def change(self, chosen: _Class, instead: _Class) -> None:
        """Gives the turn just started to another class, which is out until it pays."""
        self._put(chosen)
        self._in_credit = [entry for entry in self._in_credit if entry[-1] is not instead]
        self._in_debt = [entry for entry in self._in_debt if entry[-1] is not instead]
        heapify(self._in_credit)
        heapify(self._in_debt)
        # It comes before its time, and that may not leave it more than one turn in debt.
        instead.credit = max(instead.credit, -self._turn * instead.weight)

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
