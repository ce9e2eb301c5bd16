"""What a call's dials so far mean, asked of `policy.calls.retry` once for each course of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from policy.calls.retry import RetrySlot, conclusion, next_attempt, outcome_so_far
from policy.facts import AttemptFact, Facts
from policy.forecast.calendars import ANY_TIME, Aim
from policy.forecast.ticks import instant_of, ticks_of
from policy.model.call import AttemptResult, Outcome

_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class RetryTerms:
    """What follows from the dials so far: an outcome, or when and at what time of day to go on.

    `delay`: ticks from the last settlement on. `so_far`: the outcome if there is no time left.
    """

    outcome: Outcome | None = None
    delay: int = 0
    aim: Aim = ANY_TIME
    so_far: Outcome | None = None


UNTRIED = RetryTerms()


class RetryBook:
    """For calls of one retry plan; what else their facts say is not looked at."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._known: dict[tuple[Sequence[AttemptResult], bool, str | None], RetryTerms] = {}

    @property
    def early_seconds(self) -> int:
        """Who hangs up within so many seconds has heard nothing."""
        return self._facts.hung_up_early_seconds

    def after(
        self, results: tuple[AttemptResult, ...], early: bool, part: str | None, dialed: int
    ) -> RetryTerms:
        """After these results; `part`: the time of day at which the last one was dialed.

        `dialed` is a tick of it, `early` whether who answered hung up at once. Where nobody was
        met the time of day counts, else it may be None.
        """
        key = (results, early, part)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._asked(results, early, instant_of(dialed))
        return found

    def _asked(self, results: Sequence[AttemptResult], early: bool, dialed: datetime) -> RetryTerms:
        seconds = 0 if early else self.early_seconds + 1
        settled = dialed + _MOMENT
        attempts = tuple(
            AttemptFact(nth, dialed, settled, result, seconds, self._place(nth - 1))
            for nth, result in enumerate(results, 1)
        )
        facts = replace(self._facts, attempts=attempts, place=self._place(len(results)))
        slot = None if conclusion(facts) else next_attempt(facts)
        return terms_of(facts, slot, settled)

    def _place(self, dials: int) -> int:
        """To which number the next dial goes after so many: each has its turn."""
        return (self._facts.place + dials) % max(1, len(self._facts.numbers))


def terms_of(facts: Facts, slot: RetrySlot | None, settled: datetime) -> RetryTerms:
    """What the facts of a call that was tried mean; `slot`: what the plan says."""
    found = conclusion(facts)
    return RetryTerms(
        outcome=None if found is None else found[0],
        delay=0 if slot is None else ticks_of(slot.earliest - settled),
        aim=ANY_TIME if slot is None else Aim.of(slot),
        so_far=outcome_so_far(facts),
    )
