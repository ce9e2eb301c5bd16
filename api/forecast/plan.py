"""What a run needs to know of a campaign besides its contacts: caps, money, who waits beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel.ext.asyncio.session import AsyncSession

from activities.staged_contacts import AHEAD_FACTOR, AHEAD_LEAST, AHEAD_MOST
from api.forecast.altered import AlteredCampaign
from policy.accounts.pricing import rates_of
from policy.campaigns.goals import WHOLE, goal_of
from policy.forecast.callees import CalleeRates
from policy.forecast.campaign_plan import (
    ACCOUNT,
    AGENT,
    CAMPAIGN,
    OWN_CAPS,
    Callee,
    CampaignPlan,
    DialTerms,
    GoalTerms,
)
from policy.forecast.slot_book import CapTerms, Rival
from policy.forecast.ticks import tick_of
from policy.model.call import CampaignStatus
from storage import goals
from storage.attempts import costs
from storage.campaigns import forecast_calls
from storage.campaigns.call_from_contact import call_of
from storage.campaigns.forecast_calls import WaitingClass
from storage.dispatch.queue import class_key
from storage.tables import Account, Campaign, Contact, specs


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All caps by their names, and other calls of the account that wait."""

    caps: Mapping[str, CapTerms]
    waiting: Sequence[WaitingClass] = ()
    rivals: Sequence[Rival] = field(default_factory=tuple)
    goal: GoalTerms | None = None

    @property
    def calls(self) -> int:
        """How many other calls wait."""
        return sum(one.calls for one in self.waiting)

    @property
    def slots(self) -> int | None:
        """The smallest of the campaign's caps on calls at once."""
        caps = (self.caps[name].max_concurrent for name in OWN_CAPS)
        return min((cap for cap in caps if cap is not None), default=None)


async def surroundings_of(
    session: AsyncSession, account: Account, altered: AlteredCampaign, *, others: bool
) -> Surroundings:
    """What the campaign shares with the account's other calls."""
    campaign, agent = altered.campaign, altered.agent
    spent = await costs.of_account(session, account.account_id)
    own = await costs.of_campaign(session, account.account_id, campaign.campaign_id)
    paces = (account.calls_per_minute, agent.calls_per_minute, campaign.calls_per_minute)
    caps = {
        ACCOUNT: CapTerms(account.max_concurrent, paces[0], account.spend_limit, spent),
        AGENT: CapTerms(agent.max_concurrent, paces[1]),
        CAMPAIGN: CapTerms(campaign.max_concurrent, paces[2], campaign.spend_limit, own),
    }
    goal = await _goal(session, campaign)
    if not others:
        return Surroundings(caps, goal=goal)
    waiting = await forecast_calls.others_waiting(session, account.account_id, campaign.campaign_id)
    rivals = [_rival(one, agent.agent_id, caps) for one in waiting]
    return Surroundings(caps, waiting, rivals, goal)


async def _goal(session: AsyncSession, campaign: Campaign) -> GoalTerms | None:
    """What is left of the campaign's goal. Quotas are taken as one number."""
    goal = goal_of(campaign.goal_spec)
    if goal is None or (not goal.targets and goal.until is None):
        return None
    until = None if goal.until is None else tick_of(goal.until)
    if not goal.targets:
        return GoalTerms(until=until)
    counted = (await goals.found(session, [campaign.campaign_id])).get(campaign.campaign_id, {})
    left = [
        max(0, target - counted.get(segment, 0))
        for segment, target in goal.targets.items()
        if segment == WHOLE or goal.target is None
    ]
    share = await goals.share_of_answered(session, campaign, goal)
    return GoalTerms(sum(left), 1.0 if share is None else share, until)


def _rival(one: WaitingClass, own_agent: str, caps: dict[str, CapTerms]) -> Rival:
    names = [ACCOUNT]
    if one.agent_id == own_agent:
        names.append(AGENT)
    else:
        names.append(f"{AGENT}:{one.agent_id}")
        caps[names[-1]] = CapTerms(*one.agent_caps)
    if one.campaign_id is not None:
        names.append(f"{CAMPAIGN}:{one.campaign_id}")
        caps[names[-1]] = CapTerms(*one.campaign_caps)
    key = class_key(one.agent_id, one.campaign_id)
    return Rival(key, one.priority, one.calls, tuple(names))


def begin_of(altered: AlteredCampaign, *, with_not_before: bool = False) -> int:
    """The tick at which it is started, or at which its calls may begin at the earliest."""
    not_before = altered.campaign.not_before
    if with_not_before and not_before is not None:
        return tick_of(max(altered.begin, not_before))
    return tick_of(altered.begin)


def plan_of(
    account: Account,
    altered: AlteredCampaign,
    callees: Sequence[Callee],
    rates: CalleeRates,
    around: Surroundings,
    until: int,
) -> CampaignPlan:
    """Everything together, as `policy.forecast.simulation` runs it."""
    campaign = altered.campaign
    deadline = campaign.call_deadline
    slots = around.slots or AHEAD_MOST
    return CampaignPlan(
        begin=begin_of(altered),
        until=until,
        callees=callees,
        caps=around.caps,
        ahead=min(max(AHEAD_FACTOR * slots, AHEAD_LEAST), AHEAD_MOST),
        rates=rates,
        dials=_dials(account, altered),
        class_key=class_key(campaign.agent_id, campaign.campaign_id),
        priority=campaign.priority,
        deadline=None if deadline is None else tick_of(deadline),
        rivals=around.rivals,
        goal=around.goal,
    )


def _dials(account: Account, altered: AlteredCampaign) -> DialTerms:
    campaign = altered.campaign
    anybody = Contact(campaign_id=campaign.campaign_id, row_number=0, endpoint="")
    call = call_of(campaign, anybody, altered.agent, altered.begin)
    return DialTerms(
        ring_timeout=call.ring_timeout,
        max_duration=call.max_duration,
        detects_machines=specs.detects_machines(call),
        recorded=call.recording,
        prices=rates_of(account.rates),
    )


def notes_of(altered: AlteredCampaign, plan: CampaignPlan, around: Surroundings) -> list[str]:
    """What else the numbers rest on, in sentences."""
    notes = []
    if altered.campaign.status is CampaignStatus.PAUSED:
        notes.append("The campaign is paused; it is taken to be resumed at the beginning.")
    if not plan.dials.detects_machines:
        notes.append("Machines are not told from people: a machine counts as an answer.")
    if any(len(one.group.facts.numbers) > 1 for one in plan.callees):
        notes.append(
            "Of people with several numbers the hours and lists of the one that is dialed first "
            "are looked at; the others have their turns after it."
        )
    if around.waiting:
        notes.append("Other calls of the account have their turns, at any hour, once each.")
    if len(plan.callees) and not plan.rates.by_slot:
        notes.append("People are taken to answer alike at every hour.")
    if around.goal is not None and around.goal.left is not None:
        share = round(100 * around.goal.share)
        notes.append(f"Of those who answer, {share} % are taken to count towards the goal.")
    notes.append("Each attempt is taken to go as it goes whatever came of the ones before.")
    return notes
