"""How much room the caps leave: concurrent calls, calls a minute and money."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.accounts import pricing
from policy.accounts.pricing import PriceRates
from policy.dispatch.slots import SlotCap, Whose
from policy.model.call import HELD_CAMPAIGNS
from policy.transfers.abandonment import Standing, told
from storage import abandonment, goals
from storage.attempts import costs
from storage.call_lists.call_counts import QueueClass
from storage.dispatch import dialing_pause, slot_use
from storage.dispatch.slot_use import AgentCaps, SlotsAsked, SlotUse
from storage.goals import GoalStanding
from storage.tables import Account, Call, Campaign, JsonObject


@dataclass(slots=True)
class FreeSlots:
    """Free slots of one account. An agent or a campaign that is not named has no cap of its own.

    `held` campaigns are paused or canceled, `broke` ones have reached their spend limit; `caps` is
    what each is held to, `goals` what those that have one have reached. "" is the account itself.
    Of an account whose dialing is paused, one call has a slot when it is to try again.
    """

    account: int
    agents: dict[str, int] = field(default_factory=dict)
    campaigns: dict[str, int] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    broke: frozenset[str] = frozenset()
    is_paused: bool = False
    used: Mapping[tuple[str, str | None], SlotUse] = field(default_factory=dict)
    caps: dict[str, SlotCap] = field(default_factory=dict)
    goals: Mapping[str, GoalStanding] = field(default_factory=dict)

    @property
    def has_expired(self) -> bool:
        """Some lease that has not been released has run out, and counts no more."""
        return any(used.expired for used in self.used.values())

    def of(self, agent_id: str, campaign_id: str | None = None) -> int:
        free = min(self.account, self.agents.get(agent_id, self.account))
        if campaign_id is not None:
            free = min(free, self.campaigns.get(campaign_id, free))
        return max(0, free)

    def admits(self, agent_id: str, campaign_id: str | None = None) -> bool:
        return self.of(agent_id, campaign_id) > 0

    def occupy(self, agent_id: str, campaign_id: str | None = None, slots: int = 1) -> bool:
        """Takes slots of the agent and the campaign, if there are as many."""
        if self.of(agent_id, campaign_id) < slots:
            return False
        self.account -= slots
        if agent_id in self.agents:
            self.agents[agent_id] -= slots
        if campaign_id in self.campaigns:
            self.campaigns[campaign_id] -= slots
        return True

    def copy(self) -> "FreeSlots":
        """Another room with the same slots, to try things out in."""
        return replace(self, agents=dict(self.agents), campaigns=dict(self.campaigns))

    def serve(self, classes: Iterable[QueueClass]) -> None:
        """Takes the slots that the waiting calls could have now; their grants have theirs."""
        waiting: Counter[tuple[str, str | None]] = Counter()
        for one in classes:
            waiting[one.agent_id, one.campaign_id] += one.count
        for (agent_id, campaign_id), count in waiting.items():
            used = self.used.get((agent_id, campaign_id), SlotUse())
            wanted = max(0, count - used.untaken)
            self.occupy(agent_id, campaign_id, min(wanted, self.of(agent_id, campaign_id)))

    def is_broke(self, campaign_id: str | None) -> bool:
        return bool(self.broke & {"", campaign_id})

    def is_needed(self, campaign_id: str | None, context: JsonObject) -> bool:
        """False of a call whose campaign has reached its goal, or that of the call's segment."""
        standing = self.goals.get(campaign_id or "")
        return standing is None or not standing.bars(context)

    @property
    def quota_campaigns(self) -> frozenset[str]:
        """Campaigns that call nobody any more of some segments, and go on with others."""
        return frozenset(
            id_ for id_, one in self.goals.items() if one.verdict.full and not one.verdict.met
        )

    def caps_of(self, agent_id: str, campaign_id: str | None) -> list[SlotCap]:
        """What a call is held to; ids are unique, whatever they are of."""
        return [self.caps[id_] for id_ in ("", agent_id, campaign_id) if id_ in self.caps]


async def free_slots_of(
    session: AsyncSession,
    account: Account,
    now: datetime,
    campaign_ids: Collection[str] = (),
    known: SlotsAsked | None = None,
    asks: Call | None = None,
) -> FreeSlots:
    """The account's room and that of these campaigns. True only under the account's lock.

    `known`: what was asked in this transaction, under that lock. `asks`: the call that wants one.
    """
    known = known or await slot_use.asked(session, account.account_id, now)
    used = known.used
    rates = pricing.rates_of(account.rates)
    whole = sum(used.values(), SlotUse())
    money = await _money_left(session, account, whole.live, rates)
    cap = SlotCap(
        Whose.ACCOUNT,
        live=whole.live,
        recent=whole.recent,
        max_concurrent=account.max_concurrent,
        calls_per_minute=account.calls_per_minute,
        dials_left=money,
    )
    is_paused = dialing_pause.is_paused(account)
    probes = await dialing_pause.probes_left(session, account, now) if is_paused else None
    room = FreeSlots(
        account=_left(cap, probes),
        broke=frozenset({""} if money == 0 else ()),
        is_paused=is_paused,
        used=used,
        caps={"": cap},
    )
    _add_agents(room, known.agents)
    if campaign_ids:
        await _add_campaigns(session, account.account_id, room, campaign_ids, rates, now, asks)
    return room


def _left(cap: SlotCap, most: int | None = None) -> int:
    """What a cap leaves of `most`."""
    return min(limit for limit in (cap.free, most) if limit is not None)


async def _money_left(
    session: AsyncSession, account: Account, live: int, rates: PriceRates
) -> int | None:
    if account.spend_limit is None:
        return None
    spent = await costs.of_account(session, account.account_id)
    return pricing.dials_left(account.spend_limit, spent, live, rates)


def _add_agents(room: FreeSlots, agents: Iterable[AgentCaps]) -> None:
    for agent_id, name, most, pace in agents:
        used = sum((used for key, used in room.used.items() if key[0] == agent_id), SlotUse())
        cap = SlotCap(Whose.AGENT, name, used.live, used.recent, most, pace)
        room.caps[agent_id] = cap
        room.agents[agent_id] = _left(cap, room.account)


async def _add_campaigns(
    session: AsyncSession,
    account_id: str,
    room: FreeSlots,
    campaign_ids: Collection[str],
    rates: PriceRates,
    now: datetime,
    asks: Call | None,
) -> None:
    found, watched = await _campaigns_of(session, account_id, campaign_ids)
    courses = await abandonment.courses(session, watched, now, asks)
    # So that what is in flight cannot break the limit of abandoned calls.
    slowed = {id_: course.tight for id_, course in courses.items()}
    limited = [one.campaign_id for one in found if one.spend_limit is not None or one.goal_spec]
    spent = await costs.of_campaigns(session, account_id, limited)
    live = {one.campaign_id: _used_by(room, one.campaign_id).live for one in found}
    room.goals = await goals.standings(session, found, now, spent=spent, live=live, rates=rates)
    for one in found:
        used, goal = _used_by(room, one.campaign_id), room.goals.get(one.campaign_id)
        money = pricing.dials_left(one.spend_limit, spent.get(one.campaign_id, 0), used.live, rates)
        if one.status in HELD_CAMPAIGNS:
            room.held |= {one.campaign_id}
        if money == 0:
            room.broke |= {one.campaign_id}
        tight = slowed.get(one.campaign_id)
        cap = SlotCap(
            Whose.CAMPAIGN,
            one.name,
            live=used.live,
            recent=used.recent,
            max_concurrent=_fewer(one.max_concurrent, tight),
            calls_per_minute=one.calls_per_minute,
            dials_left=money,
            slowed=_why(one, tight),
        )
        room.caps[one.campaign_id] = cap
        is_over = goal is not None and goal.verdict.met is not None
        most = room.account if goal is None else _left_of(room.account, goal.dials_left)
        left = 0 if is_over or one.status in HELD_CAMPAIGNS else _left(cap, most)
        room.campaigns[one.campaign_id] = left


_CAMPAIGNS = abandonment.watched_with(Campaign).where(
    col(Campaign.account_id) == bindparam("account"),
    col(Campaign.campaign_id).in_(bindparam("campaigns", expanding=True)),
)


async def _campaigns_of(
    session: AsyncSession, account_id: str, campaign_ids: Collection[str]
) -> tuple[list[Campaign], list[str]]:
    """The campaigns, and the ids of those that put callees through who have not asked for it."""
    asked = {"account": account_id, "campaigns": list(campaign_ids)}
    rows = (await session.exec(_CAMPAIGNS, params=asked)).all()
    return [one for one, _ in rows], await abandonment.watched(session, rows)


def _fewer(own: int | None, tight: Standing | None) -> int | None:
    if tight is None:
        return own
    return tight.most_in_flight if own is None else min(own, tight.most_in_flight)


def _why(campaign: Campaign, tight: Standing | None) -> str:
    is_slowed = tight is not None and _fewer(campaign.max_concurrent, tight) != (
        campaign.max_concurrent
    )
    return told(tight) if tight is not None and is_slowed else ""


def _used_by(room: FreeSlots, campaign_id: str) -> SlotUse:
    return sum((used for key, used in room.used.items() if key[1] == campaign_id), SlotUse())


def _left_of(most: int, dials_left: int | None) -> int:
    return most if dials_left is None else min(most, dials_left)
