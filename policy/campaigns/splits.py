"""Ways of calling that are tried beside each other: who gets which, and which does better.

A contact gets its way by a hash of its number, so it is the same whenever it is asked. Where the
campaign is to learn, shares move towards what did better, by Thompson sampling: the probability
that a way is the best one, from Beta posteriors (W. R. Thompson, Biometrika 25, 1933, 285-294).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from policy.model.call import Outcome
from policy.statistics import Sample, ShareInterval, difference, wilson

#: No way gets less than this share of the contacts while it is learned.
FLOOR = 0.1
#: Shares stay as they were given until so many calls of each way have ended.
ENOUGH = 30
DRAWS = 2000
#: Ends of calls that nobody was dialed for: they tell nothing of a way.
NOT_MADE = frozenset({Outcome.CANCELED, Outcome.SUPPRESSED, Outcome.DEADLINE_MISSED})


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the ways. What it does not say is the campaign's. `weight`: beside the others."""

    name: str
    weight: int = 1
    pathway_id: str | None = None
    caller_id: str | None = None
    window: Mapping[str, Any] | None = None
    voicemail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """`success`: outcomes of calls that went as wished; so did those in which the callee was put
    through to one of `transferred_to`. `learns`: shares move to what is better.
    """

    variants: tuple[Variant, ...]
    success: frozenset[Outcome]
    learns: bool = False
    #: Names of transfer targets, or `policy.campaigns.goals.ANYBODY`.
    transferred_to: frozenset[str] = frozenset()

    @property
    def shares(self) -> dict[str, float]:
        """The part of the contacts that each variant gets, as it was given."""
        whole = sum(one.weight for one in self.variants)
        return {one.name: one.weight / whole for one in self.variants}


def split_of(spec: Mapping[str, Any] | None) -> Split | None:
    """The split as it is kept with a campaign; None: it has none."""
    if not spec:
        return None
    variants = tuple(
        Variant(
            name=one["name"],
            weight=one.get("weight", 1),
            pathway_id=one.get("pathwayId"),
            caller_id=one.get("callerId"),
            window=one.get("window"),
            voicemail=one.get("voicemail"),
        )
        for one in spec["variants"]
    )
    success = frozenset(Outcome(one) for one in spec["success"])
    through = frozenset(spec.get("transferredTo") or ())
    return Split(variants, success, bool(spec.get("learns")), through)


def place_of(campaign_id: str, person: str) -> float:
    """Where a contact stands in [0, 1): always the same, and another in another campaign."""
    found = hashlib.sha256(f"{campaign_id}:{person}".encode()).digest()
    return int.from_bytes(found[:7], "big") / 2**56


def variant_at(split: Split, place: float, shares: Mapping[str, float]) -> Variant:
    """The variant whose part of [0, 1) a contact stands in."""
    end = 0.0
    for variant in split.variants:
        end += shares[variant.name]
        if place < end:
            return variant
    return split.variants[-1]


def sample_of(
    split: Split, outcomes: Mapping[Outcome, int], put_through: Mapping[Outcome, int] | None = None
) -> Sample:
    """Of calls that were made, those that went as wished.

    `put_through`: of them those that were, as the split asks, by how they ended.
    """
    made = {one: number for one, number in outcomes.items() if one not in NOT_MADE}
    hits = sum(
        number if one in split.success else (put_through or {}).get(one, 0)
        for one, number in made.items()
    )
    return Sample(hits, sum(made.values()))


def chances_to_be_best(samples: Sequence[Sample], seed: str) -> list[float]:
    """How probably each is the best one; the same for the same seed."""
    luck = Random(seed)
    wins = [0] * len(samples)
    for _ in range(DRAWS):
        drawn = [luck.betavariate(1 + one.hits, 1 + one.trials - one.hits) for one in samples]
        wins[drawn.index(max(drawn))] += 1
    return [number / DRAWS for number in wins]


def learned_shares(split: Split, samples: Mapping[str, Sample], seed: str) -> dict[str, float]:
    """The part that each variant gets from now on; each at least `FLOOR`, all together 1."""
    known = [samples.get(one.name, Sample(0, 0)) for one in split.variants]
    if not split.learns or any(one.trials < ENOUGH for one in known):
        return split.shares
    free = 1 - FLOOR * len(known)
    chances = chances_to_be_best(known, seed)
    names = (one.name for one in split.variants)
    return {name: FLOOR + free * chance for name, chance in zip(names, chances, strict=True)}


@dataclass(frozen=True, slots=True)
class VariantStanding:
    """How a variant does. `ahead`: its share less that of the first variant; None: it is that."""

    variant: Variant
    sample: Sample
    interval: ShareInterval
    is_best: float
    ahead: ShareInterval | None = None


def standings(split: Split, samples: Mapping[str, Sample], seed: str) -> list[VariantStanding]:
    """All variants, each compared with the first one; intervals are the 95 % ones."""
    known = [samples.get(one.name, Sample(0, 0)) for one in split.variants]
    chances = chances_to_be_best(known, seed)
    return [
        VariantStanding(
            variant,
            sample,
            wilson(sample),
            chance,
            difference(sample, known[0]) if nth else None,
        )
        for nth, (variant, sample, chance) in enumerate(
            zip(split.variants, known, chances, strict=True)
        )
    ]


def leader(found: Sequence[VariantStanding]) -> str | None:
    """The variant that is surely better than the first, or the first if all others are worse.

    None: chance explains what is seen.
    """
    better = [one for one in found if one.ahead is not None and one.ahead.low > 0]
    if better:
        return max(better, key=lambda one: one.sample.share or 0).variant.name
    others = [one.ahead for one in found if one.ahead is not None]
    return found[0].variant.name if all(one.high < 0 for one in others) else None
