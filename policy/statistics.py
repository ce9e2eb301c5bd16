"""How far a share that was seen in a sample may be from the truth.

Sources: NIST/SEMATECH e-Handbook of Statistical Methods, https://www.itl.nist.gov/div898/handbook/
section 7.2.4.1 (Wilson's interval) and section 7.3.3 (two proportions).
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

#: The two-sided 95 % point of the normal distribution.
Z95: float = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Sample:
    """`hits` of `trials`; 0 <= hits <= trials."""

    hits: int
    trials: int

    @property
    def share(self) -> float | None:
        """None: nothing was tried."""
        return self.hits / self.trials if self.trials else None


@dataclass(frozen=True, slots=True)
class ShareInterval:
    """Where the true share lies, both ends included."""

    low: float
    high: float


def wilson(sample: Sample, z: float = Z95) -> ShareInterval:
    """Wilson's interval for a share, by default the 95 % one; with no trials it is all of [0, 1].

    Unlike the textbook's p ± z·s it stays within [0, 1], and is near its level in small samples.
    """
    n = sample.trials
    if n == 0:
        return ShareInterval(0.0, 1.0)
    share = sample.hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # The arithmetic may step over an end by a last digit.
    low = 0.0 if sample.hits == 0 else max(0.0, centre - reach)
    high = 1.0 if sample.hits == n else min(1.0, centre + reach)
    return ShareInterval(low, high)


def difference(one: Sample, other: Sample, z: float = Z95) -> ShareInterval:
    """How much larger one share is than another, by default the 95 % interval; in [-1, 1].

    Newcombe's hybrid of two Wilson intervals, his method 10: R. G. Newcombe, Statistics in Medicine
    17 (1998), 873-890. With an empty sample it is all that may be.
    """
    if one.trials == 0 or other.trials == 0:
        return ShareInterval(-1.0, 1.0)
    a, b = one.hits / one.trials, other.hits / other.trials
    own, their = wilson(one, z), wilson(other, z)
    below = sqrt((a - own.low) ** 2 + (their.high - b) ** 2)
    above = sqrt((own.high - a) ** 2 + (b - their.low) ** 2)
    return ShareInterval(max(-1.0, a - b - below), min(1.0, a - b + above))


def drop(before: Sample, now: Sample) -> float | None:
    """z of the fall from one share to another: positive where `now` is less than `before`.

    The pooled two-proportion test; None where it says nothing: an empty sample, or all alike.
    """
    if before.trials == 0 or now.trials == 0:
        return None
    pooled = (before.hits + now.hits) / (before.trials + now.trials)
    spread = sqrt(pooled * (1 - pooled) * (1 / before.trials + 1 / now.trials))
    if spread == 0:
        return None
    return (before.hits / before.trials - now.hits / now.trials) / spread


def chance_of(z: float) -> float:
    """How likely chance alone makes a fall of at least this z: the one-sided p-value."""
    return 1.0 - NormalDist().cdf(z)
