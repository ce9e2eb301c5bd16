"""Abandoned calls of campaigns, counted over the transfers that nobody had asked for."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Text, case, cast, func, or_, union_all
from sqlalchemy import select as sql_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.campaigns.splits import split_of
from policy.location.jurisdictions import likeliest
from policy.location.recipient_location import locate_recipient
from policy.model.call import CallStatus, EndpointKind, WaitingFor
from policy.transfers.abandonment import DAY, MONTH, Standing, in_reach, limit_of, tightest
from storage.database.core import rows_of
from storage.tables import Agent, Call, Campaign, JsonObject, Pathway, Transfer

#: Calls with the same first digits, and of whose recipients the same is said, are in one place.
_ALIKE = len("+13055")


def watched_with(campaign_columns: Any) -> Any:
    """Campaigns, each with whether its pathway puts callees through who have not asked for it."""
    spoken = func.coalesce(col(Campaign.pathway_id), col(Agent.pathway_id))
    return (
        select(campaign_columns, Pathway.hands_over)
        .join(Agent, col(Agent.agent_id) == col(Campaign.agent_id))
        .outerjoin(Pathway, col(Pathway.pathway_id) == spoken)
    )


async def watched(
    session: AsyncSession, found: Iterable[tuple[Campaign, bool | None]]
) -> list[str]:
    """Ids of those of the campaigns of which some call may be abandoned, by `watched_with`.

    Only of those that try variants or follow their calls up more has to be asked.
    """
    rows = list(found)
    ids = [one.campaign_id for one, hands_over in rows if hands_over]
    others = {
        one.campaign_id: sources
        for one, hands_over in rows
        if not hands_over
        if (sources := set(_further_sources(one)))
    }
    if not others:
        return ids
    handing = await _that_hand_over(session, set().union(*others.values()))
    return [*ids, *(id_ for id_, sources in others.items() if sources & handing)]


def _further_sources(campaign: Campaign) -> Iterator[str]:
    """Ids of the pathways that variants and steps name, and of agents who speak their own."""
    split = split_of(campaign.split_spec)
    for variant in split.variants if split else ():
        if variant.pathway_id is not None:
            yield variant.pathway_id
    steps: Mapping[str, JsonObject] = (campaign.steps_spec or {}).get("steps") or {}
    for step in steps.values():
        if said := step.get("pathwayId") or step.get("agentId"):
            yield said


async def _that_hand_over(session: AsyncSession, ids: Collection[str]) -> set[str]:
    of_pathways = sql_select(col(Pathway.pathway_id)).where(
        col(Pathway.pathway_id).in_(ids), col(Pathway.hands_over).is_(True)
    )
    of_agents = (
        sql_select(col(Agent.agent_id))
        .join(Pathway, col(Pathway.pathway_id) == col(Agent.pathway_id))
        .where(col(Agent.agent_id).in_(ids), col(Pathway.hands_over).is_(True))
    )
    either: Any = union_all(of_pathways, of_agents)
    return {id_ for (id_,) in await rows_of(session, either)}


async def is_watched(session: AsyncSession, campaign: Campaign) -> bool:
    """Whether calls of this campaign may be abandoned."""
    statement = watched_with(Campaign).where(col(Campaign.campaign_id) == campaign.campaign_id)
    return bool(await watched(session, (await session.exec(statement)).all()))


@dataclass(frozen=True, slots=True)
class Course:
    """How a campaign's callees fared, by country, and which countries it calls now."""

    standings: list[Standing] = field(default_factory=list)
    called: frozenset[str] = frozenset()

    @property
    def tight(self) -> Standing:
        """What the campaign is held to."""
        return tightest(self.standings, self.called)

    @property
    def in_reach(self) -> list[Standing]:
        """Those that hold it now."""
        return in_reach(self.standings, self.called)


async def courses(
    session: AsyncSession, campaign_ids: Collection[str], now: datetime, asks: Call | None = None
) -> dict[str, Course]:
    """Of each of the campaigns. `asks`: a call that is about to be made, whatever it waited for."""
    if not campaign_ids:
        return {}
    found = await standings(session, campaign_ids, now)
    called = await _called(session, campaign_ids, now)
    if asks is not None and asks.campaign_id in called:
        called[asks.campaign_id].add(
            _country(asks.endpoint, asks.endpoint_kind, asks.recipient_spec)
        )
    return {id_: Course(found.get(id_, []), frozenset(called[id_])) for id_ in campaign_ids}


async def _called(
    session: AsyncSession, campaign_ids: Collection[str], now: datetime
) -> dict[str, set[str]]:
    """By campaign, the countries of the calls that are made now, or may be at any moment."""
    recipient = cast(col(Call.recipient_spec), Text)
    begins = func.substr(col(Call.endpoint), 1, _ALIKE)
    may_be_dialed = or_(
        col(Call.status).in_((CallStatus.CREATED, CallStatus.PENDING, CallStatus.IN_PROGRESS)),
        (col(Call.status) == CallStatus.QUEUED)
        & or_(col(Call.waiting_for) == WaitingFor.SLOT, col(Call.next_attempt_at) <= now),
    )
    one_of_each = (
        sql_select(
            col(Call.campaign_id),
            func.min(col(Call.call_id)).label("call_id"),
        )
        .where(col(Call.campaign_id).in_(campaign_ids), may_be_dialed)
        .group_by(col(Call.campaign_id), col(Call.endpoint_kind), begins, recipient)
        .subquery()
    )
    statement = sql_select(
        one_of_each.c.campaign_id,
        col(Call.endpoint),
        col(Call.endpoint_kind),
        col(Call.recipient_spec),
    ).join(Call, col(Call.call_id) == one_of_each.c.call_id)
    found: dict[str, set[str]] = {id_: set() for id_ in campaign_ids}
    for campaign_id, endpoint, kind, said in await rows_of(session, statement):
        found[campaign_id].add(_country(endpoint, kind, said))
    return found


def _country(endpoint: str, kind: EndpointKind, recipient: JsonObject) -> str:
    """As the transfers of such a call are counted; "": nobody knows which."""
    place = locate_recipient(
        endpoint,
        kind,
        zone=recipient.get("timezone"),
        country=recipient.get("country"),
        postal_code=recipient.get("postalCode"),
    )
    return (likeliest(place.jurisdictions) or "").partition("-")[0]


async def standings(
    session: AsyncSession, campaign_ids: Collection[str], now: datetime
) -> dict[str, list[Standing]]:
    """By campaign, how each country's callees fared within the time of its limit."""
    if not campaign_ids:
        return {}
    today = col(Transfer.asked_at) > now - DAY
    lost = col(Transfer.abandoned).is_(True)
    statement = (
        sql_select(
            col(Transfer.campaign_id),
            col(Transfer.jurisdiction),
            func.count(),
            func.sum(case((lost, 1), else_=0)),
            func.sum(case((today, 1), else_=0)),
            func.sum(case((today & lost, 1), else_=0)),
        )
        .where(
            col(Transfer.campaign_id).in_(campaign_ids),
            # As the partial index says it.
            col(Transfer.abandoned).is_not(None),
            col(Transfer.campaign_id).is_not(None),
            col(Transfer.asked_at) > now - MONTH,
        )
        .group_by(col(Transfer.campaign_id), col(Transfer.jurisdiction))
    )
    sums: dict[str, dict[str, tuple[int, int]]] = {}
    for campaign_id, where, *numbers in await rows_of(session, statement):
        month, month_lost, day, day_lost = map(int, numbers)
        country = (where or "").partition("-")[0]
        whole = limit_of(country).over == MONTH
        found = sums.setdefault(campaign_id, {})
        before = found.get(country, (0, 0))
        more = (month, month_lost) if whole else (day, day_lost)
        found[country] = (before[0] + more[0], before[1] + more[1])
    return {
        id_: [Standing(country, *counts) for country, counts in found.items()]
        for id_, found in sums.items()
    }
