"""Dials on virtual time: which slot they take, how long they hold it, what they cost."""

from typing import NamedTuple
from zlib import crc32

from policy.accounts.pricing import connection, extras
from policy.forecast.callee_groups import Course
from policy.forecast.callees import Callees, Dial, luck_of
from policy.forecast.campaign_plan import Callee, CampaignPlan, DialTerms
from policy.forecast.ticks import MINUTE, SECOND, instant_of
from policy.model.call import AttemptResult
from policy.time.dayparts import daypart
from policy.time.quarter_hours import slot_of

_QUARTER = 15 * MINUTE
#: After these it matters at what time of day it was tried.
_UNMET = frozenset({AttemptResult.NO_ANSWER, AttemptResult.VOICEMAIL})


class SimulatedCall:
    """A callee on its way through one run. `valid_until`, `sure_until`: of its permission."""

    __slots__ = ("callee", "course", "luck", "number", "results", "sure_until", "valid_until")

    def __init__(self, callee: Callee, seed: int) -> None:
        self.callee = callee
        self.course: Course = callee.course
        self.luck = luck_of(seed, callee.key)
        self.number = len(callee.results)
        self.results = callee.results
        self.sure_until = self.valid_until = 0


class Leg(NamedTuple):
    """A dial under way, from one tick to another; its cost in micro-units."""

    dial: Dial
    begin: int
    end: int
    cost: int
    #: Of a rival's dial: whose.
    rival: str | None = None


class Clocks:
    """Parts of the day and half hours of the week, by quarter hour: no zone changes within one."""

    def __init__(self) -> None:
        self._parts: dict[tuple[int, str], str] = {}
        self._slots: dict[tuple[int, str], int] = {}

    def part(self, at: int, zone: str) -> str:
        key = (at // _QUARTER, zone)
        found = self._parts.get(key)
        if found is None:
            found = self._parts[key] = daypart(instant_of(at), zone)
        return found

    def slot(self, at: int, zone: str) -> int:
        key = (at // _QUARTER, zone)
        found = self._slots.get(key)
        if found is None:
            found = self._slots[key] = slot_of(instant_of(at), zone)
        return found


class Legs:
    """The dials of one run."""

    def __init__(self, plan: CampaignPlan, seed: int, clocks: Clocks) -> None:
        self._clocks, self._seed = clocks, seed
        self._terms: DialTerms = plan.dials
        self._callees = Callees(
            plan.rates,
            ring_timeout=self._terms.ring_timeout,
            max_duration=self._terms.max_duration,
            detects=self._terms.detects_machines,
        )
        self._asks_for_slots = bool(plan.rates.by_slot)
        self._costs: dict[int, int] = {0: 0}

    def next(self, call: SimulatedCall, at: int) -> Leg:
        """The call's next dial."""
        zone = call.callee.group.zone
        slot = self._clocks.slot(at, zone) if self._asks_for_slots else None
        call.number += 1
        dial = self._callees.dial(call.luck, call.number, slot)
        return Leg(dial, at, at + round(dial.held * SECOND), self._cost(dial.talked))

    def rivals(self, key: str, number: int, at: int) -> Leg:
        """The dial of a call of which nothing is known but its class."""
        dial = self._callees.dial(luck_of(self._seed ^ crc32(key.encode()), -number), 1)
        return Leg(dial, at, at + round(dial.held * SECOND), self._cost(dial.talked), key)

    def _cost(self, seconds: int) -> int:
        found = self._costs.get(seconds)
        if found is None:
            terms = self._terms
            more = extras(
                terms.prices,
                seconds,
                detects_machines=terms.detects_machines,
                recorded=terms.recorded,
            )
            found = self._costs[seconds] = connection(terms.prices, seconds) + more
        return found

    def part(self, call: SimulatedCall, leg: Leg) -> str | None:
        """The time of day at which nobody was met."""
        if leg.dial.result not in _UNMET:
            return None
        return self._clocks.part(leg.begin, call.callee.group.zone)
