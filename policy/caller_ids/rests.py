"""When a number that people have begun to let ring is rested, and when it comes back.

A cumulative sum of log-likelihood ratios (CUSUM) over a number's dials: what each dial says for
"its answer rate has fallen to `FALL` of what it should be" against "it is as it should be". It is
the sequential test that finds a change soonest for its rate of false alarms: E. S. Page,
"Continuous Inspection Schemes", Biometrika 41 (1954); G. Lorden, "Procedures for Reacting to a
Change in Distribution", Ann. Math. Statist. 42 (1971). What it should be is the lower of its own
past and of what the rest of its pool is answered at the same time, so neither a bad hour of
everybody nor a number that never was answered more is taken for a mark. Back on probation it is
tried by A. Wald's sequential test, "Sequential Tests of Statistical Hypotheses", Ann. Math.
Statist. 16 (1945), which ends for one or the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import log
from statistics import median_low

from policy.statistics import Sample

#: A number that phones show as spam is answered about so much as often as before.
FALL = 0.25
#: How far its sum is over the middle one of its pool when it is rested. Set so that a pool has one
#: false alarm in more than 20 months: `tests/policy/caller_ids/test_rests.py` runs that.
LIMIT = 10.5
#: Beyond, a sum says nothing more, and would take long to come down.
HIGHEST_SCORE = 3 * LIMIT
#: On probation: rested again above the first, good again below the second.
AGAIN, GOOD = 4.0, -3.0
#: A number with fewer dials of its own borrows the pool's share; a pool with fewer says nothing.
OWN_PRIOR, LEAST_POOL = 30, 60
#: After so many dials of the pool, what it was counts half.
HALF_LIFE = 250
#: Shares beyond are not believed: where next to nobody answers, nothing can be found out.
LOWEST, HIGHEST = 0.04, 0.95
FIRST_REST, LONGEST_REST = timedelta(days=3), timedelta(days=28)


class RestState(StrEnum):
    WATCHED = "watched"
    RESTED = "rested"
    PROBATION = "probation"


@dataclass(frozen=True, slots=True)
class NumberWatch:
    """What is known of one number of a pool.

    `near`: its dials of late, older ones counting less; `own`: all since the watch began. `score`
    is the sum. `rests`: how often it was rested without having been good in between.
    """

    state: RestState = RestState.WATCHED
    score: float = 0.0
    own_answered: float = 0.0
    own_dials: float = 0.0
    near_answered: float = 0.0
    near_dials: float = 0.0
    rests: int = 0
    until: datetime | None = None


Pool = Mapping[str, NumberWatch]


def watched(pool: Pool, news: Mapping[str, Sample], now: datetime) -> dict[str, NumberWatch]:
    """The pool after some more dials of its numbers, which are answered or not.

    It never rests more than half of a pool, and none of a pool of one.
    """
    aged = {
        number: _aged(one, 0.5 ** (sum(new.trials for new in news.values()) / HALF_LIFE))
        for number, one in pool.items()
    }
    found, shown = dict(aged), _shown(aged)
    for number in sorted(pool, key=lambda one: -pool[one].score):
        new = news.get(number, Sample(0, 0))
        share = _expected(aged[number], shown)
        found[number] = _after(number, found, share, new, now)
    return {number: _counted(one, news.get(number, Sample(0, 0))) for number, one in found.items()}


def expected(pool: Pool) -> dict[str, float | None]:
    """At which share each should be answered; None: nobody can say yet."""
    shown = _shown(pool)
    return {number: _expected(one, shown) for number, one in pool.items()}


def _shown(pool: Pool) -> tuple[float, float]:
    """Answers and dials of late, of all that are shown."""
    shown = [one for one in pool.values() if is_shown(one)]
    return sum(one.near_answered for one in shown), sum(one.near_dials for one in shown)


def _expected(one: NumberWatch, shown: tuple[float, float]) -> float | None:
    answered, dials = shown
    if is_shown(one):
        answered, dials = answered - one.near_answered, dials - one.near_dials
    if dials < LEAST_POOL:
        return None
    theirs = max(0.0, answered) / dials
    own = (one.own_answered + OWN_PRIOR * theirs) / (one.own_dials + OWN_PRIOR)
    share = min(own, theirs)
    return min(share, HIGHEST) if share >= LOWEST else None


def is_shown(one: NumberWatch) -> bool:
    return one.state is not RestState.RESTED


def rest_of(rests: int) -> timedelta:
    """Twice as long each time."""
    doubled: int = 2 ** min(rests, 10)
    return min(FIRST_REST * doubled, LONGEST_REST)


def _after(number: str, pool: Pool, share: float | None, new: Sample, now: datetime) -> NumberWatch:
    one = pool[number]
    if one.state is RestState.RESTED:
        is_over = one.until is not None and now >= one.until
        return replace(one, state=RestState.PROBATION, score=0.0, until=None) if is_over else one
    if share is None or not new.trials:
        return one
    score = one.score + _said(new, share)
    if one.state is RestState.PROBATION:
        return _on_probation(one, score, number, pool, now)
    score = min(max(0.0, score), HIGHEST_SCORE)
    if score - _middle(number, pool) < LIMIT or not _may_rest(number, pool):
        return replace(one, score=score)
    return _rested(one, now)


def _middle(number: str, pool: Pool) -> float:
    """Of the others' sums: where they have risen as well, it is no matter of the number."""
    others = [one for other, one in pool.items() if other != number and is_shown(one)]
    return median_low(one.score for one in others) if others else HIGHEST_SCORE


def _on_probation(
    one: NumberWatch, score: float, number: str, pool: Pool, now: datetime
) -> NumberWatch:
    if score >= AGAIN and _may_rest(number, pool):
        return _rested(one, now)
    if score <= GOOD:
        return replace(one, state=RestState.WATCHED, score=0.0, rests=0)
    return replace(one, score=min(score, AGAIN))


def _rested(one: NumberWatch, now: datetime) -> NumberWatch:
    until = now + rest_of(one.rests)
    return replace(one, state=RestState.RESTED, score=0.0, until=until, rests=one.rests + 1)


def _may_rest(number: str, pool: Pool) -> bool:
    others = [one for other, one in pool.items() if other != number]
    rested = sum(one.state is RestState.RESTED for one in others)
    return rested + 1 <= len(pool) // 2


def _said(new: Sample, share: float) -> float:
    """What these dials say for a fall, in natural logarithms."""
    fallen = share * FALL
    missed = new.trials - new.hits
    return new.hits * log(FALL) + missed * log((1 - fallen) / (1 - share))


def _aged(one: NumberWatch, weight: float) -> NumberWatch:
    return replace(
        one, near_answered=one.near_answered * weight, near_dials=one.near_dials * weight
    )


def _counted(one: NumberWatch, new: Sample) -> NumberWatch:
    return replace(
        one,
        own_answered=one.own_answered + new.hits,
        own_dials=one.own_dials + new.trials,
        near_answered=one.near_answered + new.hits,
        near_dials=one.near_dials + new.trials,
    )
