"""The hours of the week at which people answer, the surest first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy.statistics import Sample, ShareInterval, wilson
from policy.time.dayparts import LEAST_ATTEMPTS


@dataclass(frozen=True, slots=True)
class HourRate:
    """`hour`: since Monday 00:00 on the recipients' clocks. `rank` 1 is the best; None: too few."""

    hour: int
    sample: Sample
    interval: ShareInterval
    rank: int | None


def ranked(slots: Mapping[int, Sample]) -> Sequence[HourRate]:
    """The hours with any attempts, from the half hours of the week; those without a rank last.

    By the low end of the interval: an hour with few attempts may be good, but nobody knows.
    """
    hours = _hours(slots)
    known = {hour: wilson(sample) for hour, sample in hours.items()}
    order = sorted(hours, key=lambda hour: (-known[hour].low, hour))
    enough = [hour for hour in order if hours[hour].trials >= LEAST_ATTEMPTS]
    few = [hour for hour in order if hours[hour].trials < LEAST_ATTEMPTS]
    ranks = {hour: rank for rank, hour in enumerate(enough, start=1)}
    return [HourRate(hour, hours[hour], known[hour], ranks.get(hour)) for hour in (*enough, *few)]


def _hours(slots: Mapping[int, Sample]) -> dict[int, Sample]:
    hits: defaultdict[int, int] = defaultdict(int)
    trials: defaultdict[int, int] = defaultdict(int)
    for slot, sample in slots.items():
        hits[slot // 2] += sample.hits
        trials[slot // 2] += sample.trials
    return {hour: Sample(hits[hour], trials[hour]) for hour in trials}
