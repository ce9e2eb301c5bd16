"""A pool of numbers in virtual time: people answer by chance, one number may be marked as spam.

    .venv/bin/python -m tests.policy.caller_ids.pools

prints the figures of docs/analytics.md.
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import pi, sin
from statistics import median

from policy.caller_ids.pool import chosen
from policy.caller_ids.rests import NumberWatch, RestState, is_shown, watched
from policy.statistics import Sample

NUMBERS = tuple(f"+120255501{index:02}" for index in range(10))
SPAM = NUMBERS[0]
#: A working day of a pool: 60 dials a number; a month has 22.
A_DAY, A_MONTH = 600, 13_200
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
_MARK = {RestState.RESTED: "rested", RestState.PROBATION: "probation"}


@dataclass
class SimulatedPool:
    """`share`: how often people answer; `swing`: how far that goes up and down within a day.

    `fallen`: the share of SPAM from its dial `marked_at` of the pool on. `heals` False: nothing is
    rested. A look at the pool after each `batch` dials.
    """

    seed: int
    share: float = 0.35
    swing: float = 0.0
    fallen: float | None = None
    marked_at: int = 2 * A_DAY
    unmarked_at: int = sys.maxsize
    heals: bool = True
    batch: int = 20
    pool: dict[str, NumberWatch] = field(
        default_factory=lambda: {number: NumberWatch() for number in NUMBERS}
    )
    dials: int = 0
    answered: int = 0
    #: Dials that SPAM made while it was marked, and how many of those before its first rest.
    wasted: int = 0
    until_rested: int | None = None
    rests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._people = [f"+1202{n:07}" for n in range(5_550_200, 5_550_600)]
        self._places: dict[tuple[tuple[str, str], ...], list[str]] = {}

    def run(self, dials: int) -> "SimulatedPool":
        while self.dials < dials:
            self._look(self._dialed())
        return self

    def _dialed(self) -> dict[str, Sample]:
        news: dict[str, Sample] = {}
        share = self.share * (1 + self.swing * sin(2 * pi * self.dials / A_DAY))
        places = self._shown()
        for _ in range(self.batch):
            number = self._random.choice(places)
            is_marked = number == SPAM and self.marked_at <= self.dials < self.unmarked_at
            now = self.fallen if self.fallen is not None and is_marked else share
            self.wasted += self.fallen is not None and is_marked
            hit = self._random.random() < now
            known = news.get(number, Sample(0, 0))
            news[number] = Sample(known.hits + hit, known.trials + 1)
            self.dials += 1
            self.answered += hit
        return news

    def _shown(self) -> list[str]:
        """Of each person the number that they see now."""
        marks = {n: _MARK[one.state] for n, one in self.pool.items() if one.state in _MARK}
        key = tuple(sorted(marks.items()))
        if key not in self._places:
            self._places[key] = [chosen(NUMBERS, marks or None, one) for one in self._people]
        return self._places[key]

    def _look(self, news: dict[str, Sample]) -> None:
        if not self.heals:
            return
        at = BEGIN + timedelta(days=self.dials / A_DAY)
        after = watched(self.pool, news, at)
        for number, one in after.items():
            if not is_shown(one) and is_shown(self.pool[number]):
                self.rests.append(number)
                if number == SPAM and self.fallen is not None and self.until_rested is None:
                    self.until_rested = self.wasted
        self.pool = after


def detections(share: float, fallen: float, runs: int) -> Iterator[int]:
    """For each run how many dials a marked number made before it was rested."""
    for seed in range(runs):
        pool = SimulatedPool(seed, share, fallen=fallen, batch=10)
        pool.run(pool.marked_at)
        while pool.until_rested is None and pool.dials < pool.marked_at + 8 * A_DAY:
            pool.run(pool.dials + pool.batch)
        found = pool.until_rested
        yield sys.maxsize if found is None else found


def _say(*parts: object) -> None:
    sys.stdout.write(" ".join(map(str, parts)) + "\n")


def main() -> None:
    for swing in (0.0, 0.3):
        pools = [SimulatedPool(seed, swing=swing).run(20 * A_MONTH) for seed in range(3)]
        _say(f"swing {swing}: false rests in 20 pool-months", *(len(one.rests) for one in pools))
    for share, fallen in ((0.35, 0.05), (0.4, 0.08), (0.3, 0.05), (0.35, 0.08), (0.2, 0.03)):
        found = sorted(detections(share, fallen, 100))
        _say(f"{share:.0%} to {fallen:.0%}: median {median(found)}, 9 of 10 within {found[89]}")
    for heals in (False, True):
        ones = [SimulatedPool(n, fallen=0.05, heals=heals).run(A_MONTH) for n in range(10)]
        rate = sum(one.answered for one in ones) / sum(one.dials for one in ones)
        _say(f"heals {heals}: answered {rate:.2%}, wasted {sum(o.wasted for o in ones) / 10:.0f}")


if __name__ == "__main__":
    main()
