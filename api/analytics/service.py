"""Analytics: the sums of an account as the numbers that people read. docs/analytics.md."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlmodel.ext.asyncio.session import AsyncSession

from api.analytics.periods import Period
from api.analytics.schemas import Analytics, GroupView, NumbersView, numbers_of
from api.http.deps import Services
from api.http.problems import invalid
from api.http.schema import JsonObject
from policy.accounts.pricing import rates_of
from policy.analytics.rates import figures
from policy.time.quarter_hours import day_name, hour_name
from storage.accounts import names as naming
from storage.analytics import analytics, rollup
from storage.analytics.analytics import GroupBy, Groups, SumsQuery
from storage.tables import Account

_NAMES = {
    GroupBy.AGENT: naming.agents,
    GroupBy.CAMPAIGN: naming.campaigns,
    GroupBy.PATHWAY: naming.pathways,
}
_TIMES = {GroupBy.DAY: day_name, GroupBy.HOUR_OF_WEEK: hour_name}


@dataclass(frozen=True, slots=True)
class AnalyticsQuery:
    """Which numbers, and split by what; `take` None: all groups."""

    period: Period
    group_by: GroupBy | None = None
    agent_id: str | None = None
    campaign_id: str | None = None
    skip: int = 0
    take: int | None = None

    def paged(self, skip: int, take: int) -> "AnalyticsQuery":
        return replace(self, skip=skip, take=take)


async def answer(uses: Services, account: Account, wanted: AnalyticsQuery) -> Analytics:
    """The numbers of a period, in all and by group."""
    async with uses.db.survey() as session:
        await require_agent(session, account, wanted.agent_id)
        await _require_campaign(session, account, wanted.campaign_id)
        is_complete = await rollup.keeps_up(session, account.account_id, uses.now())
        found = await _found(session, account, wanted)
    return Analytics(
        begin=wanted.period.begin,
        end=wanted.period.end,
        timezone=wanted.period.timezone,
        group_by=wanted.group_by,
        agent_id=wanted.agent_id,
        campaign_id=wanted.campaign_id,
        currency=rates_of(account.rates).currency,
        is_complete=is_complete,
        **found,
    )


async def _found(session: AsyncSession, account: Account, wanted: AnalyticsQuery) -> JsonObject:
    """The fields of the answer that hold numbers."""
    asked = SumsQuery(account.account_id, wanted.period.runs, wanted.agent_id, wanted.campaign_id)
    by = wanted.group_by
    if by is None:
        sums = await analytics.totals(session, asked)
        return {"totals": _totals(sums), "groups": None, "group_count": None}
    groups = _not_empty(await analytics.groups(session, asked, by))
    return {
        # Added up instead of asked for, so that the groups are surely the parts of it.
        "totals": _totals(_together(groups)),
        "groups": await _views(session, account, wanted, by, groups),
        "group_count": len(groups),
    }


def _totals(sums: Counter[str]) -> NumbersView:
    return NumbersView(**numbers_of(figures(sums)))


async def require_agent(session: AsyncSession, account: Account, agent_id: str | None) -> None:
    """Refuses an agent that the account never had; the calls of a deleted one stay."""
    if agent_id is not None and not await naming.agents(session, account.account_id, {agent_id}):
        raise invalid("unknown_agent", "agentId", "There is no such agent.")


async def _require_campaign(
    session: AsyncSession, account: Account, campaign_id: str | None
) -> None:
    if campaign_id is None:
        return
    if not await naming.campaigns(session, account.account_id, {campaign_id}):
        raise invalid("unknown_campaign", "campaignId", "There is no such campaign.")


# -- groups


def _not_empty(groups: Groups) -> Groups:
    """Without groups from which everything was taken away again."""
    return {key: sums for key, sums in groups.items() if any(sums.values())}


def _together(groups: Groups) -> Counter[str]:
    sums: Counter[str] = Counter()
    for one in groups.values():
        sums.update(one)
    return sums


async def _views(
    session: AsyncSession, account: Account, wanted: AnalyticsQuery, by: GroupBy, groups: Groups
) -> list[GroupView]:
    until = None if wanted.take is None else wanted.skip + wanted.take
    shown = _order(by, groups)[wanted.skip : until]
    names = await _names(session, account, by, shown)
    return [
        GroupView(key=_key(by, one), name=names.get(one), **numbers_of(figures(groups[one])))
        for one in shown
    ]


def _order(by: GroupBy, groups: Groups) -> list[str]:
    """In the order of time; else those with most calls first."""
    if by in _TIMES:
        return sorted(groups, key=int)
    return sorted(groups, key=lambda one: (-groups[one]["scheduled"], one))


def _key(by: GroupBy, key: str) -> str | None:
    named = _TIMES.get(by)
    return named(int(key)) if named else key or None


async def _names(
    session: AsyncSession, account: Account, by: GroupBy, keys: Collection[str]
) -> Mapping[str, str]:
    look = _NAMES.get(by)
    return {} if look is None else await look(session, account.account_id, keys)
