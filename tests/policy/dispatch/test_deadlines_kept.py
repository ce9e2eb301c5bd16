"""Virtual time: calls come, wait and are served, and every deadline that could be kept is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import pytest

from policy.dispatch.dwrr import EMERGENCY, WaitingCall, order
from tests.policy.make import NOW

TICK = timedelta(seconds=10)
TICKS = 400
SLOTS = 3
#: Of the slots, on the average; what comes at once can still be more than there are slots for.
LOAD = 0.9


@dataclass(frozen=True)
class Mix:
    """Calls by the tick at which each begins to wait."""

    arrivals: tuple[tuple[int, WaitingCall], ...]

    def at(self, tick: int) -> list[WaitingCall]:
        return [one for when, one in self.arrivals if when == tick]


def mix(seed: int) -> Mix:
    random = Random(seed)
    arrivals, number = [], 0
    for tick in range(TICKS - 60):
        burst = random.choices([0, 1, 2, 5, 25], [30, 30, 25, 14, 1])[0]
        for _ in range(min(burst, int(LOAD * SLOTS * (tick + 25)) - number)):
            arrivals.append((tick, _call(random, number, NOW + tick * TICK)))
            number += 1
    return Mix(tuple(arrivals))


def _call(random: Random, number: int, now: datetime) -> WaitingCall:
    left = random.choice([None, None, 1, 3, 6, 12, 30, 90, 360])
    deadline = None if left is None else now + random.randint(1, left) * TICK
    whose = f"agent {random.randint(1, 3)}/{random.randint(1, 2)}"
    return WaitingCall(f"{number:05}", whose, random.randint(0, EMERGENCY - 1), deadline, now)


def missed(mix: Mix, next_up) -> set[str]:
    """The calls that were not served before their deadline."""
    waiting: list[WaitingCall] = []
    late: set[str] = set()
    for tick in range(TICKS):
        now = NOW + tick * TICK
        waiting += mix.at(tick)
        late |= {one.call_id for one in waiting if one.deadline and one.deadline <= now}
        waiting = [one for one in waiting if one.call_id not in late]
        served = next_up(waiting, now)
        waiting = [one for one in waiting if one not in served]
    assert not waiting, "the load was not below capacity"
    return late


class Dispatcher:
    def __init__(self) -> None:
        self.deficits: dict[str, int] = {}

    def __call__(self, waiting: list[WaitingCall], now: datetime) -> list[WaitingCall]:
        taken, self.deficits = order(waiting, self.deficits, now, SLOTS)
        return taken


def only_deadlines(waiting: list[WaitingCall], now: datetime) -> list[WaitingCall]:
    """If any order keeps all deadlines, this one does (Jackson; Horn)."""
    return sorted(waiting, key=lambda one: one.deadline or datetime.max.replace(tzinfo=now.tzinfo))[
        :SLOTS
    ]


@pytest.mark.parametrize("seed", range(60))
def test_no_deadline_is_missed_that_any_order_could_keep(seed: int):
    some = mix(seed)
    hopeless = missed(some, only_deadlines)
    possible = Mix(tuple(one for one in some.arrivals if one[1].call_id not in hopeless))
    assert missed(possible, only_deadlines) == set()
    assert missed(possible, Dispatcher()) == set()


def test_the_mixes_are_hard_enough_that_turns_by_weight_alone_would_miss_some():
    found = 0
    for seed in range(10):
        some = mix(seed)
        hopeless = missed(some, only_deadlines)
        possible = Mix(
            tuple((tick, one) for tick, one in some.arrivals if one.call_id not in hopeless)
        )
        by_age = missed(possible, lambda waiting, _: waiting[:SLOTS])
        found += len(by_age)
    assert found > 20
