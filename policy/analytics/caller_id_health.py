"""Whether people have begun to let a caller ID ring: its answer rate lately against its own past.

A number that phones show as likely spam is answered less, and nobody tells its owner. Answer rates
go up and down by chance, too: so only a fall is reported that chance alone would hardly make.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from statistics import NormalDist

from policy.statistics import Sample, chance_of, drop

#: Lately, and the past it is compared with, which ends where that begins.
RECENT, BEFORE = timedelta(days=7), timedelta(days=90)
#: Fewer attempts in either are not judged.
LEAST_ATTEMPTS = 50
#: The test takes shares for normal, which holds with so many expected hits and misses each.
LEAST_EXPECTED = 5
#: Chance alone makes such a fall once in a thousand looks: an account looks at many numbers a day.
MOST_CHANCE = 0.001
LEAST_Z: float = NormalDist().inv_cdf(1 - MOST_CHANCE)


class HealthVerdict(StrEnum):
    STEADY = "steady"
    DROPPED = "dropped"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class CallerIdHealth:
    """`z` and `chance`: how far the fall is beyond chance; None where that cannot be said."""

    recent: Sample
    before: Sample
    verdict: HealthVerdict
    z: float | None = None
    chance: float | None = None


def health(recent: Sample, before: Sample) -> CallerIdHealth:
    """The verdict about one caller ID, from attempts and how many of them a person answered."""
    z = drop(before, recent)
    chance = None if z is None else chance_of(z)
    if not _are_enough(recent, before):
        return CallerIdHealth(recent, before, HealthVerdict.TOO_FEW, z, chance)
    fell = z is not None and z >= LEAST_Z
    return CallerIdHealth(
        recent, before, HealthVerdict.DROPPED if fell else HealthVerdict.STEADY, z, chance
    )


def _are_enough(recent: Sample, before: Sample) -> bool:
    least = min(recent.trials, before.trials)
    if least < LEAST_ATTEMPTS:
        return False
    share = (recent.hits + before.hits) / (recent.trials + before.trials)
    return least * min(share, 1 - share) >= LEAST_EXPECTED
