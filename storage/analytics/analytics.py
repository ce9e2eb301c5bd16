"""The sums of an account, read by what they are grouped by. Nothing here looks at a call."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, Table, func, literal_column, or_
from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.analytics.counters import MEASURES
from policy.statistics import Sample
from policy.time.quarter_hours import A_DAY, SECONDS, OffsetRun
from storage.analytics.rollup_cells import scope_of
from storage.database.core import rows_of
from storage.tables import CountingPlace, Series
from storage.tables.analytics import DAY_SUMS, QUARTER_SUMS, WEEK_SUMS, Dimension, SeriesScope

_HOUR, _DAY = 3600, 86400
#: 1970 began on a Thursday.
_FIRST_HOUR_OF_WEEK = 3 * 24
_HOURS_A_WEEK = 7 * 24


class GroupBy(StrEnum):
    """What the sums of a period can be split by."""

    AGENT = "agent"
    CAMPAIGN = "campaign"
    PATHWAY = "pathway"
    CALLER_ID = "callerId"
    JURISDICTION = "jurisdiction"
    HOUR_OF_WEEK = "hourOfWeek"
    DAY = "day"


_DIMENSIONS: Mapping[GroupBy, Dimension] = {
    GroupBy.PATHWAY: Dimension.PATHWAY,
    GroupBy.CALLER_ID: Dimension.CALLER_ID,
    GroupBy.JURISDICTION: Dimension.JURISDICTION,
}
#: Days since 1970, or hours since Monday 00:00, of a quarter by a clock that is `offset` ahead.
_BY_TIME: Mapping[GroupBy, str] = {
    GroupBy.DAY: f"((bucket * {SECONDS} + {{offset}}) / {_DAY})",
    GroupBy.HOUR_OF_WEEK: (
        f"((bucket * {SECONDS} + {{offset}}) / {_HOUR} + {_FIRST_HOUR_OF_WEEK}) % {_HOURS_A_WEEK}"
    ),
}


@dataclass(frozen=True, slots=True)
class SumsQuery:
    """Whose sums, over which runs of quarters; the runs follow each other without a gap."""

    account_id: str
    runs: Sequence[OffsetRun]
    agent_id: str | None = None
    campaign_id: str | None = None

    @property
    def start(self) -> int:
        return self.runs[0].start

    @property
    def end(self) -> int:
        return self.runs[-1].end

    @property
    def scope(self) -> SeriesScope:
        if self.campaign_id is not None:
            return SeriesScope.CAMPAIGN
        return SeriesScope.ACCOUNT if self.agent_id is None else SeriesScope.AGENT


Groups = dict[str, Counter[str]]


async def totals(session: AsyncSession, asked: SumsQuery) -> Counter[str]:
    """The sums of all of it."""
    series = _Which(asked, asked.scope, Dimension.ALL)
    found = await _by_value(session, series, literal_column("''"))
    return found.get("", Counter())


async def groups(session: AsyncSession, asked: SumsQuery, by: GroupBy) -> Groups:
    """The sums by the values of a grouping, as texts; "" is none. Without those that are 0.

    Days since 1970 for `day`, hours since Monday 00:00 for `hourOfWeek`.
    """
    if by in _BY_TIME:
        return await _by_time(session, _Which(asked, asked.scope, Dimension.ALL), by)
    if by is GroupBy.AGENT:
        scope = SeriesScope.AGENT if asked.campaign_id is None else SeriesScope.CAMPAIGN
        return await _by_value(session, _Which(asked, scope, Dimension.ALL), col(Series.agent_id))
    if by is GroupBy.CAMPAIGN:
        series = _Which(asked, SeriesScope.CAMPAIGN, Dimension.ALL)
        return await _by_value(session, series, col(Series.campaign_id))
    dimension = _DIMENSIONS[by]
    series = _Which(asked, scope_of(dimension, asked.scope), dimension)
    return await _by_value(session, series, col(Series.value))


@dataclass(frozen=True, slots=True)
class _Which:
    """Which series answer a question."""

    asked: SumsQuery
    scope: SeriesScope
    dimension: Dimension

    def conditions(self) -> list[ColumnElement[bool]]:
        asked = self.asked
        found = [
            *_shown(asked.account_id),
            col(Series.scope) == self.scope,
            col(Series.dimension) == self.dimension,
        ]
        if asked.agent_id is not None:
            found.append(col(Series.agent_id) == asked.agent_id)
        if asked.campaign_id is not None:
            found.append(col(Series.campaign_id) == asked.campaign_id)
        return found


def _shown(account_id: str) -> list[ColumnElement[bool]]:
    shown = sql_select(col(CountingPlace.shown)).where(col(CountingPlace.account_id) == account_id)
    return [
        col(Series.account_id) == account_id,
        col(Series.generation) == shown.scalar_subquery(),
    ]


async def _by_value(
    session: AsyncSession, series: _Which, value: SQLColumnExpression[str]
) -> Groups:
    """Whole days in UTC from the sums by day, what is left at both ends from those by quarter."""
    found: Groups = defaultdict(Counter)
    for table, start, end in _stretches(series.asked.start, series.asked.end):
        await _collect(session, found, series, table, value, start, end)
    return dict(found)


def _stretches(start: int, end: int) -> Iterable[tuple[Table, int, int]]:
    first_day, last_day = -(-start // A_DAY), end // A_DAY
    if first_day >= last_day:
        return [(QUARTER_SUMS, start, end)]
    return [
        (DAY_SUMS, first_day, last_day),
        (QUARTER_SUMS, start, first_day * A_DAY),
        (QUARTER_SUMS, last_day * A_DAY, end),
    ]


async def _by_time(session: AsyncSession, series: _Which, by: GroupBy) -> Groups:
    found: Groups = defaultdict(Counter)
    for run in series.asked.runs:
        value: ColumnElement[Any] = literal_column(_BY_TIME[by].format(offset=run.offset))
        await _collect(session, found, series, QUARTER_SUMS, value, run.start, run.end)
    return dict(found)


async def _collect(
    session: AsyncSession,
    found: Groups,
    series: _Which,
    table: Table,
    value: SQLColumnExpression[Any],
    start: int,
    end: int,
) -> None:
    if start >= end:
        return
    statement = (
        sql_select(value.label("head"), *_all_sums(table))
        .join(Series, col(Series.series_id) == table.c.series_id)
        .where(*series.conditions(), table.c.bucket >= start, table.c.bucket < end)
        .group_by("head")
    )
    for head, *sums in await rows_of(session, statement):
        named = zip(MEASURES, sums, strict=True)
        found[str(head)].update({name: int(number) for name, number in named if number})


@cache
def _all_sums(table: Table) -> tuple[ColumnElement[Any], ...]:
    return tuple(func.sum(table.c[name]) for name in MEASURES)


# -- attempts by the recipients' clocks


@dataclass(frozen=True, slots=True)
class Region:
    """A country with its states, such as US, or one of them, such as US-CA."""

    code: str

    def condition(self) -> ColumnElement[bool]:
        value = col(Series.value)
        return or_(value == self.code, value.like(f"{self.code}-%"))


async def slots(
    session: AsyncSession,
    account_id: str,
    since: int,
    *,
    agent_id: str | None = None,
    place: Region | None = None,
) -> dict[int, Sample]:
    """Attempts and those answered by the half hour of the week, from a month on.

    Months as `policy.time.quarter_hours` counts them.
    """
    scope = SeriesScope.ACCOUNT if agent_id is None else SeriesScope.AGENT
    dimension = Dimension.ALL if place is None else Dimension.JURISDICTION
    conditions = [col(Series.scope) == scope, col(Series.dimension) == dimension]
    if agent_id is not None:
        conditions.append(col(Series.agent_id) == agent_id)
    if place is not None:
        conditions.append(place.condition())
    sums = WEEK_SUMS.c
    statement = (
        sql_select(sums.slot, func.sum(sums.attempts_answered), func.sum(sums.attempts))
        .join(Series, col(Series.series_id) == sums.series_id)
        .where(*_shown(account_id), *conditions, sums.month >= since)
        .group_by(sums.slot)
    )
    found = await rows_of(session, statement)
    return {slot: Sample(int(hits or 0), int(trials)) for slot, hits, trials in found if trials}
