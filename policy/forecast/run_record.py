"""What one run of a forecast comes to, written down as it goes."""

from collections import Counter
from dataclasses import dataclass, field

from policy.forecast.legs import Leg
from policy.forecast.ticks import MINUTE, SECOND
from policy.model.call import AttemptResult, Outcome

#: Starts and busy slots are kept by this.
GRAIN = 5 * MINUTE


@dataclass(slots=True)
class RunRecord:
    """One seed's future. Ticks; cost in micro-units; `busy` in slot-seconds by `GRAIN`.

    `refused`: contacts that became no call, by the reason. `missed`: calls that ended for lack of
    time or permission, by the reason. `unfinished`: those that stand at the end, by what they wait
    for. `spared`: those who never had to be called, as the goal was reached without them.
    """

    ended_at: int | None = None
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    unfinished: Counter[str] = field(default_factory=Counter)
    spared: int = 0
    attempts: int = 0
    answered: int = 0
    talked: int = 0
    cost: int = 0
    most_busy: int = 0
    dials: Counter[int] = field(default_factory=Counter)
    busy: Counter[int] = field(default_factory=Counter)

    def dialed(self, leg: Leg, live: int) -> None:
        """A slot was taken, which made it so many that were in use."""
        self.attempts += 1
        self.most_busy = max(self.most_busy, live)
        at, grain, last = leg.begin, leg.begin // GRAIN, (leg.end - 1) // GRAIN
        self.dials[grain] += 1
        while grain < last:
            grain += 1
            self.busy[grain - 1] += (grain * GRAIN - at) // SECOND
            at = grain * GRAIN
        self.busy[grain] += (leg.end - at) // SECOND

    def settled(self, leg: Leg) -> None:
        """The dial is over."""
        self.cost += leg.cost
        self.talked += leg.dial.talked
        self.answered += leg.dial.result is AttemptResult.ANSWERED
