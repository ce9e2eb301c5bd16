"""What the overview tells of a period: rates, charts, and how the caller IDs fare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.analytics import best_hours, service
from api.analytics.schemas import BestHours, CallerIdView, NumbersView
from api.analytics.service import AnalyticsQuery
from api.http.deps import Services
from dashboard.charts.day_chart import DayChart, Part, bars_over_days, line_over_days
from dashboard.charts.heat_map import HeatMap, heat_map
from dashboard.overview.period import LookBack
from policy.model.call import STATUS_OF_OUTCOME, CallStatus, Outcome
from storage.analytics.analytics import GroupBy
from storage.tables import Account

_PARTS = (Part("completed", "good"), Part("failed", "bad"), Part("canceled", "none"))
_STATUSES = (CallStatus.COMPLETED, CallStatus.FAILED, CallStatus.CANCELED)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Figures:
    """`ended`: calls of the period by how they are over."""

    totals: NumbersView
    currency: str
    is_complete: bool
    ended: Mapping[CallStatus, int]
    outcomes: DayChart
    answers: DayChart
    hours: HeatMap
    caller_ids: Sequence[CallerIdView]


async def figures_of(uses: Services, account: Account, back: LookBack) -> Figures:
    """All of it, from the sums; no call is looked at."""
    found = await service.answer(uses, account, AnalyticsQuery(back.period, GroupBy.DAY))
    of_day = {group.key: group for group in found.groups or ()}
    days = [(day, of_day.get(day.isoformat())) for day in back.days]
    hours = await best_hours.hours(uses, account, None, None)
    callers = await best_hours.caller_ids(uses, account)
    return Figures(
        found.totals,
        found.currency,
        found.is_complete,
        _ended(found.totals),
        bars_over_days("How calls ended", _PARTS, [(day, _parts(one)) for day, one in days]),
        line_over_days("Attempts answered", [(day, _rate(one)) for day, one in days], "{:.0f} %"),
        _heat(hours),
        callers.caller_ids,
    )


def _ended(numbers: NumbersView | None) -> dict[CallStatus, int]:
    found = dict.fromkeys(_STATUSES, 0)
    for name, one in (numbers.outcomes if numbers else {}).items():
        found[STATUS_OF_OUTCOME[Outcome(name)]] += one.calls
    return found


def _parts(numbers: NumbersView | None) -> list[int]:
    return list(_ended(numbers).values())


def _rate(numbers: NumbersView | None) -> float | None:
    if numbers is None or numbers.answer_rate is None:
        return None
    return 100 * numbers.answer_rate


def _heat(hours: BestHours) -> HeatMap:
    found = {_hour(one.hour_of_week): (one.answered, one.attempts) for one in hours.hours}
    return heat_map("When people answer, in percent", found, hours.least_attempts)


def _hour(name: str) -> int:
    """`tue 18:00` as hours since Monday 00:00."""
    day, _, clock = name.partition(" ")
    return _DAYS.index(day) * 24 + int(clock[:2])
