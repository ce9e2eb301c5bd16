"""The feed of a campaign: contacts become calls as their turn comes near, and no sooner."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity
from temporalio.service import RPCError

from activities import staged_contacts
from activities.clock import utcnow
from activities.follow_ups import step_walk
from activities.heartbeats import heartbeats
from contracts.campaigns import CallToStart, Feed, FeedCampaign, FeedKind
from contracts.workflow_signals import WorkflowSignals
from policy.campaigns.campaigns import BREAKER_OVER, breaker
from policy.campaigns.goals import Met, closed_of, goal_of
from policy.model.call import CampaignStatus
from policy.model.reasons import Reason
from storage.campaigns import campaigns, contacts, feed_queries, goal_checks
from storage.campaigns.campaigns import BadTransition
from storage.database.engine import Database
from storage.facts.gather import FactGatherer
from storage.follow_ups import follow_ups
from storage.tables import Campaign

log = structlog.get_logger(__name__)

#: Calls started in one round; it bounds the size of the workflow's history, too.
PAGE = 100
#: Seconds until the next look: while calls go out, while they only end, at the longest.
BUSY, IDLE, LONGEST = 1.0, 2.0, 300.0
#: A round waits no longer than this for calls to be told that they are not needed.
TELLING_SECONDS = 2.0
_REACHED = {
    Met.COUNT: "Its goal is reached: as many calls as it asks for ended well",
    Met.SPEND: "Its goal is reached: the amount that it may cost is spent",
    Met.DATE: "Its goal is reached: its time is over",
}


class CampaignFeed:
    def __init__(self, db: Database, signals: WorkflowSignals, gatherer: FactGatherer) -> None:
        self._db = db
        self._signals = signals
        self._gatherer = gatherer

    @activity.defn
    async def feed_campaign(self, request: FeedCampaign) -> Feed:
        async with self._db.write() as session:
            campaign = await campaigns.lock(session, request.campaign_id)
            if campaign is None:
                return Feed(FeedKind.DONE, "The campaign is not in the database any more", 0)
            await trip_if_failing(session, campaign, request.now)
            not_needed = await _close_reached(session, campaign, request.now)
            feed = await self._feed(session, campaign, request)
        await self._end(not_needed)
        return feed

    async def _end(self, call_ids: Sequence[str]) -> None:
        """Has these calls decide anew. Those that are not told now are when it looks next."""
        try:
            async with asyncio.timeout(TELLING_SECONDS):
                await asyncio.gather(*(self._signals.replan(call_id) for call_id in call_ids))
        except (RPCError, TimeoutError):
            log.warning("campaign.temporal_away", calls=len(call_ids))

    async def _feed(self, session: AsyncSession, campaign: Campaign, request: FeedCampaign) -> Feed:
        if campaign.status is CampaignStatus.CANCELED:
            return await _canceled(session, campaign, request)
        if campaign.status is CampaignStatus.COMPLETED:
            return Feed(FeedKind.DONE, "Completed", 0)
        if campaign.status is not CampaignStatus.RUNNING:
            return Feed(FeedKind.HOLD, campaign.detail or "Paused", LONGEST)
        is_over = closed_of(campaign.goal_closed).met is not None
        if campaign.steps_spec is not None:
            await _follow_up(session, campaign, request.now, is_over=is_over)
        if not is_over:
            await staged_contacts.stage(session, campaign, request.now, self._gatherer, page=PAGE)
        return await _next(session, campaign, request)

    @activity.defn
    async def pause_campaign(self, campaign_id: str) -> None:
        await self._change(campaign_id, CampaignStatus.PAUSED, "paused_by_request")

    @activity.defn
    async def resume_campaign(self, campaign_id: str) -> None:
        await self._change(campaign_id, CampaignStatus.RUNNING, None)

    async def _change(self, campaign_id: str, status: CampaignStatus, reason: str | None) -> None:
        """As the API does; what the campaign's status does not allow changes nothing."""
        async with self._db.write() as session:
            campaign = await campaigns.lock(session, campaign_id)
            if campaign is None or campaign.status is status:
                return
            try:
                await campaigns.set_status(session, campaign, status, utcnow(), reason)
            except BadTransition:
                log.warning("campaign.refused", campaign_id=campaign_id, wanted=status.value)

    @activity.defn
    async def cancel_campaign(self, campaign_id: str) -> None:
        async with self._db.write() as session:
            campaign = await campaigns.lock(session, campaign_id)
            if campaign is None:
                return
            if campaign.status not in (CampaignStatus.CANCELED, CampaignStatus.COMPLETED):
                await campaigns.set_status(session, campaign, CampaignStatus.CANCELED, utcnow())
            await campaigns.request_cancel_all(session, campaign_id)
        async with heartbeats():
            await self._tell_all(campaign_id)

    async def _tell_all(self, campaign_id: str) -> None:
        after = ""
        while True:
            async with self._db.read() as session:
                page = await campaigns.open_call_ids(session, campaign_id, after, PAGE)
            if not page:
                return
            for call_id in page:
                await self._signals.cancel(call_id)
            after = page[-1]


async def trip_if_failing(session: AsyncSession, campaign: Campaign, now: datetime) -> None:
    """The circuit breaker: a carrier that fails is not a reason to burn through the list."""
    if campaign.status is not CampaignStatus.RUNNING:
        return
    since = now - BREAKER_OVER
    if campaign.resumed_time is not None:
        since = max(since, campaign.resumed_time)
    dials, failures = await campaigns.technical_failures(session, campaign.campaign_id, since)
    if not breaker(dials, failures, campaign.breaker_spec):
        return
    detail = f"{failures} of {dials} dials failed technically within two minutes"
    log.warning("campaign.tripped", campaign_id=campaign.campaign_id)
    await campaigns.set_status(
        session,
        campaign,
        CampaignStatus.PAUSED,
        now,
        reason=Reason.BREAKER_TRIPPED,
        detail=detail,
    )


async def _close_reached(session: AsyncSession, campaign: Campaign, now: datetime) -> Sequence[str]:
    """Calls that are to be told that they are not needed any more, a page of them."""
    if campaign.goal_spec is None or campaign.status is not CampaignStatus.RUNNING:
        return ()
    reached = await goal_checks.close_reached(session, campaign, now)
    if reached.met is None and not reached.full:
        return ()
    return await goal_checks.let_go(session, campaign, PAGE)


async def _canceled(session: AsyncSession, campaign: Campaign, request: FeedCampaign) -> Feed:
    """What waited as a row is begun, too: each call says itself how it ended."""
    if campaign.steps_spec is not None:
        await follow_ups.end_all(session, campaign.campaign_id, request.now)
    still_open = await feed_queries.open_calls(session, campaign.campaign_id)
    if still_open == 0:
        return Feed(FeedKind.DONE, "Canceled", 0)
    detail = f"Canceled; {still_open} calls are still open"
    return Feed(FeedKind.CANCEL, detail, IDLE, *await _to_start(session, request))


async def _to_start(
    session: AsyncSession, request: FeedCampaign
) -> tuple[list[CallToStart], list[str]]:
    """The calls to start now, and those started before of which nothing is heard yet."""
    undecided = await feed_queries.undecided(session, request.started)
    calls = await feed_queries.unstarted(session, request.campaign_id, undecided, request.now, PAGE)
    return [
        CallToStart(call.call_id, call.agent_id, call.priority, call.call_deadline)
        for call in calls
    ], undecided


async def _next(session: AsyncSession, campaign: Campaign, request: FeedCampaign) -> Feed:
    starting, undecided = await _to_start(session, request)
    if starting:
        return Feed(FeedKind.GO_ON, "Running", IDLE, starting, undecided)
    still_open = await feed_queries.open_calls(session, campaign.campaign_id)
    if await contacts.staged(session, campaign.campaign_id, request.now, 1):
        return Feed(FeedKind.GO_ON, f"Running; {still_open} calls are open", BUSY)
    ready_at = await contacts.next_ready(session, campaign.campaign_id)
    follow_at = await _next_follow_up(session, campaign, request.now)
    if still_open == 0 and ready_at is None and follow_at is None:
        why = _why_completed(campaign)
        await campaigns.set_status(session, campaign, CampaignStatus.COMPLETED, request.now, *why)
        return Feed(FeedKind.DONE, "Completed", 0)
    soonest = min((at for at in (ready_at, follow_at) if at is not None), default=None)
    return await _waiting(session, campaign, request.now, soonest, still_open)


async def _follow_up(
    session: AsyncSession, campaign: Campaign, now: datetime, *, is_over: bool
) -> None:
    if is_over:
        await follow_ups.end_all(session, campaign.campaign_id, now)
    else:
        await step_walk.advance(session, campaign, now, page=PAGE)


async def _next_follow_up(
    session: AsyncSession, campaign: Campaign, now: datetime
) -> datetime | None:
    if campaign.steps_spec is None:
        return None
    return await follow_ups.next_due(session, campaign.campaign_id, now)


def _why_completed(campaign: Campaign) -> tuple[str, str] | tuple[()]:
    met = closed_of(campaign.goal_closed).met
    return () if met is None else (Reason.GOAL_REACHED, _REACHED[met])


async def _waiting(
    session: AsyncSession,
    campaign: Campaign,
    now: datetime,
    ready_at: datetime | None,
    still_open: int,
) -> Feed:
    if await feed_queries.near(session, campaign.campaign_id):
        return Feed(FeedKind.GO_ON, f"Running; {still_open} calls are open", IDLE)
    next_call = await feed_queries.next_attempt(session, campaign.campaign_id)
    goal = goal_of(campaign.goal_spec)
    ends_at = goal.until if goal is not None and goal.until and goal.until > now else None
    soonest = min((at for at in (ready_at, next_call, ends_at) if at is not None), default=now)
    pause = min(max((soonest - now).total_seconds(), IDLE), LONGEST)
    return Feed(FeedKind.GO_ON, f"Waiting; {still_open} calls are open", pause)
