"""What would become of every staged contact if its campaign started now."""

import asyncio
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from api.campaigns.lookup import agent_of
from api.campaigns.outlook import Prospect, call_rate_of, outline_of, prospect_of
from api.campaigns.views import ExtensionsView, PreflightView, RowVerdict, ZoneView
from api.http.deps import Services
from policy.campaigns.campaigns import CallRate, Group, fit
from policy.campaigns.preflight import Verdict, VerdictKind, call_times, verdict
from policy.location.endpoints import zones_of
from policy.model.call import ContactState
from policy.pathways.row_demands import RowDemands
from policy.time.windows import Interval
from storage.campaigns import contacts
from storage.campaigns.contacts import StagedContact
from storage.campaigns.row_demands import demands_of
from storage.tables import Account, Campaign

_SCAN = 2000


@dataclass(slots=True)
class _Alike:
    """Contacts that policy cannot tell apart: all it looks at but the number is the same."""

    zones: tuple[str, ...]
    verdict: Verdict
    openings: tuple[Interval, ...]
    contacts: int = 0


@dataclass(slots=True)
class _Preflight:
    skip: int
    take: int
    groups: dict[Hashable, _Alike] = field(default_factory=dict)
    demands: RowDemands = field(default_factory=RowDemands)
    rows: list[RowVerdict] = field(default_factory=list)
    seen: int = 0

    def add(self, contact: StagedContact, group: _Alike) -> None:
        group.contacts += 1
        if self.skip <= self.seen < self.skip + self.take:
            self.rows.append(_row(contact, group))
        self.seen += 1


@dataclass(frozen=True, slots=True)
class LookAhead:
    """A preflight, and when how many of its contacts may be called, from now to the horizon."""

    view: PreflightView
    openings: Sequence[tuple[int, tuple[Interval, ...]]]


async def preflight(
    uses: Services, account: Account, campaign: Campaign, skip: int, take: int
) -> PreflightView:
    """What would become of its contacts; the rows from `skip` on one by one."""
    return (await look_ahead(uses, account, campaign, skip, take)).view


async def look_ahead(
    uses: Services, account: Account, campaign: Campaign, skip: int = 0, take: int = 0
) -> LookAhead:
    """Looks at every staged contact, a page at a time, and asks policy once for all that agree."""
    now = uses.now()
    async with uses.db.read() as session:
        agent = await agent_of(session, account.account_id, campaign.agent_id)
        counts = await contacts.counts(session, campaign.campaign_id)
        demands = await demands_of(session, campaign, agent)
        extensions = await contacts.with_extension(session, campaign.campaign_id)
        notes = await outline_of(session, account, campaign, agent, now)
    state = _Preflight(skip, take, demands=demands)
    after = 0
    while True:
        async with uses.db.browse() as session:
            page = await contacts.scan(
                session,
                campaign.campaign_id,
                after,
                _SCAN,
                with_context=bool(demands.variables.wanted),
            )
            ahead = await prospect_of(session, uses, account, campaign, agent, page, now)
        if not page:
            break
        await asyncio.to_thread(_judge, state, page, ahead, now)
        after = page[-1].contact_id
    pace = call_rate_of(account, campaign, agent)
    view = await asyncio.to_thread(_summary, state, pace, campaign.call_deadline is not None)
    extensions_view = ExtensionsView(contacts=extensions, use=demands.extensions)
    known = {"invalid": counts[ContactState.INVALID], "extensions": extensions_view}
    known["notes"] = notes
    openings = [(group.contacts, group.openings) for group in state.groups.values()]
    return LookAhead(view.model_copy(update=known), openings)


def _judge(state: _Preflight, page: list[StagedContact], ahead: Prospect, now: datetime) -> None:
    for contact in page:
        refusal = state.demands.refusal(contact.context, contact.any_extension)
        key = (ahead.alike(contact), refusal)
        group = state.groups.get(key)
        if group is None:
            facts = ahead.facts(contact)
            found = verdict(facts, now)
            if refusal is not None and found.kind is not VerdictKind.REFUSED:
                found = Verdict(VerdictKind.REFUSED, str(refusal.code), refusal.message)
            refused = found.kind is VerdictKind.REFUSED
            times = () if refused else call_times(facts, now)
            zones = dict.fromkeys(zone for one in facts.at_each for zone in zones_of(one))
            group = state.groups[key] = _Alike(tuple(zones), found, times)
        state.add(contact, group)


def _row(contact: StagedContact, group: _Alike) -> RowVerdict:
    return RowVerdict(
        contact_id=contact.contact_id,
        row=contact.row_number,
        verdict=group.verdict.kind.value,
        reason=group.verdict.reason,
        detail=group.verdict.detail,
        next_at=group.verdict.next_at,
        timezones=list(group.zones),
    )


def _summary(state: _Preflight, pace: CallRate, has_deadline: bool) -> PreflightView:
    groups = list(state.groups.values())
    callable_ = [group for group in groups if group.verdict.kind is not VerdictKind.REFUSED]
    fits = fit([Group(group.contacts, group.openings) for group in callable_], pace)
    missing = fits.left_over if has_deadline else (0,) * len(callable_)
    missed = {id(group): left for group, left in zip(callable_, missing, strict=True)}
    by_verdict: Counter[VerdictKind] = Counter()
    reasons: Counter[str] = Counter()
    for group in groups:
        by_verdict[group.verdict.kind] += group.contacts
        reasons[group.verdict.reason] += group.contacts
    return PreflightView(
        contacts=state.seen,
        ready=by_verdict[VerdictKind.READY],
        later=by_verdict[VerdictKind.LATER],
        refused=by_verdict[VerdictKind.REFUSED],
        invalid=0,
        extensions=ExtensionsView(contacts=0, use=state.demands.extensions),
        reasons=dict(reasons),
        next_at=_earliest(groups),
        ends_at=fits.ends_at,
        will_miss=sum(missing),
        zones=_histogram(groups, missed),
        rows=state.rows,
        notes=[],
    )


def _earliest(groups: list[_Alike]) -> datetime | None:
    moments = [group.verdict.next_at for group in groups]
    return min((at for at in moments if at is not None), default=None)


def _histogram(groups: list[_Alike], missed: dict[int, int]) -> list[ZoneView]:
    """By the zones a number may be in; the largest first."""
    by_zones: dict[tuple[str, ...], list[_Alike]] = {}
    for group in groups:
        by_zones.setdefault(group.zones, []).append(group)
    views = [
        ZoneView(
            timezones=list(zones),
            contacts=sum(group.contacts for group in alike),
            ready=_count(alike, VerdictKind.READY),
            later=_count(alike, VerdictKind.LATER),
            refused=_count(alike, VerdictKind.REFUSED),
            will_miss=sum(missed.get(id(group), 0) for group in alike),
            next_at=_earliest(alike),
        )
        for zones, alike in by_zones.items()
    ]
    return sorted(views, key=lambda view: -view.contacts)


def _count(groups: list[_Alike], kind: VerdictKind) -> int:
    return sum(group.contacts for group in groups if group.verdict.kind is kind)
