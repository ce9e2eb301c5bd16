"""One call, from its acceptance to its outcome.

decide -> wait | queue | dial -> settle (which decides again), until the decision is to end.
All policy and all facts are behind `decide` and `settle`; this file only waits and orchestrates.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from contracts import activities as do
    from contracts import names
    from contracts.calls import (
        AttemptRef,
        CallEnd,
        CallStart,
        CarrierNews,
        Decide,
        DialCancel,
        DialKind,
        DialResult,
        NewsKind,
        Progress,
        Reschedule,
        RescheduleCall,
        Settle,
    )
    from policy.model.call import STATUS_OF_OUTCOME, CallStatus, Decision, DecisionKind, Outcome

from workflows import options
from workflows.alarm import Alarm
from workflows.visibility import Visibility
from workflows.warm_transfers import WarmTransfers

T = TypeVar("T")

#: How often a leg that outlives its longest time is asked about.
CHECK_EVERY = timedelta(seconds=60)
#: Before it, a leg that rang when the signal came was let go on.
_SIGNAL_CANCELS_LEG = "signal-cancels-leg"


@workflow.defn
class CallWorkflow(WarmTransfers):
    @workflow.init
    def __init__(self, start: CallStart) -> None:
        super().__init__()
        self._call_id = start.call_id
        self._step = start.step
        self._cancel = start.cancel_requested
        self._dials_to_end = start.dials_to_end
        self._visibility = Visibility(start.shown)
        self._decision: Decision | None = None
        self._outcome: Outcome | None = None
        self._alarm = Alarm()
        # Something was said to the workflow since it last decided: it may wake up, or what the
        # decision rests on has changed.
        self._nudged = self._changed = False
        self._attempt: int | None = None
        self._live = False
        self._fate_open = self._hang_up_owed = False
        self._placing: asyncio.Task[DialResult] | None = None
        self._dialing: workflow.ActivityHandle[DialResult] | None = None
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
        self._visibility.show(CallStatus.QUEUED)
        until = decision.until if decision.kind is DecisionKind.WAIT else decision.valid_until
        self._alarm.set(until)
        await workflow.wait_condition(lambda: self._nudged or self._alarm.rang)
        await self._start_afresh_if_long()
        return await self._decide()

    async def _dial(self, decision: Decision) -> Decision:
        assert decision.attempt_number is not None
        self._attempt = decision.attempt_number
        if self._changed:
            return await self._settle()
        placed = await self._place(decision)
        if await self._has_leg(placed):
            await self._stay_with_leg(placed)
        return await self._settle()

    async def _place(self, decision: Decision) -> DialResult:
        """Dial. Shielded: even when cancelled, a create under way is finished and recorded."""
        self._placing = asyncio.create_task(self._send(decision))
        if self._dials_to_end:
            self._visibility.show(CallStatus.IN_PROGRESS, f"Attempt {self._attempt} is being made")
            await self._attend_to_dial(self._placing)
        return await asyncio.shield(self._placing)

    async def _attend_to_dial(self, placing: asyncio.Task[DialResult]) -> None:
        """While the leg rings and talks: what a machine is to hear, and an end told by itself."""
        while not placing.done():
            await workflow.wait_condition(
                lambda: placing.done() or self._heard(NewsKind.MACHINE) or self._leg_is_over()
            )
            if self._leg_is_over() and self._dialing is not None:
                # Told between two tries of the dial, when there was nothing to complete.
                self._dialing.cancel()
                await workflow.wait_condition(placing.done)
            elif not placing.done():
                await self._attend_to_machine()

    async def _send(self, decision: Decision) -> DialResult:
        try:
            return await self._dialed(options.time_left(decision.valid_until, workflow.now()))
        except ActivityError:
            if self._leg_is_over():
                return DialResult(DialKind.OVER)
            # Nobody began it, or took it up after a worker's death, before its permission ran out.
            return await workflow.execute_activity(do.take_up, self._ref(), **options.TAKE_UP)

    async def _dialed(self, time_left: timedelta | None) -> DialResult:
        if not self._dials_to_end:
            return await workflow.execute_activity(do.dial, self._ref(), **options.dial(time_left))
        how = options.dial_to_end(self._ref().attempt_number, time_left)
        self._dialing = workflow.start_activity(do.dial_to_end, self._ref(), **how)
        return await self._dialing

    async def _has_leg(self, placed: DialResult) -> bool:
        if placed.kind is not DialKind.UNKNOWN:
            return placed.kind is DialKind.SENT
        workflow.set_current_details("Finding out whether the carrier created the call")
        self._fate_open = True
        found = await workflow.execute_activity(do.find_leg, self._ref(), **options.FIND)
        self._fate_open = False
        return found

    async def _stay_with_leg(self, placed: DialResult) -> None:
        """Until the carrier says the leg is over; asks it when that takes too long."""
        self._live = True
        self._visibility.show(CallStatus.IN_PROGRESS, "In progress: handed to the carrier")
        self._alarm.set(workflow.now() + timedelta(seconds=placed.longest_seconds))
        self._hang_up_owed = self._cancel
        await self._pay_hang_up()
        while not self._heard(NewsKind.ENDED):
            await workflow.wait_condition(
                lambda: (
                    self._heard(NewsKind.ENDED) or self._heard(NewsKind.MACHINE) or self._alarm.rang
                )
            )
            await self._attend_to_leg()
        self._live = False

    async def _attend_to_leg(self) -> None:
        """Nothing that fails here may end the workflow: the leg is still there."""
        if self._heard(NewsKind.ENDED):
            return
        if self._heard(NewsKind.MACHINE):
            await self._attend_to_machine()
        if self._alarm.rang:
            await self._pay_hang_up()
            if await self._attempted(do.check_leg, options.LEG):
                self._news.add(self._piece_of_news(NewsKind.ENDED))
            self._alarm.set(workflow.now() + CHECK_EVERY)

    async def _attend_to_machine(self) -> None:
        self._news.discard(self._piece_of_news(NewsKind.MACHINE))
        await self._attempted(do.handle_voicemail, options.MESSAGE)

    async def _pay_hang_up(self) -> None:
        """Hang up if that is owed; if it fails now, again when the alarm rings."""
        if not self._hang_up_owed:
            return
        try:
            await self._hang_up()
            self._hang_up_owed = False
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            self._alarm.set(workflow.now() + CHECK_EVERY)

    async def _attempted(
        self, activity: Callable[[AttemptRef], Awaitable[T]], how: ActivityConfig
    ) -> T | None:
        """The activity's answer, or None when it failed for good."""
        try:
            return await workflow.execute_activity(activity, args=[self._ref()], **how)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("an activity on a live leg failed")
            return None

    # -- asking for decisions

    async def _decide(self) -> Decision:
        self._nudged = self._changed = False
        request = Decide(self._call_id, self._next_step(), workflow.now(), self._cancel)
        return self._note(
            await workflow.execute_local_activity(do.decide, request, **options.DATABASE)
        )

    async def _settle(self) -> Decision:
        assert self._attempt is not None
        self._nudged = self._changed = False
        request = Settle(
            self._call_id, self._next_step(), self._attempt, workflow.now(), self._cancel
        )
        decision = await workflow.execute_local_activity(do.settle, request, **options.DATABASE)
        self._attempt = self._placing = None
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
        self._visibility.show(STATUS_OF_OUTCOME[outcome], decision.detail, outcome)
        self._outcome = outcome
        await workflow.wait_condition(workflow.all_handlers_finished)
        return CallEnd(self._call_id, outcome, decision.reason)

    async def _give_up(self) -> None:
        """A native cancel: no leg, no lease and no open call may be left behind."""
        self._cancel = True
        await self._note_cancel()
        if self._attempt is None:
            decision = await self._decide()
        else:
            await self._drop_leg()
            decision = await self._settle()
        outcome = decision.outcome or Outcome.CANCELED
        self._outcome = outcome
        self._visibility.show(STATUS_OF_OUTCOME[outcome], decision.detail, outcome)

    async def _drop_leg(self) -> None:
        """Whatever became of the dial under way: leave nobody's phone ringing."""
        placed = await self._fate(self._placing) if self._placing is not None else None
        if self._fate_open or (placed is not None and placed.kind is DialKind.UNKNOWN):
            await workflow.execute_activity(do.find_leg, self._ref(), **options.FIND)
        self._hang_up_owed = True
        await self._pay_hang_up()

    async def _fate(self, placing: asyncio.Task[DialResult]) -> DialResult:
        if not self._dials_to_end or placing.done():
            return await placing
        # Not until the leg is over: it is to be ended.
        return await workflow.execute_activity(do.take_up, self._ref(), **options.TAKE_UP)

    async def _note_cancel(self) -> None:
        """A dial that has not passed the gate yet finds the note there, and is not sent."""
        if self._placing is not None and not self._placing.done():
            await workflow.execute_local_activity(do.note_cancel, self._call_id, **options.DATABASE)

    async def _start_afresh_if_long(self) -> None:
        # A cancel is about to end the call, and its update waits for just that.
        if workflow.info().is_continue_as_new_suggested() and not self._cancel:
            await workflow.wait_condition(workflow.all_handlers_finished)
            shown = self._visibility.status
            afresh = CallStart(self._call_id, self._step, self._cancel, True, shown)
            workflow.continue_as_new(afresh)

    def _ref(self) -> AttemptRef:
        assert self._attempt is not None
        return AttemptRef(self._call_id, self._attempt)

    def _piece_of_news(self, kind: NewsKind) -> CarrierNews:
        return CarrierNews(self._ref().attempt_number, kind)

    def _heard(self, kind: NewsKind) -> bool:
        return self._piece_of_news(kind) in self._news

    def _leg_is_over(self) -> bool:
        return self._dials_to_end and self._heard(NewsKind.ENDED)

    @property
    def _dialing_to_end(self) -> bool:
        return self._dials_to_end and self._placing is not None and not self._placing.done()

    async def _hang_up(self) -> bool:
        return await workflow.execute_activity(do.hang_up, self._ref(), **options.LEG)

    # -- what can be said to a call

    @workflow.signal(name=names.CANCEL)
    async def cancel_signal(self) -> None:
        """No new dial from now on, and a leg that rings ends. One that was answered goes on."""
        self._cancel = True
        self._nudged = self._changed = True
        if self._dialing_to_end:
            if await self._attempted(do.cancel_dial, options.LEG) is None:
                await self._note_cancel()
            return
        if self._live and workflow.patched(_SIGNAL_CANCELS_LEG):
            # If it fails for good, the leg has rung out by then, and no other follows.
            await self._attempted(do.cancel_leg, options.LEG)
        await self._note_cancel()

    @workflow.update(name=names.CANCEL)
    async def cancel(self) -> str:
        """Cancel and answer with the outcome, or that a ringing leg is being canceled."""
        if self._live:
            return await self._cancel_leg()
        if not self._dialing_to_end:
            await self.cancel_signal()
        elif await self._cancel_dial() is DialCancel.CANCELING:
            return names.CANCELING
        await workflow.wait_condition(lambda: self._outcome is not None)
        assert self._outcome is not None
        return self._outcome.value

    async def _cancel_dial(self) -> DialCancel:
        said = await workflow.execute_activity(do.cancel_dial, self._ref(), **options.LEG)
        if said is DialCancel.ANSWERED:
            raise ApplicationError("Somebody is on the line", type=names.IN_PROGRESS)
        self._cancel = self._changed = True
        return said

    async def _cancel_leg(self) -> str:
        """The leg's end, which the carrier tells, is then the call's."""
        if not await workflow.execute_activity(do.cancel_leg, self._ref(), **options.LEG):
            raise ApplicationError("Somebody is on the line", type=names.IN_PROGRESS)
        self._cancel = True
        return names.CANCELING

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, _: Sequence[RawValue]) -> None:
        """A word that no call knows: said, so that nobody takes it for done."""
        workflow.logger.warning("unknown signal", extra={"signal": name})

    @workflow.signal(name=names.REPLAN)
    def replan(self) -> None:
        """Something the last decision rests on has changed: decide again."""
        self._nudged = self._changed = True

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
        self._nudged = self._changed = True

    @reschedule.validator
    def _may_reschedule(self, change: Reschedule) -> None:
        if self._attempt is not None:
            raise ApplicationError("The call is being dialed", type=names.IN_PROGRESS)

    @workflow.update(name=names.HANG_UP)
    async def hang_up(self) -> None:
        if not await self._hang_up() and self._dials_to_end:
            raise ApplicationError("The call has no live leg", type=names.NOT_LIVE)

    @hang_up.validator
    def _may_hang_up(self) -> None:
        if not (self._live or self._dialing_to_end):
            raise ApplicationError("The call has no live leg", type=names.NOT_LIVE)

    @workflow.query
    def progress(self) -> Progress:
        decision = self._decision
        return Progress(
            kind=decision.kind.value if decision else "new",
            reason=decision.reason if decision else "",
            detail=decision.detail if decision else "",
            step=self._step,
            live_attempt=self._attempt if self._live or self._dialing_to_end else None,
        )
