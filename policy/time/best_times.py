"""When people are met best: named presets, until an agent's own answers say better.

The presets are what the field takes for granted and no law; see docs/best-times.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from policy.model.call import Span, WeeklyWindow
from policy.statistics import wilson
from policy.time.dayparts import DAYPARTS, NIGHT, DaypartRate, best_first
from policy.time.windows import weekly

#: So many answers of an agent's own, and its hours are learned; fewer say nothing.
LEAST_ANSWERS = 40
#: How long after the first permitted instant a call is held for a better one: over a weekend.
BEST_TIMES_REACH = timedelta(hours=72)


class BestTimePreset(StrEnum):
    """Whom an agent calls, as far as that says when they answer."""

    BUSINESS = "business"
    CONSUMERS = "consumers"


_WORKDAYS, _WEEKEND = range(5), (5, 6)
_WINDOWS: Mapping[BestTimePreset, WeeklyWindow] = {
    BestTimePreset.BUSINESS: weekly(
        {day: [("10:00", "11:00"), ("14:00", "16:00")] for day in _WORKDAYS}
    ),
    BestTimePreset.CONSUMERS: weekly(
        {
            **{day: [("17:00", "20:00")] for day in _WORKDAYS},
            **{day: [("10:00", "12:00")] for day in _WEEKEND},
        }
    ),
}
_SPOKEN: Mapping[BestTimePreset, str] = {
    BestTimePreset.BUSINESS: "weekdays 10-11 and 14-16",
    BestTimePreset.CONSUMERS: "weekdays 17-20, weekends 10-12",
}


@dataclass(frozen=True, slots=True)
class BestTimes:
    """The times to be tried first, on the recipient's clocks.

    `rates`: of the agent's own attempts, by the time of day.
    """

    preset: BestTimePreset
    rates: tuple[DaypartRate, ...] = ()

    @property
    def answers(self) -> int:
        """How many of the agent's attempts were answered of late."""
        return sum(rate.answered for rate in self.rates)

    @property
    def learned(self) -> Sequence[DaypartRate]:
        """The best time of day and those that cannot be told from it; none: the preset holds."""
        known = [rate for rate in best_first(self.rates) if rate.daypart != NIGHT]
        if self.answers < LEAST_ANSWERS or not known:
            return ()
        least = wilson(known[0].sample).low
        return [rate for rate in known if wilson(rate.sample).high >= least]

    @property
    def window(self) -> WeeklyWindow:
        """The times of the week."""
        learned = {rate.daypart for rate in self.learned}
        if not learned:
            return _WINDOWS[self.preset]
        spans = tuple(span for name, span in _spans() if name in learned)
        return WeeklyWindow(dict.fromkeys(range(7), spans))

    @property
    def told(self) -> str:
        """For people: where the times come from."""
        learned = [rate.daypart for rate in self.learned]
        if learned:
            return f"Learned from {self.answers} answers: {', '.join(learned)}"
        return (
            f"Preset {self.preset} until {LEAST_ANSWERS} answers ({self.answers} so far): "
            f"{_SPOKEN[self.preset]}"
        )


def _spans() -> Sequence[tuple[str, Span]]:
    """The dayparts but the night, as spans of a day."""
    starts = [start for start, _ in DAYPARTS]
    return [
        (name, Span(start, end))
        for (start, name), end in zip(DAYPARTS, starts[1:], strict=False)
        if name != NIGHT
    ]
