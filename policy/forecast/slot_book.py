"""Slots on virtual time: caps on calls at once, calls a minute and money, and whose turn it is.

A cap counts as `policy.dispatch.slots` does; turns among several classes of calls are those of
`policy.dispatch.dwrr.order`.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from policy.accounts.pricing import PriceRates, dials_left
from policy.dispatch.dwrr import WaitingCall, order
from policy.forecast.ticks import MINUTE, instant_of

#: More than any cap.
_PLENTY = 1 << 30


@dataclass(frozen=True, slots=True)
class CapTerms:
    """What an account, an agent or a campaign is held to; None: not at all.

    `spent` and `spend_limit` in micro-units, as a forecast finds them.
    """

    max_concurrent: int | None = None
    calls_per_minute: int | None = None
    spend_limit: int | None = None
    spent: int = 0


@dataclass(slots=True)
class Cap:
    """A cap while it is being used."""

    terms: CapTerms
    rates: PriceRates
    live: int = 0
    spent: int = 0
    _given: deque[int] = field(default_factory=deque)

    def room(self, at: int) -> int:
        """Slots that may be given at a tick."""
        terms, room = self.terms, _PLENTY
        if terms.max_concurrent is not None:
            room = terms.max_concurrent - self.live
        if terms.calls_per_minute is not None:
            given = self._given
            while given and given[0] <= at - MINUTE:
                given.popleft()
            room = min(room, terms.calls_per_minute - len(given))
        if terms.spend_limit is not None:
            left = dials_left(terms.spend_limit, terms.spent + self.spent, self.live, self.rates)
            room = min(room, _PLENTY if left is None else left)
        return room

    def take(self, at: int) -> None:
        self.live += 1
        if self.terms.calls_per_minute is not None:
            self._given.append(at)

    def give_back(self, cost: int) -> None:
        self.live -= 1
        self.spent += cost

    def paced_until(self) -> int | None:
        """When the pace lets another one go, if it is used up."""
        pace = self.terms.calls_per_minute
        if pace is None or not self._given or len(self._given) < pace:
            return None
        return self._given[0] + MINUTE


@dataclass(frozen=True, slots=True)
class Rival:
    """Other calls of the account that wait for slots, too: of one class, as many as are left."""

    class_key: str
    priority: int
    calls: int
    caps: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.class_key}|{self.priority}"


@dataclass(slots=True)
class SlotBook:
    """All caps by their names, and what DWRR carries over."""

    caps: Mapping[str, Cap]
    deficits: dict[str, int] = field(default_factory=dict)

    def room(self, names: Iterable[str], at: int) -> int:
        least = _PLENTY
        for name in names:
            room = self.caps[name].room(at)
            if room < least:
                least = room
        return max(0, least)

    def take(self, names: Iterable[str], at: int) -> None:
        for name in names:
            self.caps[name].take(at)

    def give_back(self, names: Iterable[str], cost: int) -> None:
        for name in names:
            self.caps[name].give_back(cost)

    def paced_until(self, names: Iterable[str]) -> int | None:
        """When the pace that holds these back the longest lets another one go."""
        known = (self.caps[name].paced_until() for name in names)
        return max((at for at in known if at is not None), default=None)

    def turns(
        self, waiting: Sequence[WaitingCall], names: Mapping[str, Sequence[str]], at: int, take: int
    ) -> list[WaitingCall]:
        """The next turns among several classes, of which `names` are the caps."""
        left = {name: cap.room(at) for name, cap in self.caps.items()}

        def admit(one: WaitingCall) -> bool:
            held_to = names[one.class_key]
            if min(left[name] for name in held_to) <= 0:
                return False
            for name in held_to:
                left[name] -= 1
            return True

        chosen, self.deficits = order(waiting, self.deficits, instant_of(at), take, admit)
        return chosen
