"""What people do to a campaign: make, start, pause, resume, cancel, change, copy.

The database says what a campaign is to do. Its workflow is told afterwards, and finds out by
itself, a little later, if it cannot be reached now.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.submission import require_pathway
from api.campaigns import goals
from api.campaigns.campaign_columns import (
    CALL_COLUMNS,
    check_times,
    values_of_change,
    values_of_new,
)
from api.campaigns.lookup import agent_of, found, held, require_named_numbers, require_open
from api.campaigns.outlook import require_fit
from api.campaigns.schemas import CampaignPatch, CampaignRequest
from api.http.deps import Services
from api.http.problems import conflict, invalid
from api.replan.dry_run import WhatIf, rehearse
from api.replan.schemas import MovesView
from api.temporal_client import NotRunning, TemporalAway
from policy.facts import Facts
from policy.model.call import CampaignStatus, ContactState, Outcome
from storage.calls.calls import AffectedCalls
from storage.campaigns import campaigns, contacts, segments
from storage.campaigns.campaigns import BadTransition
from storage.campaigns.segments import Segment
from storage.tables import Account, Agent, Campaign, Pathway, specs


async def look(uses: Services, account_id: str, campaign_id: str) -> Campaign:
    """The campaign as it is at this moment."""
    async with uses.db.read() as session:
        return await found(session, account_id, campaign_id)


async def create(
    session: AsyncSession, account_id: str, body: CampaignRequest, now: datetime
) -> Campaign:
    """A new draft."""
    values = await values_of_new(session, account_id, body, now)
    campaign = Campaign(account_id=account_id, created_time=now, updated_time=now, **values)
    await campaigns.add(session, campaign)
    if campaign.goal_spec is not None:
        await goals.keep(session, campaign)
    return campaign


async def start(
    uses: Services, account: Account, campaign_id: str, segment: Segment | None
) -> Campaign:
    """Start a draft; with a segment, everybody else is dropped."""
    async with uses.db.write() as session:
        campaign = await held(session, account.account_id, campaign_id)
        agent, pathway = await _require_able(session, campaign, uses.now())
        await _step(session, campaign, CampaignStatus.RUNNING, uses.now())
        if segment:
            await segments.drop_staged(
                session, campaign_id, segments.NOT_IN_SEGMENT, unless=segment
            )
        if not (await contacts.counts(session, campaign_id))[ContactState.STAGED]:
            raise conflict("no_contacts", "The campaign has no contact that could be called.")
        await require_fit(session, uses, account, campaign, agent, pathway)
    await tell(uses, campaign_id)
    return campaign


async def resume(uses: Services, account_id: str, campaign_id: str) -> Campaign:
    """Go on with a paused campaign."""
    async with uses.db.write() as session:
        campaign = await held(session, account_id, campaign_id)
        if campaign.status is CampaignStatus.DRAFT:
            raise _wrong_status(campaign.status)
        await _require_able(session, campaign, uses.now())
        await _step(session, campaign, CampaignStatus.RUNNING, uses.now())
    await tell(uses, campaign_id)
    return campaign


async def _require_able(
    session: AsyncSession, campaign: Campaign, now: datetime
) -> tuple[Agent, Pathway]:
    """Its agent and pathway; what was true when it was made may not be so any more."""
    require_open(campaign)
    agent = await agent_of(session, campaign.account_id, campaign.agent_id)
    if not agent.is_enabled:
        raise conflict("agent_disabled", "The agent is disabled.")
    require_named_numbers(campaign, agent)
    pathway_id = campaign.pathway_id or agent.pathway_id
    pathway = await require_pathway(session, campaign.account_id, pathway_id)
    check_times(campaign.not_before, campaign.call_deadline, now)
    return agent, pathway


async def pause(uses: Services, account_id: str, campaign_id: str, detail: str | None) -> Campaign:
    """Dial nobody any more. Calls in flight go on to their end."""
    async with uses.db.write() as session:
        campaign = await held(session, account_id, campaign_id)
        paused = CampaignStatus.PAUSED
        await _step(session, campaign, paused, uses.now(), "paused_by_request", detail)
    await tell(uses, campaign_id)
    return campaign


async def cancel(uses: Services, account_id: str, campaign_id: str) -> Campaign:
    """End a campaign with all its calls that nobody has answered."""
    async with uses.db.write() as session:
        campaign = await held(session, account_id, campaign_id)
        was_draft = campaign.status is CampaignStatus.DRAFT
        await _step(session, campaign, CampaignStatus.CANCELED, uses.now())
        await campaigns.request_cancel_all(session, campaign_id)
    if not was_draft:
        await tell(uses, campaign_id)
    return campaign


async def _step(
    session: AsyncSession,
    campaign: Campaign,
    status: CampaignStatus,
    now: datetime,
    reason: str | None = None,
    detail: str | None = None,
) -> None:
    try:
        await campaigns.set_status(session, campaign, status, now, reason, detail)
    except BadTransition as exc:
        raise _wrong_status(exc.from_) from None


def _wrong_status(status: CampaignStatus) -> Exception:
    return conflict("wrong_status", f"This cannot be done to a campaign that is {status}.")


async def tell(uses: Services, campaign_id: str) -> None:
    """Have the workflow look at the database; if Temporal is away, the sweep does it."""
    with suppress(TemporalAway):
        await uses.calls.start_campaign(campaign_id)


async def nudge(uses: Services, campaign: Campaign) -> None:
    """The same after a change that matters only while the campaign runs."""
    if campaign.status is CampaignStatus.RUNNING:
        with suppress(TemporalAway, NotRunning):
            await uses.calls.nudge_campaign(campaign.campaign_id)


async def change(
    uses: Services, account_id: str, campaign_id: str, body: CampaignPatch
) -> tuple[Campaign, bool]:
    """Change a campaign and its waiting calls; the second says whether those must decide anew."""
    now = uses.now()
    async with uses.db.write() as session:
        campaign = await held(session, account_id, campaign_id)
        values = await values_of_change(session, campaign, body, now)
        for name, value in values.items():
            setattr(campaign, name, value)
        campaign.updated_time = now
        session.add(campaign)
        await session.flush()
        if "goal_spec" in values:
            await goals.keep(session, campaign)
        of_calls = {name: value for name, value in values.items() if name in CALL_COLUMNS}
        if of_calls:
            await campaigns.change_waiting_calls(session, campaign_id, of_calls)
            await contacts.hurry(session, campaign_id)
    await nudge(uses, campaign)
    return campaign, bool(of_calls)


async def what_it_would_do(
    uses: Services, account: Account, campaign_id: str, body: CampaignPatch
) -> MovesView:
    """Which of its waiting calls a change that has not been made would move."""
    async with uses.db.read() as session:
        campaign = await found(session, account.account_id, campaign_id)
        values = await values_of_change(session, campaign, body, uses.now())

    def alter(facts: Facts) -> Facts:
        return replace(facts, **_as_facts(values))

    which = AffectedCalls(campaign_id=campaign_id)
    return await rehearse(uses, account, which, WhatIf(alter=alter))


def _as_facts(values: Mapping[str, Any]) -> dict[str, Any]:
    """What policy is told of changed columns."""
    names = {"not_before": "not_before", "call_deadline": "deadline"}
    facts = {name: values[column] for column, name in names.items() if column in values}
    if "window_spec" in values:
        facts["call_window"] = specs.weekly_from_days_spec(values["window_spec"])
    return facts


async def copy(
    uses: Services,
    account_id: str,
    campaign_id: str,
    *,
    name: str | None,
    with_contacts: bool = True,
    outcomes: Sequence[Outcome] = (),
    segment: Segment | None = None,
) -> tuple[Campaign, int]:
    """A new draft with the settings of another, and how many of its contacts it has."""
    now = uses.now()
    async with uses.db.write() as session:
        source = await found(session, account_id, campaign_id)
        draft = _draft_like(source, name, now)
        await campaigns.add(session, draft)
        if draft.goal_spec is not None:
            await goals.keep(session, draft)
        if not with_contacts:
            return draft, 0
        count = await segments.copy(
            session, campaign_id, draft.campaign_id, outcomes=outcomes, segment=segment
        )
        if outcomes and not count:
            message = "No contact's call has ended so, so there is nobody to call again."
            raise invalid("no_match", "outcomes", message)
    return draft, count


def _draft_like(source: Campaign, name: str | None, now: datetime) -> Campaign:
    """Times that have passed are left out: a draft that could never start helps nobody."""
    kept = {"account_id", "agent_id", "pathway_id", "priority", "max_concurrent", "timezone"}
    kept |= {"calls_per_minute", "window_spec", "defaults_spec", "breaker_spec", "spend_limit"}

    return Campaign(
        **{column: getattr(source, column) for column in kept},
        name=name or f"{source.name} (again)"[:200],
        not_before=_if_ahead(source.not_before, now),
        call_deadline=_if_ahead(source.call_deadline, now),
        split_spec=source.split_spec,
        steps_spec=source.steps_spec,
        goal_spec=goals.for_a_copy(source.goal_spec, now),
        source_campaign_id=source.campaign_id,
        created_time=now,
        updated_time=now,
    )


def _if_ahead(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now else None


async def delete(uses: Services, account_id: str, campaign_id: str) -> None:
    """Delete a draft. What was started is kept, to be looked up."""
    async with uses.db.write() as session:
        campaign = await held(session, account_id, campaign_id)
        if campaign.status is not CampaignStatus.DRAFT:
            raise conflict("not_a_draft", "Only a draft can be deleted; cancel the campaign.")
        await campaigns.delete_draft(session, campaign)
