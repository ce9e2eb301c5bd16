"""The calls that wait for a slot on virtual time, and those of the account that wait beside them.

A campaign by itself is one class, in which the longest waiting goes first; where others wait, too,
`policy.dispatch.dwrr.order` is asked about the next turns.
"""

from collections import deque
from collections.abc import Iterator
from itertools import islice

from policy.dispatch.dwrr import WaitingCall
from policy.forecast.campaign_plan import ACCOUNT, OWN_CAPS, CampaignPlan
from policy.forecast.legs import Leg, SimulatedCall
from policy.forecast.slot_book import Cap, SlotBook
from policy.forecast.ticks import instant_of

#: A rival's key and which of its calls.
RivalTurn = tuple[str, int]


class SimulatedQueue:
    """`live`: slots that the campaign itself has."""

    def __init__(self, plan: CampaignPlan) -> None:
        self._plan = plan
        caps = {name: Cap(said, plan.dials.prices) for name, said in plan.caps.items()}
        self._slots = SlotBook(caps)
        self._names = tuple(name for name in OWN_CAPS if name in caps)
        self._rivals = {one.key: one for one in plan.rivals}
        self._rivals_left = {one.key: one.calls for one in plan.rivals if one.calls}
        self._waiting: deque[tuple[int, SimulatedCall]] = deque()
        self.live = 0

    def add(self, call: SimulatedCall, at: int) -> None:
        self._waiting.append((at, call))

    def expired(self, at: int) -> list[SimulatedCall]:
        """Takes out those whose permission has run out: they decide anew."""
        gone = [call for _, call in self._waiting if call.valid_until <= at]
        if gone:
            self._waiting = deque(one for one in self._waiting if one[1].valid_until > at)
        return gone

    # -- slots

    def take(self, at: int, leg: Leg) -> None:
        if leg.rival is None:
            self.live += 1
        self._slots.take(self._names_of(leg), at)

    def give_back(self, leg: Leg) -> None:
        if leg.rival is None:
            self.live -= 1
        self._slots.give_back(self._names_of(leg), leg.cost)

    def _names_of(self, leg: Leg) -> tuple[str, ...]:
        return self._names if leg.rival is None else self._rivals[leg.rival].caps

    def paced_until(self) -> int | None:
        """When a pace that is used up lets another call go, if any waits."""
        if not self._waiting:
            return None
        return self._slots.paced_until(self._names)

    def is_broke(self, at: int) -> bool:
        """Calls wait, and it is not for others that have the slots."""
        return bool(self._waiting) and not self.live and not self._slots.room(self._names, at)

    # -- turns

    def turns(self, at: int) -> Iterator[SimulatedCall | RivalTurn]:
        """Whoever has a slot now, one after the other; whoever asks takes it, or leaves it."""
        while self._waiting and not self._rivals_left and self._slots.room(self._names, at):
            yield self._waiting.popleft()[1]
        if self._rivals_left:
            yield from self._shared(at)

    def _shared(self, at: int) -> Iterator[SimulatedCall | RivalTurn]:
        room = self._slots.room((ACCOUNT,), at)
        if room <= 0:
            return
        own = {str(n): call for n, (_, call) in enumerate(islice(self._waiting, room + 1))}
        waiting = [*self._own(room + 1), *self._others(room + 1)]
        names = {one.class_key: one.caps for one in self._rivals.values()}
        names[self._plan.class_key] = self._names
        for turn in self._slots.turns(waiting, names, at, room):
            call = own.get(turn.call_id)
            if call is None:
                key = turn.call_id.partition("#")[0]
                yield key, self._next_of(key)
            else:
                self._waiting = deque(one for one in self._waiting if one[1] is not call)
                yield call

    def _own(self, most: int) -> Iterator[WaitingCall]:
        plan = self._plan
        deadline = None if plan.deadline is None else instant_of(plan.deadline)
        for number, (since, _) in enumerate(islice(self._waiting, most)):
            queued_at = instant_of(since)
            yield WaitingCall(str(number), plan.class_key, plan.priority, deadline, queued_at)

    def _others(self, most: int) -> Iterator[WaitingCall]:
        begin = instant_of(self._plan.begin)
        for key, left in self._rivals_left.items():
            rival = self._rivals[key]
            for number in range(min(left, most)):
                name = f"{key}#{number}"
                yield WaitingCall(name, rival.class_key, rival.priority, None, begin)

    def _next_of(self, key: str) -> int:
        left = self._rivals_left[key]
        if left > 1:
            self._rivals_left[key] = left - 1
        else:
            del self._rivals_left[key]
        return left
