"""One call, from its acceptance to its outcome.

decide -> wait | queue | dial -> settle (which decides again), until the decision is to end.
All policy and all facts are behind `decide` and `settle`; this file only waits and orchestrates.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from contracts import activities as do
    from contracts import names
    from contracts.calls import (
        AttemptRef,
        CallEnd,
        CallStart,
        CarrierNews,
        Decide,
        DialKind,
        DialResult,
        NewsKind,
        Progress,
        Reschedule,
        RescheduleCall,
        Settle,
    )
    from policy.call import STATUS_OF_OUTCOME, CallStatus, Decision, DecisionKind, Outcome

from workflows import options
from workflows.alarm import Alarm

#: How often a leg that outlives its longest time is asked about.
CHECK_EVERY = timedelta(seconds=60)


@workflow.defn
class CallWorkflow:
    @workflow.init
    def __init__(self, start: CallStart) -> None:
        self._call_id = start.call_id
        self._step = start.step
        self._cancel = start.cancel_requested
        self._status = CallStatus.CREATED
        self._decision: Decision | None = None
        self._outcome: Outcome | None = None
        self._alarm = Alarm()
        # Something was said to the workflow since it last decided.
        self._nudged = False
        self._attempt: int | None = None
        self._live = False
        self._placing: asyncio.Task[DialResult] | None = None
        self._news: set[CarrierNews] = set()

    @workflow.run
    async def run(self, start: CallStart) -> CallEnd:
        try:
            decision = await self._decide()
            while decision.kind is not DecisionKind.END:
                decision = await self._follow(decision)
        except BaseException as error:
            # Temporal's own cancel; it surfaces as an ActivityError where an activity was awaited.
            if is_cancelled_exception(error):
                await asyncio.shield(self._give_up())
            raise
        return await self._end(decision)

    # -- the three things a decision can ask for

    async def _follow(self, decision: Decision) -> Decision:
        if decision.kind is DecisionKind.DIAL:
            return await self._dial(decision)
        self._show(CallStatus.QUEUED)
        until = decision.until if decision.kind is DecisionKind.WAIT else decision.valid_until
        self._alarm.set(until)
        await workflow.wait_condition(lambda: self._nudged or self._alarm.rang)
        await self._start_afresh_if_long()
        return await self._decide()

    async def _dial(self, decision: Decision) -> Decision:
        assert decision.attempt_number is not None
        self._attempt = decision.attempt_number
        placed = await self._place(decision)
        exists = placed.kind is DialKind.SENT or (
            placed.kind is DialKind.UNKNOWN and await self._find_leg()
        )
        if exists:
            await self._stay_with_leg(placed)
        return await self._settle()

    async def _place(self, decision: Decision) -> DialResult:
        """Dial. Shielded: even when cancelled, a create under way is finished and recorded."""
        self._placing = asyncio.create_task(self._send(decision))
        return await asyncio.shield(self._placing)

    async def _send(self, decision: Decision) -> DialResult:
        time_left = None
        if decision.valid_until is not None:
            time_left = max(decision.valid_until - workflow.now(), timedelta(seconds=1))
        try:
            return await workflow.execute_activity(do.dial, self._ref(), **options.dial(time_left))
        except ActivityError:
            # It was not begun before its permission ran out: settle finds the bare intent.
            return DialResult(DialKind.OVER)

    async def _find_leg(self) -> bool:
        workflow.set_current_details("Finding out whether the carrier created the call")
        return await workflow.execute_activity(do.find_leg, self._ref(), **options.FIND)

    async def _stay_with_leg(self, placed: DialResult) -> None:
        """Until the carrier says the leg is over; asks it when that takes too long."""
        self._live = True
        self._show(CallStatus.IN_PROGRESS, "In progress: handed to the carrier")
        self._alarm.set(workflow.now() + timedelta(seconds=placed.longest_seconds))
        if self._cancel:
            await self._hang_up()
        while not self._heard(NewsKind.ENDED):
            await workflow.wait_condition(
                lambda: (
                    self._heard(NewsKind.ENDED) or self._heard(NewsKind.MACHINE) or self._alarm.rang
                )
            )
            await self._attend_to_leg()
        self._live = False

    async def _attend_to_leg(self) -> None:
        if self._heard(NewsKind.ENDED):
            return
        if self._heard(NewsKind.MACHINE):
            self._news.discard(self._piece_of_news(NewsKind.MACHINE))
            await workflow.execute_activity(do.handle_voicemail, self._ref(), **options.MESSAGE)
        if self._alarm.rang:
            if await workflow.execute_activity(do.check_leg, self._ref(), **options.LEG):
                self._news.add(self._piece_of_news(NewsKind.ENDED))
            self._alarm.set(workflow.now() + CHECK_EVERY)

    # -- asking for decisions

    async def _decide(self) -> Decision:
        self._nudged = False
        request = Decide(self._call_id, self._next_step(), workflow.now(), self._cancel)
        return self._note(
            await workflow.execute_local_activity(do.decide, request, **options.DATABASE)
        )

    async def _settle(self) -> Decision:
        assert self._attempt is not None
        self._nudged = False
        request = Settle(
            self._call_id, self._next_step(), self._attempt, workflow.now(), self._cancel
        )
        decision = await workflow.execute_local_activity(do.settle, request, **options.DATABASE)
        self._attempt = None
        return self._note(decision)

    def _next_step(self) -> int:
        self._step += 1
        return self._step

    def _note(self, decision: Decision) -> Decision:
        self._decision = decision
        workflow.set_current_details(decision.detail)
        return decision

    # -- the ends

    async def _end(self, decision: Decision) -> CallEnd:
        outcome = decision.outcome or Outcome.FAILED
        self._show(STATUS_OF_OUTCOME[outcome], decision.detail, outcome)
        self._outcome = outcome
        await workflow.wait_condition(workflow.all_handlers_finished)
        return CallEnd(self._call_id, outcome, decision.reason)

    async def _give_up(self) -> None:
        """A native cancel: no leg, no lease and no open call may be left behind."""
        self._cancel = True
        if self._placing is not None and not self._placing.done():
            await self._placing
        if self._attempt is None:
            decision = await self._decide()
        else:
            await self._hang_up()
            decision = await self._settle()
        outcome = decision.outcome or Outcome.CANCELED
        self._outcome = outcome
        self._show(STATUS_OF_OUTCOME[outcome], decision.detail, outcome)

    async def _start_afresh_if_long(self) -> None:
        if workflow.info().is_continue_as_new_suggested():
            await workflow.wait_condition(workflow.all_handlers_finished)
            workflow.continue_as_new(CallStart(self._call_id, self._step, self._cancel))

    # -- small helpers

    def _ref(self) -> AttemptRef:
        assert self._attempt is not None
        return AttemptRef(self._call_id, self._attempt)

    def _piece_of_news(self, kind: NewsKind) -> CarrierNews:
        assert self._attempt is not None
        return CarrierNews(self._attempt, kind)

    def _heard(self, kind: NewsKind) -> bool:
        return self._piece_of_news(kind) in self._news

    async def _hang_up(self) -> None:
        await workflow.execute_activity(do.hang_up, self._ref(), **options.LEG)

    def _show(
        self, status: CallStatus, details: str | None = None, outcome: Outcome | None = None
    ) -> None:
        """Tell the Web UI and the CLI where the call stands."""
        if details is not None:
            workflow.set_current_details(details)
        if status is self._status:
            return
        self._status = status
        changes = [names.STATUS.value_set(status.value)]
        if outcome is not None:
            changes.append(names.OUTCOME.value_set(outcome.value))
        workflow.upsert_search_attributes(changes)

    # -- what can be said to a call

    @workflow.signal(name=names.CANCEL)
    def cancel_signal(self) -> None:
        """No new dial from now on. A leg that is live already goes on to its end."""
        self._cancel = True
        self._nudged = True

    @workflow.update(name=names.CANCEL)
    async def cancel(self) -> str:
        """Cancel and answer with the outcome."""
        self.cancel_signal()
        await workflow.wait_condition(lambda: self._outcome is not None)
        assert self._outcome is not None
        return self._outcome.value

    @cancel.validator
    def _may_cancel(self) -> None:
        if self._live:
            raise ApplicationError("The call is in progress", type=names.IN_PROGRESS)

    @workflow.signal(name=names.REPLAN)
    def replan(self) -> None:
        """Something the last decision rests on has changed: decide again."""
        self._nudged = True

    @workflow.signal(name=names.SLOT_GRANTED)
    def slot_granted(self) -> None:
        """The dispatcher has granted a lease; `decide` finds it."""
        self._nudged = True

    @workflow.signal(name=names.CARRIER_EVENT)
    def carrier_event(self, news: CarrierNews) -> None:
        self._news.add(news)

    @workflow.update(name=names.RESCHEDULE)
    async def reschedule(self, change: Reschedule) -> None:
        request = RescheduleCall(self._call_id, change.not_before, workflow.now())
        await workflow.execute_local_activity(do.reschedule, request, **options.DATABASE)
        self._nudged = True

    @reschedule.validator
    def _may_reschedule(self, change: Reschedule) -> None:
        if self._attempt is not None:
            raise ApplicationError("The call is being dialed", type=names.IN_PROGRESS)

    @workflow.update(name=names.HANG_UP)
    async def hang_up(self) -> None:
        await self._hang_up()

    @hang_up.validator
    def _may_hang_up(self) -> None:
        if not self._live:
            raise ApplicationError("The call has no live leg", type=names.NOT_LIVE)

    @workflow.query
    def progress(self) -> Progress:
        decision = self._decision
        return Progress(
            kind=decision.kind.value if decision else "new",
            reason=decision.reason if decision else "",
            detail=decision.detail if decision else "",
            step=self._step,
            live_attempt=self._attempt if self._live else None,
        )
