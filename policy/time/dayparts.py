"""Parts of a day by local time, and which of them people have answered in best."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from policy.statistics import Sample, wilson
from policy.time.quarter_hours import SLOTS_A_DAY, month_of
from policy.time.wall_time import bound_of_wall, utc, zone

NIGHT = "night"
#: A day in parts by local time, each from its minute on; the hours before the first belong to
#: the night before. People at home at one of them are often out at another.
DAYPARTS: tuple[tuple[int, str], ...] = (
    (6 * 60, "morning"),
    (11 * 60 + 30, "midday"),
    (14 * 60, "afternoon"),
    (17 * 60 + 30, "evening"),
    (22 * 60, NIGHT),
)
#: Fewer attempts say nothing about an hour or a daypart: of 30 the interval is still 0.34 wide.
LEAST_ATTEMPTS = 30
#: How many months before the current one are looked at: people's habits change.
MONTHS_BACK = 3


@dataclass(frozen=True, slots=True)
class DaypartRate:
    """How many attempts were made in a daypart by the recipients' clocks, and answered."""

    daypart: str
    answered: int
    attempts: int

    @property
    def sample(self) -> Sample:
        return Sample(self.answered, self.attempts)

    @property
    def is_enough(self) -> bool:
        return self.attempts >= LEAST_ATTEMPTS


def daypart(instant: datetime, zone_name: str) -> str:
    """The part of the day on the clocks of `zone_name`; see `DAYPARTS`."""
    local = utc(instant).astimezone(zone(zone_name))
    return _part_of(local.hour * 60 + local.minute)


def _part_of(minute: int) -> str:
    begun = [name for start, name in DAYPARTS if start <= minute]
    return begun[-1] if begun else DAYPARTS[-1][1]


def daypart_end(instant: datetime, zone_name: str) -> datetime:
    """When the daypart of an instant ends."""
    local = instant.astimezone(zone(zone_name))
    minute = local.hour * 60 + local.minute
    start = next((start for start, _ in DAYPARTS if start > minute), DAYPARTS[0][0] + 24 * 60)
    midnight = datetime.combine(local.date(), time())
    return bound_of_wall(midnight + timedelta(minutes=start), zone_name, fold="later")


def rates_of(slots: Mapping[int, Sample]) -> tuple[DaypartRate, ...]:
    """The dayparts from the half hours of the week; every daypart begins with one of them."""
    hits = {name: 0 for _, name in DAYPARTS}
    trials = dict(hits)
    for slot, sample in slots.items():
        name = part_of_slot(slot)
        hits[name] += sample.hits
        trials[name] += sample.trials
    return tuple(DaypartRate(name, hits[name], trials[name]) for _, name in DAYPARTS)


def part_of_slot(slot: int) -> str:
    """The part of the day that a half hour of the week lies in."""
    return _part_of(slot % SLOTS_A_DAY * 30)


def first_month(now: datetime) -> int:
    """From which month on attempts tell when people answer."""
    return month_of(utc(now).date()) - MONTHS_BACK


def best_first(rates: Iterable[DaypartRate]) -> Sequence[DaypartRate]:
    """Those with enough attempts, by the low end of the interval of their answer rate.

    The low end, so that few lucky attempts do not win over many good ones.
    """
    enough = [rate for rate in rates if rate.is_enough]
    return sorted(enough, key=lambda rate: wilson(rate.sample).low, reverse=True)
