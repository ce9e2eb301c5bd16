"""Contacts that policy cannot tell apart, and what it decides about them, asked once for all.

`CalleeGroup.decide` reads as `policy.calls.decide.decide` does, and is held against it by tests. It
is quick because what a decision rests on changes at a few moments only, which are known ahead.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from policy.calls.call_times import call_times_of, wanted_times
from policy.compliance.attempt_caps import next_by_caps
from policy.compliance.case import case_of
from policy.compliance.compliance import Clearance, may_dial
from policy.facts import Facts
from policy.forecast.calendars import Calendar
from policy.forecast.retry_book import UNTRIED, RetryBook, RetryTerms
from policy.forecast.ticks import DAY, instant_of, tick_of
from policy.model.call import DecisionKind, Outcome
from policy.model.person import PastDial, Returned
from policy.model.reasons import Reason
from policy.rules.model import CapRule, RegistryRule
from policy.time.windows import Window, ZonedWindow

_FOREVER = 1 << 62


class Step(NamedTuple):
    """What a call does next. `at`: until when it waits, or may still be sent.

    A wait without an end that is known (`at` None) is for what somebody has to do.
    """

    kind: DecisionKind
    reason: str
    at: int | None = None
    outcome: Outcome | None = None


class Course(NamedTuple):
    """What a call has been through: its settled dials, and those to its person that caps count."""

    terms: RetryTerms = UNTRIED
    #: By the plan alone, the next try is not before this.
    earliest: int = 0
    dials: Sequence[PastDial] = ()


NOTHING_YET = Course()


@dataclass(frozen=True, slots=True)
class _Terms:
    """What compliance says in [begin, end)."""

    begin: int
    end: int
    calendar: Calendar
    #: The same within the best times; None: those of no call of theirs are held for any.
    wanted: Calendar | None
    #: As it would be if what an account or an operator has closed were opened again.
    lifted: Calendar
    caps: Sequence[CapRule]
    #: So many dials on file are too few for any cap.
    fewest: int
    refusal: Step | None = None


@dataclass(slots=True)
class CalendarShelf:
    """Calendars by what they are made of: groups in one zone under one rule share theirs.

    `begin` and `until` are the ticks between which a forecast looks.
    """

    begin: int
    until: int
    _made: dict[tuple[object, ...], Calendar] = field(default_factory=dict)

    def calendar(
        self, windows: Sequence[Window], zone: str, ring_time: timedelta, least: timedelta
    ) -> Calendar:
        key = (tuple(windows), zone, ring_time)
        found = self._made.get(key)
        if found is None:
            found = Calendar(windows, zone, ring_time, least, self.begin)
            self._made[key] = found
        return found


class CalleeGroup:
    """`facts` are those of any of them, without dials; what came of theirs is their `Course`."""

    def __init__(self, facts: Facts, retries: RetryBook, shelf: CalendarShelf) -> None:
        self.facts = facts
        self.retries = retries
        self._shelf = shelf
        self._turns = _turning_points(facts)
        self._terms: dict[tuple[int, int], _Terms] = {}
        self._latest: _Terms | None = None
        self._deadline = None if facts.deadline is None else tick_of(facts.deadline)
        self._not_before = 0 if facts.not_before is None else tick_of(facts.not_before)
        self._held = _held(facts)
        #: What was last said of those that were never dialed, and between which ticks it holds.
        self._fresh: tuple[int, int, Step] | None = None
        #: Whose clock tells the time of day of a dial.
        self.zone = self.terms(shelf.begin).calendar.zone_name

    def decide(self, course: Course, at: int) -> Step:
        """The next step of a call of the group at a tick."""
        if course is not NOTHING_YET:
            return self._decided(course, at)
        fresh = self._fresh
        if fresh is None or not fresh[0] <= at < fresh[1]:
            step = self._decided(course, at)
            self._fresh = fresh = (at, self.holds_until(step, at), step)
        return fresh[2]

    def holds_until(self, step: Step, at: int) -> int:
        """Up to which tick the same would be said again, as far as it is certain."""
        if step.at is None or step.kind is DecisionKind.END:
            return at
        terms = self.terms(at)
        if step.kind is DecisionKind.WAIT:
            return min(step.at, terms.end)
        last = terms.calendar.last_start(at)
        if terms.wanted is not None:
            opening = terms.wanted.opening(at)
            if opening is None or opening[0] > at:
                return at
            last = min(last, terms.wanted.last_start(at))
        if step.at == self._deadline:
            return min(step.at, terms.end, last + 1)
        return min(terms.end, last + 1)

    def _decided(self, course: Course, at: int) -> Step:
        if self.facts.cancel_requested:
            return Step(DecisionKind.END, Reason.CANCEL_REQUESTED, outcome=Outcome.CANCELED)
        if course.terms.outcome is not None:
            return Step(DecisionKind.END, Reason.CONCLUDED, outcome=course.terms.outcome)
        if self.facts.returned is Returned.COMPLETE:
            return Step(DecisionKind.END, Reason.CALLED_BACK, outcome=Outcome.COMPLETED)
        terms = self.terms(at)
        if terms.refusal is not None:
            return terms.refusal
        if self._deadline is not None and at >= self._deadline:
            return _too_late(course, Reason.DEADLINE_PASSED)
        return self._held or self._timed(course, at, terms)

    def _timed(self, course: Course, at: int, terms: _Terms) -> Step:
        earliest = max(at, course.earliest, self._not_before)
        if len(course.dials) >= terms.fewest:
            earliest = max(earliest, self._room_from(terms, course, at))
        planned = course.earliest or earliest
        calendar, aim = terms.calendar, course.terms.aim
        is_free = course.terms is UNTRIED or aim.avoid is not None
        wanted = terms.wanted if is_free else None
        placed = calendar.place(earliest, aim, planned, self._deadline, wanted)
        if placed is None:
            return self._no_instant(course, terms, earliest)
        if placed > at:
            return Step(DecisionKind.WAIT, Reason.COMMON_WINDOW, placed)
        until = calendar.valid_until(placed, self._deadline)
        return Step(DecisionKind.DIAL, Reason.FIRST_ATTEMPT, until)

    def _room_from(self, terms: _Terms, course: Course, at: int) -> int:
        capped = next_by_caps(terms.caps, course.dials, self.facts.subject, instant_of(at))
        return 0 if capped is None else tick_of(capped.until)

    def _no_instant(self, course: Course, terms: _Terms, earliest: int) -> Step:
        aim, planned = course.terms.aim, course.earliest or earliest
        if terms.calendar.opening(earliest) is None:
            if terms.lifted.place(earliest, aim, planned, self._deadline) is not None:
                return Step(DecisionKind.WAIT, Reason.CLOSED_WITHOUT_END)
            if terms.lifted.opening(earliest) is None:
                return _too_late(course, Reason.NO_OPENING)
        return _too_late(course, Reason.DEADLINE_UNREACHABLE)

    # -- what compliance says

    def terms(self, at: int) -> _Terms:
        """Of this moment, and as long as it stays so."""
        latest = self._latest
        if latest is not None and latest.begin <= at < latest.end:
            return latest
        turn = bisect_right(self._turns, at)
        key = (turn, at // DAY)
        found = self._terms.get(key)
        if found is None:
            begin = max(self._turns[turn - 1] if turn else 0, at // DAY * DAY)
            end = self._turns[turn] if turn < len(self._turns) else _FOREVER
            end = min(end, at // DAY * DAY + DAY)
            found = self._terms[key] = self._asked(begin, end, instant_of(at))
        self._latest = found
        return found

    def _asked(self, begin: int, end: int, now: datetime) -> _Terms:
        clearance = may_dial(self.facts, now)
        calendar, lifted = (self._calendar(one) for one in (clearance, clearance.lifted))
        caps = tuple(case_of(self.facts, now).of(CapRule))
        refusal = None
        if not clearance.permitted:
            refusal = Step(DecisionKind.END, clearance.reason, outcome=Outcome.SUPPRESSED)
        fewest = min((rule.most for rule in caps), default=_FOREVER)
        wanted = self._wanted_calendar(clearance)
        return _Terms(begin, end, calendar, wanted, lifted, caps, fewest, refusal)

    def _calendar(self, clearance: Clearance, *more: Window) -> Calendar:
        times = call_times_of(self.facts, clearance)
        return self._shelf.calendar(
            (*times.windows, *more), times.zones[0], times.ring_time, times.min_length
        )

    def _wanted_calendar(self, clearance: Clearance) -> Calendar | None:
        wanted = wanted_times(self.facts)
        if wanted is None:
            return None
        zone = call_times_of(self.facts, clearance).zones[0]
        return self._calendar(clearance, ZonedWindow(wanted, zone))


def _too_late(course: Course, reason: str) -> Step:
    outcome = course.terms.so_far or Outcome.DEADLINE_MISSED
    return Step(DecisionKind.END, reason, outcome=outcome)


def _held(facts: Facts) -> Step | None:
    """What only a person's act lets go on."""
    if not facts.agent_enabled:
        return Step(DecisionKind.WAIT, Reason.AGENT_DISABLED)
    if facts.returned is Returned.PAUSE:
        return Step(DecisionKind.WAIT, Reason.CALLED_BACK)
    if facts.person.reviews:
        return Step(DecisionKind.WAIT, Reason.OPT_OUT_REVIEW)
    return None


def _turning_points(facts: Facts) -> list[int]:
    """When what compliance is asked may have another answer, besides at midnight in UTC."""
    person = facts.person
    moments = [one.expires_at for one in person.suppressions]
    for consent in facts.consents:
        moments += [consent.granted_at, consent.expires_at]
    ages = {one.registry: set[timedelta]() for one in person.scrubs}
    for rule in facts.book.rules if ages else ():
        if isinstance(rule, RegistryRule) and rule.registry in ages:
            ages[rule.registry].add(rule.max_age)
    moments += [one.at + age for one in person.scrubs for age in ages[one.registry]]
    return sorted({tick_of(one) for one in moments if one is not None})
