"""What an account's own attempts say about callees; where they are too few, it is assumed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from policy.forecast.callees import CalleeRates
from policy.model.call import AttemptResult
from policy.statistics import Sample
from policy.time.dayparts import LEAST_ATTEMPTS, part_of_slot, rates_of
from policy.time.quarter_hours import SLOTS

#: From so many attempts on their mix says more than an assumption: within 0.1 of the truth.
ENOUGH = 100
#: So many attempts are looked at, the latest.
MOST = 5000
_SHARES: Mapping[str, tuple[AttemptResult, ...]] = {
    "answered": (AttemptResult.ANSWERED,),
    "voicemail": (AttemptResult.VOICEMAIL,),
    "busy": (AttemptResult.BUSY,),
    "invalid": (AttemptResult.INVALID,),
    "failed": (
        *(AttemptResult.NETWORK_ERROR, AttemptResult.REFUSED),
        *(AttemptResult.UNKNOWN, AttemptResult.NOT_SERVED),
    ),
    "declined": (AttemptResult.DECLINED,),
}
SHARES = tuple(_SHARES)
_LENGTHS: Mapping[str, AttemptResult] = {
    "talk_seconds": AttemptResult.ANSWERED,
    "voicemail_seconds": AttemptResult.VOICEMAIL,
}


@dataclass(frozen=True, slots=True)
class ResultCount:
    """Attempts that ended with one result, and how long they were up on average, if it is known."""

    attempts: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """Rates, of which those that are `named` come from `attempts` of the account's own."""

    rates: CalleeRates
    named: frozenset[str] = frozenset()
    attempts: int = 0


def learned(
    results: Mapping[AttemptResult, ResultCount], slots: Mapping[int, Sample], assumed: CalleeRates
) -> Learned:
    """`assumed`, replaced by what the attempts say. `slots`: answered by half hour of the week."""
    counts = dict(results)
    counts.pop(AttemptResult.CANCELED, None)
    attempts = sum(one.attempts for one in counts.values())
    if attempts < ENOUGH:
        return Learned(assumed, attempts=attempts)
    said: dict[str, float] = {
        name: sum(counts[one].attempts for one in of if one in counts) / attempts
        for name, of in _SHARES.items()
    }
    for name, result in _LENGTHS.items():
        found = counts.get(result)
        if found is not None and found.seconds and found.attempts >= LEAST_ATTEMPTS:
            said[name] = found.seconds
    rates = replace(assumed, **said, by_slot=by_slot(slots))
    return Learned(rates, frozenset(said), attempts)


def by_slot(slots: Mapping[int, Sample]) -> dict[int, float]:
    """The share answered in a half hour of the week: its own, else that of its part of the day.

    Where neither has enough attempts there is none.
    """
    parts = {one.daypart: one.answered / one.attempts for one in rates_of(slots) if one.is_enough}
    found = {}
    for slot in range(SLOTS):
        own = slots.get(slot)
        if own is not None and own.trials >= LEAST_ATTEMPTS:
            found[slot] = own.hits / own.trials
        elif (part := part_of_slot(slot)) in parts:
            found[slot] = parts[part]
    return found
