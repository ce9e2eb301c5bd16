"""A forecast: the campaign read, run several times on virtual time, and summed up."""

import asyncio
from collections import Counter

from api.campaigns.outlook import outline_of
from api.forecast import runs
from api.forecast.altered import altered_campaign
from api.forecast.blocked import blocked_views
from api.forecast.contacts_ahead import ContactsAhead, contacts_ahead
from api.forecast.plan import Surroundings, begin_of, notes_of, plan_of, surroundings_of
from api.forecast.rates import rates_for
from api.forecast.schemas import ForecastRequest
from api.forecast.views import ForecastView, OtherCallsView, SpreadView, figures_as_views
from api.http.deps import Services
from policy.accounts.pricing import rates_of
from policy.forecast.callee_groups import CalendarShelf
from policy.forecast.likeness import CalleeGroups
from policy.forecast.ticks import DAY
from storage.tables import Account

#: How far ahead is looked, from the campaign's beginning on.
LOOK_AHEAD = 60 * DAY
USUAL_SEEDS = 10
#: Contacts times runs: what is waited for without being asked, and at most.
USUAL_CALLEES, MOST_CALLEES = 50_000, 300_000
#: A call that waits beside the campaign's takes as long as two of them: turns have to be shared.
RIVAL_SHARE = 2


async def forecast(
    uses: Services, account: Account, campaign_id: str, body: ForecastRequest
) -> ForecastView:
    """Raises a Problem: 404, 409 for a campaign that is over or too large, 422, 503 if busy."""
    now = uses.now()
    # It counts what waits beside the campaign, which may be much.
    async with uses.db.browse() as session:
        altered = await altered_campaign(session, account, campaign_id, body.changes, now)
        stated = await rates_for(session, altered.agent, body, now)
        around = await surroundings_of(session, account, altered, others=body.others)
    begin = begin_of(altered)
    until = max(begin_of(altered, with_not_before=True), begin) + LOOK_AHEAD
    groups = CalleeGroups(CalendarShelf(begin, until))
    async with runs.turn():
        ahead = await contacts_ahead(uses, account, altered, groups)
        async with uses.db.read() as session:
            outline = await outline_of(
                session, account, altered.campaign, altered.agent, altered.begin
            )
        plan = plan_of(account, altered, ahead.callees, stated.rates, around, until)
        seeds = seeds_of(body.seeds, len(ahead.callees) + RIVAL_SHARE * around.calls)
        found = await runs.run_all(plan, range(body.seed, body.seed + seeds))
    counted = figures_as_views(found)
    counted["refused"] |= _lacking(ahead)
    return ForecastView(
        begin=altered.begin,
        seed=body.seed,
        seeds=seeds,
        contacts=ahead.count,
        currency=rates_of(account.rates).currency,
        slots=around.slots,
        blocked=await asyncio.to_thread(blocked_views, ahead, altered.begin),
        assumptions=dict(stated.assumptions),
        learned_from=stated.learned_from,
        by_hour_of_week=bool(stated.rates.by_slot),
        others=_others(around),
        notes=[*outline, *notes_of(altered, plan, around)],
        **counted,
    )


def seeds_of(wanted: int | None, contacts: int) -> int:
    """How many runs: as many as are wanted, but none that would make it take too long."""
    usual = min(USUAL_SEEDS, USUAL_CALLEES // max(1, contacts))
    return max(1, min(wanted or usual, MOST_CALLEES // max(1, contacts)))


def _lacking(ahead: ContactsAhead) -> dict[str, SpreadView]:
    """Contacts whose rows lack something become no calls, in any run."""
    counts: Counter[str] = Counter()
    for (code, _), number in ahead.lacking.items():
        counts[code] += number
    return {code: SpreadView(p10=n, p50=n, p90=n) for code, n in counts.items()}


def _others(around: Surroundings) -> list[OtherCallsView]:
    return [
        OtherCallsView(campaign_id=one.campaign_id, priority=one.priority, calls=one.calls)
        for one in around.waiting
    ]
