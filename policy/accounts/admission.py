"""How many requests may be at work at once, by how fast those before them were done."""

#: So many are always let in, however slow things are.
LEAST = 40
#: Nobody is let in who would have to wait longer than this, in seconds, as far as is known.
PATIENCE = 2.0
#: Until something is known: fifty a second.
_FIRST_GUESS = 0.02
_WEIGHT = 0.05
#: Those that leave together in one turn of the event loop, and one that takes very long by itself,
#: say little of how many can be done.
_SHORTEST, _LONGEST = 0.002, 0.5


class Admission:
    """Counts who is at work, and learns from those who leave while many are.

    `gap` is the time between two that were done, in seconds: with it the work at hand takes
    `gap` times its number. All times are of a steady clock.
    """

    def __init__(self) -> None:
        self.at_work = 0
        self.gap = _FIRST_GUESS
        self._left_at: float | None = None

    def wait(self) -> float:
        """In how many seconds to come back; 0: come in."""
        if self.at_work < LEAST:
            return 0.0
        expected = self.at_work * self.gap
        return expected if expected >= PATIENCE else 0.0

    def enter(self) -> None:
        self.at_work += 1

    def leave(self, now: float) -> None:
        """Somebody is done, well or not."""
        is_crowded = self.at_work >= LEAST // 2
        self.at_work -= 1
        if is_crowded and self._left_at is not None:
            seen = min(now - self._left_at, _LONGEST)
            self.gap = max(_SHORTEST, self.gap + _WEIGHT * (seen - self.gap))
        self._left_at = now if is_crowded else None
