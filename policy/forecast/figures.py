"""The runs of a forecast as the numbers people read: of each the 10th, 50th and 90th percentile."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TypeVar

from policy.forecast.run_record import GRAIN, RunRecord
from policy.forecast.ticks import DAY, HOUR, SECOND

K = TypeVar("K", bound=str)
#: A series has no more steps than this, however long a forecast is.
MOST_STEPS = 200
_STEPS = (GRAIN, 3 * GRAIN, HOUR, 6 * HOUR, DAY)


@dataclass(frozen=True, slots=True)
class Spread:
    """A part of the runs, 10, 50 and 90 of a hundred, had at most this."""

    p10: float
    p50: float
    p90: float


NOBODY = Spread(0, 0, 0)


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """From a tick to the next one: dials, and slots that are busy on average."""

    at: int
    dials: Spread
    busy: Spread


@dataclass(frozen=True, slots=True)
class ForecastFigures:
    """`ends_at` in ticks (None: no run ends anything), `step` the length of a series' steps."""

    runs: int
    ends_at: Spread | None
    attempts: Spread
    answered: Spread
    talk_seconds: Spread
    cost: Spread
    most_busy: Spread
    outcomes: Mapping[str, Spread]
    refused: Mapping[str, Spread]
    missed: Mapping[str, Spread]
    unfinished: Mapping[str, Spread]
    spared: Spread = NOBODY
    step: int = GRAIN
    series: Sequence[SeriesPoint] = field(default_factory=tuple)


def spread(values: Iterable[float]) -> Spread:
    """By nearest rank, so that each was the number of some run; raises ValueError of none."""
    ranked = sorted(values)
    if not ranked:
        raise ValueError("a spread needs a run")
    return Spread(*(ranked[max(0, ceil(part * len(ranked)) - 1)] for part in (0.1, 0.5, 0.9)))


def figures(runs: Sequence[RunRecord], begin: int) -> ForecastFigures:
    """All runs together; `begin` is the tick at which they began."""
    ends = [run.ended_at for run in runs if run.ended_at is not None]
    step = _step(runs)
    return ForecastFigures(
        runs=len(runs),
        ends_at=spread(ends) if len(ends) == len(runs) else None,
        attempts=_of(runs, lambda run: run.attempts),
        answered=_of(runs, lambda run: run.answered),
        talk_seconds=_of(runs, lambda run: run.talked),
        cost=_of(runs, lambda run: run.cost),
        most_busy=_of(runs, lambda run: run.most_busy),
        outcomes=_by_key(runs, lambda run: run.outcomes),
        refused=_by_key(runs, lambda run: run.refused),
        missed=_by_key(runs, lambda run: run.missed),
        unfinished=_by_key(runs, lambda run: run.unfinished),
        spared=_of(runs, lambda run: run.spared),
        step=step,
        series=tuple(_series(runs, step, begin)),
    )


def _of(runs: Sequence[RunRecord], number: Callable[[RunRecord], float]) -> Spread:
    return spread(number(run) for run in runs)


def _by_key(
    runs: Sequence[RunRecord], counts: Callable[[RunRecord], Mapping[K, int]]
) -> dict[str, Spread]:
    """In the order of what most runs have most of."""
    keys = dict.fromkeys(key for run in runs for key in counts(run))
    found = {str(key): spread(counts(run).get(key, 0) for run in runs) for key in keys}
    return dict(sorted(found.items(), key=lambda item: (-item[1].p50, -item[1].p90, item[0])))


def _grains(runs: Sequence[RunRecord]) -> range:
    seen = [grain for run in runs for grain in (*run.dials, *run.busy)]
    return range(min(seen), max(seen) + 1) if seen else range(0)


def _step(runs: Sequence[RunRecord]) -> int:
    """The shortest that gives no more steps than one can look at."""
    length = len(_grains(runs)) * GRAIN
    return next((step for step in _STEPS if length <= step * MOST_STEPS), _STEPS[-1])


def _series(runs: Sequence[RunRecord], step: int, begin: int) -> Iterable[SeriesPoint]:
    grains = _grains(runs)
    if not grains:
        return
    each = step // GRAIN
    first, last = grains[0] // each, grains[-1] // each
    dials = [_summed(run.dials, each) for run in runs]
    busy = [_summed(run.busy, each) for run in runs]
    for index in range(first, last + 1):
        yield SeriesPoint(
            max(index * step, begin // GRAIN * GRAIN),
            spread(counts.get(index, 0) for counts in dials),
            spread(seconds.get(index, 0) * SECOND / step for seconds in busy),
        )


def _summed(counts: Mapping[int, int], each: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for grain, number in counts.items():
        found[grain // each] = found.get(grain // each, 0) + number
    return found
