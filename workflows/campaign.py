"""A campaign: fans its calls out, a page at a time, never far ahead of what is dialing.

All it knows is in the database. Each page of calls is started in a history of its own: the ends
of a page's calls are then nobody's events, and no history grows with the number of contacts.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority, RawValue, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from contracts import activities as do
    from contracts import names
    from contracts.calls import CallStart
    from contracts.campaigns import CallToStart, CampaignStart, Feed, FeedCampaign, FeedKind
    from contracts.workflow_start import call_attributes, priority_key, status_at_start

from workflows import options
from workflows.alarm import Alarm
from workflows.call import CallWorkflow


@workflow.defn
class CampaignWorkflow:
    @workflow.init
    def __init__(self, start: CampaignStart) -> None:
        self._campaign_id = start.campaign_id
        self._alarm = Alarm()
        self._nudged = False

    @workflow.run
    async def run(self, start: CampaignStart) -> None:
        try:
            await self._run(start)
        except BaseException as error:
            if is_cancelled_exception(error):
                await asyncio.shield(self._cancel())
            raise

    async def _run(self, start: CampaignStart) -> None:
        pause = start.pause_seconds
        while True:
            await self._pause(pause)
            feed = await self._feed(start.started)
            if feed.kind is FeedKind.DONE:
                await workflow.wait_condition(workflow.all_handlers_finished)
                return
            if feed.kind is FeedKind.CANCEL:
                await self._cancel()
            await self._start(feed.calls)
            if feed.calls or workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(workflow.all_handlers_finished)
                self._go_on(start, feed)
            pause = feed.pause_seconds

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            return
        self._alarm.set(workflow.now() + timedelta(seconds=seconds))
        await workflow.wait_condition(lambda: self._nudged or self._alarm.rang)

    async def _feed(self, started: list[str]) -> Feed:
        self._nudged = False
        request = FeedCampaign(self._campaign_id, workflow.now(), started)
        feed = await workflow.execute_local_activity(do.feed_campaign, request, **options.DATABASE)
        workflow.set_current_details(feed.detail)
        return feed

    async def _start(self, calls: list[CallToStart]) -> None:
        await asyncio.gather(*(self._start_one(call) for call in calls))

    async def _start_one(self, call: CallToStart) -> None:
        shown = status_at_start(waits=False)
        try:
            await workflow.start_child_workflow(
                CallWorkflow.run,
                CallStart(call.call_id, dials_to_end=True, shown=shown),
                id=names.call_workflow_id(call.call_id),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                search_attributes=call_attributes(
                    call.agent_id, self._campaign_id, call.deadline, shown
                ),
                static_summary=f"Outbound call, priority {call.priority}",
                priority=Priority(priority_key=priority_key(call.priority)),
            )
        except WorkflowAlreadyStartedError:
            return  # An earlier round or the sweep was here.

    async def _cancel(self) -> None:
        await workflow.execute_activity(do.cancel_campaign, self._campaign_id, **options.PAGES)

    def _go_on(self, start: CampaignStart, feed: Feed) -> None:
        workflow.continue_as_new(
            CampaignStart(
                self._campaign_id,
                start.round + 1,
                0 if self._nudged else feed.pause_seconds,
                [*feed.undecided, *(call.call_id for call in feed.calls)],
            )
        )

    @workflow.signal(name=names.CANCEL)
    async def cancel(self) -> None:
        """End it with all its calls that nobody has answered."""
        await self._cancel()
        self._nudged = True

    @workflow.signal(name=names.PAUSE)
    async def pause(self) -> None:
        """Dial nobody any more. Calls in flight go on to their end."""
        await self._change(do.pause_campaign)

    @workflow.signal(name=names.RESUME)
    async def resume(self) -> None:
        """Go on, if it is paused."""
        await self._change(do.resume_campaign)

    async def _change(self, how: Callable[[str], Awaitable[None]]) -> None:
        await workflow.execute_local_activity(how, args=[self._campaign_id], **options.DATABASE)
        self._nudged = True

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, _: Sequence[RawValue]) -> None:
        """A word that no campaign knows: said, so that nobody takes it for done."""
        workflow.logger.warning("unknown signal", extra={"signal": name})

    @workflow.signal(name=names.NUDGE)
    def nudge(self) -> None:
        """Its caps, its status or its contacts have changed: look again."""
        self._nudged = True
