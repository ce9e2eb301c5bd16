"""One run of a campaign on virtual time: contacts become calls, wait, are dialed, are tried again.

It goes from event to event, as workflows, feed and dispatcher do between them; nothing here decides
anything itself. Times are ticks (`policy.forecast.ticks`).
"""

from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random

from policy.forecast.callee_groups import Course, Step
from policy.forecast.campaign_plan import CampaignPlan, GoalTerms
from policy.forecast.legs import Clocks, Leg, Legs, SimulatedCall
from policy.forecast.queue import SimulatedQueue
from policy.forecast.run_record import RunRecord
from policy.forecast.ticks import instant_of
from policy.model.call import AttemptResult, DecisionKind, Outcome
from policy.model.person import PastDial
from policy.model.reasons import Reason

#: So many events between two pauses of whoever runs it.
SLICE = 1000
#: At one tick legs end first, then calls wake up, then feed and dispatcher look.
_ENDED, _WOKE, _LOOK = range(3)
#: Ends that nothing was missed by.
_NO_MISS = frozenset({Reason.CONCLUDED, Reason.CANCEL_REQUESTED, Reason.CALLED_BACK})

_Event = tuple[int, int, int, SimulatedCall | None, Leg | None]


class Simulation:
    """A run with one seed. `clocks` may be shared by the runs of a forecast."""

    def __init__(self, plan: CampaignPlan, seed: int, clocks: Clocks) -> None:
        self._plan, self._seed = plan, seed
        self._legs = Legs(plan, seed, clocks)
        self._queue = SimulatedQueue(plan)
        self._record = RunRecord()
        self._events: list[_Event] = []
        self._looks: set[int] = set()
        self._fresh: deque[SimulatedCall] = deque()
        self._due: list[tuple[int, int, SimulatedCall]] = []
        #: Calls that have, or wait for, a slot; and how many are not through.
        self._near, self._left = 0, len(plan.callees)
        self._order = 0
        self._goal = plan.goal
        self._wanted, self._is_reached = 0 if plan.goal is None else plan.goal.left, False
        self._luck = Random(f"goal-{seed}")

    @property
    def record(self) -> RunRecord:
        """What it came to, once it has run."""
        return self._record

    def run(self) -> Iterator[None]:
        """Goes on by slices, so that whoever runs it can let others run; then see `record`."""
        self._begin()
        handled = 0
        while self._left and self._events and self._events[0][0] <= self._plan.until:
            at = self._events[0][0]
            while self._events and self._events[0][0] == at:
                self._handle(heappop(self._events))
                handled += 1
            if self._goal is not None and not self._is_reached:
                self._look_at_goal(self._goal, at)
            self._feed(at)
            self._dispatch(at)
            if handled >= SLICE:
                handled = 0
                yield
        self._close()

    # -- the begin and the end

    def _begin(self) -> None:
        begin = self._plan.begin
        self._look_at(begin)
        if self._plan.deadline is not None:
            self._look_at(self._plan.deadline)
        if self._goal is not None and self._goal.until is not None:
            self._look_at(self._goal.until)
        for callee in self._plan.callees:
            call = SimulatedCall(callee, self._seed)
            if callee.in_flight:
                self._near += 1
                self._dial(call, begin)
            elif not callee.is_staged:
                self._push(max(begin, callee.wakes_at), _WOKE, call)
            elif callee.wakes_at:
                self._put_off(call, max(begin, callee.wakes_at))
            else:
                self._fresh.append(call)

    def _close(self) -> None:
        """What still stands waits for money, or for a time beyond all that is looked at."""
        if self._left <= 0:
            return
        broke = self._queue.is_broke(self._plan.until)
        why = Reason.INSUFFICIENT_BALANCE if broke else Reason.NO_OPENING
        self._record.unfinished[why] += self._left

    # -- events

    def _push(self, at: int, kind: int, call: SimulatedCall | None, leg: Leg | None = None) -> None:
        self._order += 1
        heappush(self._events, (at, kind, self._order, call, leg))

    def _look_at(self, at: int) -> None:
        """Feed and dispatcher have something to do then."""
        if at not in self._looks and at <= self._plan.until:
            self._looks.add(at)
            self._push(at, _LOOK, None)

    def _handle(self, event: _Event) -> None:
        at, _, _, call, leg = event
        if leg is not None:
            self._queue.give_back(leg)
            if call is not None:
                self._settle(call, leg)
        elif call is not None:
            self._follow(call, at, call.callee.group.decide(call.course, at))
        else:
            for gone in self._queue.expired(at):
                self._near -= 1
                self._follow(gone, at, gone.callee.group.decide(gone.course, at))

    def _follow(self, call: SimulatedCall, at: int, step: Step) -> None:
        """As a call's workflow does."""
        if self._is_reached and step.kind is not DecisionKind.END:
            self._spare(call, at)
            return
        if step.kind is DecisionKind.DIAL:
            self._enqueue(call, at, step)
        elif step.kind is DecisionKind.END:
            self._end(at, step)
        elif step.at is None:
            self._hold(step)
        else:
            self._push(step.at, _WOKE, call)

    def _enqueue(self, call: SimulatedCall, at: int, step: Step) -> None:
        assert step.at is not None
        self._near += 1
        call.valid_until = step.at
        call.sure_until = call.callee.group.holds_until(step, at)
        self._queue.add(call, at)
        self._look_at(step.at)

    def _end(self, at: int, step: Step) -> None:
        record = self._record
        self._left -= 1
        record.outcomes[step.outcome or Outcome.FAILED] += 1
        record.ended_at = at
        if self._wanted and step.outcome is Outcome.COMPLETED and self._goal is not None:
            self._wanted -= self._luck.random() < self._goal.share
        if step.reason not in _NO_MISS:
            record.missed[step.reason] += 1

    def _hold(self, step: Step) -> None:
        self._left -= 1
        self._record.unfinished[step.reason] += 1

    # -- the goal

    def _look_at_goal(self, goal: GoalTerms, at: int) -> None:
        """Whoever has not become a call by then is spared; calls are as their turn comes."""
        is_over = goal.until is not None and at >= goal.until
        self._is_reached = is_over or (goal.left is not None and not self._wanted)
        if not self._is_reached:
            return
        spared = len(self._fresh) + len(self._due)
        self._left -= spared
        self._record.spared += spared
        self._fresh.clear()
        self._due.clear()

    def _spare(self, call: SimulatedCall, at: int) -> None:
        """One that was dialed ends as it was found."""
        self._left -= 1
        so_far = call.course.terms.so_far
        if so_far is None:
            self._record.spared += 1
            return
        self._record.outcomes[so_far] += 1
        self._record.ended_at = at

    # -- contacts become calls

    def _feed(self, at: int) -> None:
        while self._near < self._plan.ahead:
            if self._due and self._due[0][0] <= at:
                call = heappop(self._due)[2]
            elif self._fresh:
                call = self._fresh.popleft()
            else:
                return
            self._take_in(call, at)

    def _take_in(self, call: SimulatedCall, at: int) -> None:
        step = call.callee.group.decide(call.course, at)
        if step.kind is DecisionKind.DIAL:
            self._enqueue(call, at, step)
        elif step.kind is DecisionKind.END:
            self._left -= 1
            self._record.refused[step.reason] += 1
            self._record.ended_at = at
        elif step.at is None:
            self._hold(step)
        else:
            self._put_off(call, step.at)

    def _put_off(self, call: SimulatedCall, until: int) -> None:
        heappush(self._due, (until, call.callee.key, call))
        self._look_at(until)

    # -- slots

    def _dispatch(self, at: int) -> None:
        for one in self._queue.turns(at):
            if isinstance(one, SimulatedCall):
                self._take_turn(one, at)
            else:
                key, number = one
                leg = self._legs.rivals(key, number, at)
                self._queue.take(at, leg)
                self._push(leg.end, _ENDED, None, leg)
        paced = self._queue.paced_until()
        if paced is not None and paced > at:
            self._look_at(paced)

    def _take_turn(self, call: SimulatedCall, at: int) -> None:
        """Its permission is asked for again, as the workflow does with a slot in its hand."""
        if self._is_reached:
            self._near -= 1
            self._spare(call, at)
            return
        if at <= call.sure_until:
            self._dial(call, at)
            return
        step = call.callee.group.decide(call.course, at)
        if step.kind is DecisionKind.DIAL:
            self._dial(call, at)
        else:
            self._near -= 1
            self._follow(call, at, step)

    def _dial(self, call: SimulatedCall, at: int) -> None:
        leg = self._legs.next(call, at)
        self._queue.take(at, leg)
        self._record.dialed(leg, self._queue.live)
        self._push(leg.end, _ENDED, call, leg)

    def _settle(self, call: SimulatedCall, leg: Leg) -> None:
        self._near -= 1
        self._record.settled(leg)
        group, dial, at = call.callee.group, leg.dial, leg.end
        call.results = (*call.results, dial.result)
        retries = group.retries
        answered = dial.result is AttemptResult.ANSWERED
        early = answered and dial.talked <= retries.early_seconds
        part = self._legs.part(call, leg)
        terms = retries.after(call.results, early, part, leg.begin)
        dials = call.course.dials
        if terms.outcome is None and group.terms(at).caps:
            past = PastDial("", call.number, instant_of(leg.begin), answered, group.facts.subject)
            dials = (*dials, past)
        call.course = Course(terms, at + terms.delay, dials)
        self._follow(call, at, group.decide(call.course, at))
