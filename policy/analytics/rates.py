"""Rates and averages from what was counted. A rate whose denominator is 0 is None, never 0."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from policy.analytics.counters import OUTCOME_MEASURES, WAIT_MEASURES, WAIT_STEPS, Sums
from policy.model.call import Outcome


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """Calls that ended with one outcome; `cost_each` is all that was spent, for one of them."""

    calls: int
    share: float | None
    cost_each: int | None


@dataclass(frozen=True, slots=True)
class WaitTimes:
    """Seconds from acceptance to the first dial; all None without a dial."""

    average: float | None
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class CallRates:
    """What docs/analytics.md defines. Costs in micro-units, durations in seconds.

    `cost` is of the period's calls, whenever they were dialed; `spent` of its attempts.
    """

    scheduled: int
    attempted: int
    connected: int
    answered: int
    completed: int
    messages_left: int
    transferred: int
    ended: int
    attempt_rate: float | None
    connect_rate: float | None
    completion_rate: float | None
    voicemail_share: float | None
    opt_out_rate: float | None
    outcomes: Mapping[Outcome, OutcomeCount]
    average_duration: float | None
    time_to_first_dial: WaitTimes
    attempts_per_answered_call: float | None
    cost: int
    attempts: int
    attempts_answered: int
    attempts_voicemail: int
    answer_rate: float | None
    spent: int


def figures(sums: Sums) -> CallRates:
    """Everything that follows from the sums of a group; a sum that is missing is 0."""
    n = _Counts(sums)
    outcomes = {outcome: n[name] for outcome, name in OUTCOME_MEASURES.items()}
    only_machines = n["connected"] - n["answered"]
    return CallRates(
        scheduled=n["scheduled"],
        attempted=n["attempted"],
        connected=n["connected"],
        answered=n["answered"],
        completed=n["completed"],
        messages_left=n["messages_left"],
        transferred=n["transferred"],
        ended=sum(outcomes.values()),
        attempt_rate=_ratio(n["attempted"], n["scheduled"]),
        connect_rate=_ratio(n["connected"], n["attempted"]),
        completion_rate=_ratio(n["completed"], n["connected"]),
        voicemail_share=_ratio(only_machines, n["connected"]),
        opt_out_rate=_ratio(n["opted_out"], n["completed"]),
        outcomes=_ended(outcomes, n["cost"]),
        average_duration=_ratio(n["talked"], n["timed"]),
        time_to_first_dial=_wait(n),
        attempts_per_answered_call=_ratio(n["dials"], n["answered"]),
        cost=n["cost"],
        attempts=n["attempts"],
        attempts_answered=n["attempts_answered"],
        attempts_voicemail=n["attempts_voicemail"],
        answer_rate=_ratio(n["attempts_answered"], n["attempts"]),
        spent=n["spent"],
    )


class _Counts:
    def __init__(self, sums: Sums) -> None:
        self._sums = sums

    def __getitem__(self, name: str) -> int:
        return self._sums.get(name, 0)


def _ratio(above: int, below: int) -> float | None:
    return above / below if below else None


def _ended(counts: Mapping[Outcome, int], cost: int) -> dict[Outcome, OutcomeCount]:
    ended = sum(counts.values())
    return {
        outcome: OutcomeCount(count, _ratio(count, ended), round(cost / count) if count else None)
        for outcome, count in counts.items()
    }


def _wait(n: _Counts) -> WaitTimes:
    steps = [n[name] for name in WAIT_MEASURES]
    average = _ratio(n["waited"], n["attempted"])
    return WaitTimes(average, percentile(steps, 0.5), percentile(steps, 0.9))


def percentile(steps: list[int], part: float) -> float | None:
    """The wait that a part of the calls did not exceed, from their numbers by `WAIT_STEPS`.

    Within a step the calls are taken to be spread evenly; of the endless one its begin is given.
    None: there are no calls.
    """
    total = sum(steps)
    if total == 0:
        return None
    wanted = part * total
    reached = list(accumulate(steps))
    index = next(i for i, count in enumerate(reached) if count >= wanted and steps[i])
    low = 0 if index == 0 else WAIT_STEPS[index - 1]
    if index == len(WAIT_STEPS):
        return float(low)
    into = (wanted - (reached[index] - steps[index])) / steps[index]
    return low + into * (WAIT_STEPS[index] - low)
