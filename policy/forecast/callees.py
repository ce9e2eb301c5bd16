"""Who picks up, how long they talk: rates, and the luck that each callee has of its own.

Luck is a number a callee, an attempt and a question, made from the seed and nothing else. So a
change of caps, windows or rates leaves everybody's luck alone, and two forecasts differ by what was
changed and not by chance (common random numbers: Law, Simulation Modeling and Analysis, ch. 11).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log
from typing import NamedTuple

from policy.model.call import AttemptResult

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_UNIT = 2.0**-64
#: Questions an attempt asks of luck.
_RESULT, _RINGS, _TALK, _TALK_TOO, QUESTIONS = range(5)
#: A machine lets it ring so much longer than a person.
_MACHINE_PATIENCE = 2.0


def _mixed(state: int) -> int:
    """SplitMix64's output function: Steele, Lea and Flood, OOPSLA 2014."""
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)


def luck_of(seed: int, callee: int) -> int:
    """Where a callee's numbers begin."""
    return _mixed((_mixed(seed & _MASK) + callee * _GOLDEN) & _MASK)


def unit(luck: int, number: int, question: int) -> float:
    """A number in [0, 1) for one question about a callee's n-th attempt."""
    return _mixed((luck + (number * QUESTIONS + question + 1) * _GOLDEN) & _MASK) * _UNIT


@dataclass(frozen=True, slots=True)
class CalleeRates:
    """Shares of attempts by how they end, what is left is no answer; durations in seconds, means.

    `by_slot`: the share answered in a half hour of the recipient's week, where it is known.
    """

    answered: float = 0.30
    voicemail: float = 0.25
    busy: float = 0.05
    invalid: float = 0.02
    failed: float = 0.01
    declined: float = 0.01
    talk_seconds: float = 60.0
    voicemail_seconds: float = 20.0
    ring_seconds: float = 12.0
    #: From the slot to the ringing, and from the end until the slot is free again.
    overhead_seconds: float = 4.0
    by_slot: Mapping[int, float] = field(default_factory=dict)

    @property
    def no_answer(self) -> float:
        return max(0.0, 1.0 - self.answered - sum(share for _, share in self._others()))

    def _others(self) -> tuple[tuple[AttemptResult, float], ...]:
        return (
            (AttemptResult.VOICEMAIL, self.voicemail),
            (AttemptResult.BUSY, self.busy),
            (AttemptResult.INVALID, self.invalid),
            (AttemptResult.NETWORK_ERROR, self.failed),
            (AttemptResult.DECLINED, self.declined),
        )

    def steps(self, answered: float) -> tuple[tuple[float, AttemptResult], ...]:
        """Up to which number luck means which result; the other shares keep their proportions."""
        rest = (1.0 - answered) / (1.0 - self.answered) if self.answered < 1 else 0.0
        reached, found = answered, [(answered, AttemptResult.ANSWERED)]
        for result, share in self._others():
            reached += share * rest
            found.append((reached, result))
        return tuple(found)


class Dial(NamedTuple):
    """How one dial goes: seconds from the slot to its end, and of those how long it was up."""

    result: AttemptResult
    held: float
    talked: int = 0


class Callees:
    """How dials go, by rates and by luck.

    `detects`: machines are told from people; where they are not, a machine counts as an answer.
    """

    def __init__(
        self, rates: CalleeRates, *, ring_timeout: int, max_duration: int, detects: bool
    ) -> None:
        self._rates = rates
        self._ring_timeout, self._max_duration = ring_timeout, max_duration
        self._detects = detects
        self._usual = rates.steps(rates.answered)
        self._by_slot = {slot: rates.steps(share) for slot, share in rates.by_slot.items()}

    @property
    def asks_for_slots(self) -> bool:
        """Whether the half hour of the week makes a difference."""
        return bool(self._by_slot)

    def dial(self, luck: int, number: int, slot: int | None = None) -> Dial:
        """The callee's n-th attempt, in a half hour of the recipient's week."""
        drawn = unit(luck, number, _RESULT)
        steps = self._usual if slot is None else self._by_slot.get(slot, self._usual)
        for reached, result in steps:
            if drawn < reached:
                return self._ended(result, luck, number)
        overhead = self._rates.overhead_seconds
        return Dial(AttemptResult.NO_ANSWER, overhead + self._ring_timeout)

    def _ended(self, result: AttemptResult, luck: int, number: int) -> Dial:
        rates = self._rates
        if result is AttemptResult.ANSWERED:
            return self._connected(result, luck, number, rates.talk_seconds, 1.0)
        if result is AttemptResult.VOICEMAIL:
            if not self._detects:
                kind = AttemptResult.ANSWERED
                return self._connected(kind, luck, number, rates.talk_seconds, _MACHINE_PATIENCE)
            seconds = rates.voicemail_seconds
            return self._connected(result, luck, number, seconds, _MACHINE_PATIENCE)
        rings = self._rings(luck, number, 1.0) if result is AttemptResult.DECLINED else 0.0
        return Dial(result, rates.overhead_seconds + rings)

    def _connected(
        self, result: AttemptResult, luck: int, number: int, mean: float, patience: float
    ) -> Dial:
        rings = self._rings(luck, number, patience)
        talked = self._talk(luck, number, mean)
        return Dial(result, self._rates.overhead_seconds + rings + talked, talked)

    def _rings(self, luck: int, number: int, patience: float) -> float:
        """From half the mean to half as much again, and never longer than we let it ring."""
        mean = self._rates.ring_seconds * patience
        return min(mean * (0.5 + unit(luck, number, _RINGS)), self._ring_timeout)

    def _talk(self, luck: int, number: int, mean: float) -> int:
        """Whole seconds, of Erlang's distribution of the second order: few talks are very short."""
        first, second = unit(luck, number, _TALK), unit(luck, number, _TALK_TOO)
        drawn = -mean / 2 * log((1.0 - first) * (1.0 - second))
        return min(max(1, round(drawn)), self._max_duration)
