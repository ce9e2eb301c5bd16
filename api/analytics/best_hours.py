"""When people answer, and whether they still answer each caller ID. docs/analytics.md."""

from datetime import datetime

from api.analytics.schemas import (
    BestHours,
    BestTimesView,
    CallerIds,
    CallerIdView,
    DaypartView,
    HourView,
    sample_fields,
    sample_view,
)
from api.analytics.service import require_agent
from api.http.deps import Services
from policy.analytics import best_hours, caller_id_health
from policy.analytics.caller_id_health import CallerIdHealth, HealthVerdict
from policy.statistics import Sample
from policy.time import dayparts
from policy.time.best_times import LEAST_ANSWERS, BestTimes
from policy.time.quarter_hours import (
    OffsetRun,
    begin_of,
    hour_name,
    month_name,
    quarter_after,
    quarter_of,
)
from storage.accounts import agents
from storage.analytics import analytics, rollup
from storage.analytics.analytics import GroupBy, Region, SumsQuery
from storage.facts import daypart_rates
from storage.tables import Account

_CHANCE_DIGITS, _Z_DIGITS = 6, 2


async def hours(
    uses: Services, account: Account, agent_id: str | None, jurisdiction: str | None
) -> BestHours:
    """Hours of the week and dayparts by how surely people answer in them."""
    since = dayparts.first_month(uses.now())
    place = None if jurisdiction is None else Region(jurisdiction)
    async with uses.db.survey() as session:
        await require_agent(session, account, agent_id)
        agent = agent_id and await agents.get(session, account.account_id, agent_id)
        held = await daypart_rates.best_times_of(session, agent, uses.now()) if agent else None
        slots = await analytics.slots(
            session, account.account_id, since, agent_id=agent_id, place=place
        )
    return BestHours(
        agent_id=agent_id,
        jurisdiction=jurisdiction,
        since_month=month_name(since),
        least_attempts=dayparts.LEAST_ATTEMPTS,
        hours=[
            HourView(hour_of_week=hour_name(one.hour), rank=one.rank, **sample_fields(one.sample))
            for one in best_hours.ranked(slots)
        ],
        dayparts=_dayparts(dayparts.rates_of(slots)),
        best_times=None if held is None else _best_times(held),
    )


def _best_times(held: BestTimes) -> BestTimesView:
    return BestTimesView(
        preset=held.preset,
        answers=held.answers,
        least_answers=LEAST_ANSWERS,
        learned=[rate.daypart for rate in held.learned],
        told=held.told,
    )


def _dayparts(rates: tuple[dayparts.DaypartRate, ...]) -> list[DaypartView]:
    best = dayparts.best_first(rates)
    ranked = [*enumerate(best, start=1), *((None, one) for one in rates if one not in best)]
    return [
        DaypartView(daypart=one.daypart, rank=rank, **sample_fields(one.sample))
        for rank, one in ranked
    ]


async def caller_ids(uses: Services, account: Account) -> CallerIds:
    """Every caller ID of late, and whether its answer rate has fallen beyond chance."""
    now = uses.now()
    before_from, recent_from, end = _bounds(now)
    async with uses.db.survey() as session:
        is_complete = await rollup.keeps_up(session, account.account_id, now)
        found = [
            await analytics.groups(
                session, SumsQuery(account.account_id, (OffsetRun(*span, 0),)), GroupBy.CALLER_ID
            )
            for span in ((before_from, recent_from), (recent_from, end))
        ]
    before, recent = (
        {key: Sample(sums["attempts_answered"], sums["attempts"]) for key, sums in one.items()}
        for one in found
    )
    return CallerIds(
        recent_from=begin_of(recent_from),
        before_from=begin_of(before_from),
        to=begin_of(end),
        least_attempts=caller_id_health.LEAST_ATTEMPTS,
        most_chance=caller_id_health.MOST_CHANCE,
        is_complete=is_complete,
        caller_ids=_views(recent, before),
    )


def _bounds(now: datetime) -> tuple[int, int, int]:
    """Quarters: where the past begins, where it ends, and the end."""
    recent_from = now - caller_id_health.RECENT
    before_from = recent_from - caller_id_health.BEFORE
    return quarter_of(before_from), quarter_of(recent_from), quarter_after(now)


def _views(recent: dict[str, Sample], before: dict[str, Sample]) -> list[CallerIdView]:
    nothing = Sample(0, 0)
    views = [
        _view(key, caller_id_health.health(recent.get(key, nothing), before.get(key, nothing)))
        for key in sorted({*recent, *before})
    ]
    dialed = (one for one in views if one.recent.attempts or one.before.attempts)
    return sorted(dialed, key=lambda one: not one.is_flagged)


def _view(caller_id: str, health: CallerIdHealth) -> CallerIdView:
    return CallerIdView(
        caller_id=caller_id,
        is_flagged=health.verdict is HealthVerdict.DROPPED,
        verdict=health.verdict,
        recent=sample_view(health.recent),
        before=sample_view(health.before),
        z=None if health.z is None else round(health.z, _Z_DIGITS),
        chance=None if health.chance is None else round(health.chance, _CHANCE_DIGITS),
    )
