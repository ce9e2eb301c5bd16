"""How often something may happen: a bucket of tokens that fills again at a steady pace."""

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """How many tokens there were at a moment of a steady clock, in seconds."""

    tokens: float
    at: float


@dataclass(frozen=True, slots=True)
class Pace:
    """So many at once, and so many a minute on and on. None of it is a limit where it is 0."""

    per_minute: int

    @property
    def per_second(self) -> float:
        return self.per_minute / 60


class Buckets:
    """A bucket for each of many, of whom only the `most` that came last are remembered.

    Whoever is forgotten begins anew with a full bucket, as whoever has been quiet for a minute.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._buckets: dict[Hashable, Bucket] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def left(self, who: Hashable, pace: Pace, now: float) -> float:
        """How many tokens there are now."""
        found = self._buckets.get(who)
        if found is None:
            return float(pace.per_minute)
        return min(pace.per_minute, found.tokens + (now - found.at) * pace.per_second)

    def wait(self, who: Hashable, pace: Pace, now: float) -> float:
        """In how many seconds there is a token; 0: there is one. None is taken."""
        if not pace.per_minute:
            return 0.0
        left = self.left(who, pace, now)
        return 0.0 if left >= 1 else (1 - left) / pace.per_second

    def take(self, who: Hashable, pace: Pace, now: float) -> float:
        """Takes one, if there is one; else says as `wait` when to come back."""
        if not pace.per_minute:
            return 0.0
        wait = self.wait(who, pace, now)
        left = self.left(who, pace, now)
        # Last in the dictionary: whoever came longest ago is forgotten first.
        self._buckets.pop(who, None)
        self._buckets[who] = Bucket(left if wait else left - 1, now)
        while len(self._buckets) > self._most:
            del self._buckets[next(iter(self._buckets))]
        return wait
