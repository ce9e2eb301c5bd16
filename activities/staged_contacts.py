"""Contacts that may be called now become calls; the others learn when to look again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calls import decide as policy
from policy.campaigns.goals import goal_of, is_closed, is_outside
from policy.campaigns.splits import Split, place_of, split_of, variant_at
from policy.facts import Facts
from policy.location.number_forms import person_key
from policy.model.call import DecisionKind
from policy.model.reasons import Reason
from policy.pathways.row_demands import RowDemands
from storage.accounts import accounts, agents, pathways
from storage.calls import calls
from storage.calls.startable import AT_ONCE, in_queue, set_columns
from storage.campaigns import contacts, feed_queries, segments, variants
from storage.campaigns.call_from_contact import call_of, purpose_of
from storage.campaigns.row_demands import demands_of
from storage.dispatch.capacity import free_slots_of
from storage.facts import daypart_rates
from storage.facts.caller_id import caller_id_of
from storage.facts.gather import FactGatherer, facts_of
from storage.follow_ups import follow_ups
from storage.tables import Account, Agent, Call, Campaign, Contact
from storage.tables.specs import endpoints_of, extension_among

#: A campaign runs ahead of what is dialing by twice its slots, within these bounds.
AHEAD_FACTOR, AHEAD_LEAST, AHEAD_MOST = 2, 20, 500
#: Contacts looked at in one round; those outside their hours only learn of their next opening.
LOOKED_AT = 1000
#: A contact that has to wait for something without a known end is looked at again after this.
LOOK_AGAIN = timedelta(minutes=15)


@dataclass(slots=True)
class StagedPage:
    """What became of the contacts of a page."""

    calls: dict[int, Call] = field(default_factory=dict)
    postponed: dict[int, datetime] = field(default_factory=dict)
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallKind:
    """What is the same for all calls that are made in one way of the campaign's."""

    campaign: Campaign
    known: Facts
    demands: RowDemands
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class CallKinds:
    """The ways in which the campaign calls, and who is called in which. Mostly there is one."""

    kinds: Mapping[str | None, CallKind]
    split: Split | None = None
    shares: Mapping[str, float] = field(default_factory=dict)

    def sorted(self, rows: Sequence[Contact]) -> Iterator[tuple[CallKind, list[Contact]]]:
        """The contacts by the kind of call that each becomes."""
        of_kind: dict[str | None, list[Contact]] = {}
        for row in rows:
            of_kind.setdefault(self._variant_of(row), []).append(row)
        yield from ((self.kinds[name], some) for name, some in of_kind.items())

    def _variant_of(self, row: Contact) -> str | None:
        if self.split is None:
            return None
        place = place_of(row.campaign_id, person_key(row.endpoint or ""))
        return variant_at(self.split, place, self.shares).name


async def stage(
    session: AsyncSession, campaign: Campaign, now: datetime, gatherer: FactGatherer, *, page: int
) -> None:
    """Make as many calls as the campaign may have near, at most `page`."""
    agent = await agents.get(session, campaign.account_id, campaign.agent_id)
    account = await accounts.get(session, campaign.account_id)
    if agent is None or account is None or not agent.caller_ids:
        return
    kinds = await _kinds(session, campaign, agent, account, gatherer, now)
    room = _ahead(campaign, agent, account) - await feed_queries.near(session, campaign.campaign_id)
    room = min(room, page)
    # Where numbers have to be cleared, each call says itself what it waits for.
    may_queue = room > 0 and not agent.clearance_spec
    gives_slots = may_queue and await _gives_slots(session, account, campaign, now)
    looked_at = 0
    while room > 0 and looked_at < LOOKED_AT:
        rows = await contacts.staged(session, campaign.campaign_id, now, room)
        if not rows:
            return
        dropped = _not_needed(campaign, rows)
        await contacts.mark_dropped(session, dropped)
        needed = [row for row in rows if row.contact_id not in dropped]
        for kind, some in kinds.sorted(needed):
            planned = [(row, call_of(kind.campaign, row, agent, now)) for row in some]
            if not kind.campaign.defaults_spec.get("callerId"):
                for _, call in planned:
                    call.caller_id = caller_id_of(call.__dict__, agent, kind.known, now)
            found = await _sort(session, planned, kind.known, gatherer, now, kind.demands, agent)
            if not gives_slots:
                for call in found.calls.values():  # Each of them is to say what it waits for.
                    set_columns(call, AT_ONCE)
            await _write(session, found, now, kind)
            room -= len(found.calls)
        looked_at += len(rows)


async def _kinds(
    session: AsyncSession,
    campaign: Campaign,
    agent: Agent,
    account: Account,
    gatherer: FactGatherer,
    now: datetime,
) -> CallKinds:
    split = split_of(campaign.split_spec)
    if split is None:
        return CallKinds({None: await _kind(session, campaign, agent, account, gatherer, now)})
    kinds: dict[str | None, CallKind] = {
        one.name: replace(
            await _kind(
                session, variants.campaign_by(campaign, one), agent, account, gatherer, now
            ),
            variant=one.name,
        )
        for one in split.variants
    }
    return CallKinds(kinds, split, await variants.shares(session, campaign, split, now))


async def _kind(
    session: AsyncSession,
    campaign: Campaign,
    agent: Agent,
    account: Account,
    gatherer: FactGatherer,
    now: datetime,
) -> CallKind:
    pathway_id = campaign.pathway_id or agent.pathway_id
    pathway = pathway_id and await pathways.get(session, account.account_id, pathway_id)
    book = await gatherer.book_of(session, account)
    known = gatherer.of_agent(agent, account, book, pathway or None, purpose_of(campaign))
    known = await daypart_rates.told_best_times(session, account.account_id, known, now)
    return CallKind(campaign, known, await demands_of(session, campaign, agent))


def _not_needed(campaign: Campaign, rows: Sequence[Contact]) -> dict[int, str]:
    """Contacts of segments that have what the goal asks for, or of none that it asks for."""
    goal = goal_of(campaign.goal_spec)
    if goal is None or not goal.quotas:
        return {}
    found: dict[int, str] = {}
    for row in rows:
        assert row.contact_id is not None
        if is_outside(goal, row.context):
            found[row.contact_id] = segments.OUTSIDE_QUOTAS
        elif is_closed(campaign.goal_closed, row.context):
            found[row.contact_id] = Reason.GOAL_REACHED
    return found


async def _gives_slots(
    session: AsyncSession, account: Account, campaign: Campaign, now: datetime
) -> bool:
    rooms = await free_slots_of(session, account, now, [campaign.campaign_id])
    return not (rooms.is_paused or rooms.is_broke(campaign.campaign_id))


def _ahead(campaign: Campaign, agent: Agent, account: Account) -> int:
    caps = (campaign.max_concurrent, agent.max_concurrent, account.max_concurrent)
    slots = min(cap for cap in caps if cap is not None)
    return min(max(AHEAD_FACTOR * slots, AHEAD_LEAST), AHEAD_MOST)


async def _sort(
    session: AsyncSession,
    planned: Sequence[tuple[Contact, Call]],
    known: Facts,
    gatherer: FactGatherer,
    now: datetime,
    demands: RowDemands,
    agent: Agent,
) -> StagedPage:
    account_id = planned[0][1].account_id
    endpoints = {one for _, call in planned for one in endpoints_of(call.__dict__)}
    people = await gatherer.people(session, account_id, endpoints, known.book, now)
    found = StagedPage()
    for contact, call in planned:
        assert contact.contact_id is not None
        extension = extension_among(contact.extension, contact.numbers_spec)
        refusal = demands.refusal(contact.context, extension)
        if refusal is not None:
            found.refused[contact.contact_id] = (str(refusal.code), refusal.message)
            continue
        facts = facts_of(known, call, people.of(call.endpoint))
        if call.numbers_spec is not None:
            facts = people.at_numbers_of(facts, call.__dict__, agent, now)
        decision = policy.decide(facts, now)
        if decision.kind is DecisionKind.DIAL:
            set_columns(call, in_queue(decision.valid_until, now))
            found.calls[contact.contact_id] = call
        elif decision.kind is DecisionKind.WAIT:
            found.postponed[contact.contact_id] = decision.until or now + LOOK_AGAIN
        else:
            found.refused[contact.contact_id] = (decision.reason, decision.detail)
    return found


async def _write(session: AsyncSession, found: StagedPage, now: datetime, kind: CallKind) -> None:
    if found.calls:
        await calls.insert_many(session, list(found.calls.values()), now)
        called = {contact_id: call.call_id for contact_id, call in found.calls.items()}
        await contacts.mark_called(session, called)
        if kind.campaign.steps_spec is not None:
            own, ids = kind.campaign, list(called.values())
            await follow_ups.begin(session, own.account_id, own.campaign_id, ids, now)
        if kind.variant is not None:
            ids = list(called.values())
            await variants.note(session, kind.campaign.campaign_id, kind.variant, ids)
    if found.postponed:
        await contacts.postpone(session, found.postponed)
    for contact_id, (code, message) in found.refused.items():
        await contacts.mark_invalid(session, contact_id, code, message)
