"""The sums: what calls add is spread over the series that count them, and added there.

A series' id is made of what it counts, so that nobody has to look it up.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.analytics.counters import Dimensions
from policy.time.quarter_hours import A_DAY
from storage.database.locks import dialect_of
from storage.database.upsert import upsert_all
from storage.tables.analytics import (
    DAY_SUMS,
    QUARTER_SUMS,
    WEEK_SUMS,
    Dimension,
    Series,
    SeriesScope,
)

Change = Mapping[str, int]
#: By the key of a table of sums.
Cells = dict[tuple[int, ...], dict[str, int]]
_NONE = ""
_SERIES = Series.metadata.tables["series"]
_OF_WEEK = ("attempts", "attempts_answered")


class SeriesOwner(NamedTuple):
    """Whose a call is; "" is none."""

    account_id: str
    generation: int
    agent_id: str
    campaign_id: str
    pathway_id: str


class SeriesKey(NamedTuple):
    """What a series counts."""

    account_id: str
    generation: int
    scope: SeriesScope
    dimension: Dimension
    agent_id: str
    campaign_id: str
    value: str


@dataclass(slots=True)
class CellChanges:
    """Changes of many calls, added up before they are written."""

    quarters: Cells = field(default_factory=dict)
    weeks: Cells = field(default_factory=dict)
    #: Series that may be new, by their ids.
    series: dict[int, SeriesKey] = field(default_factory=dict)

    def add(self, owner: SeriesOwner, heading: Dimensions, change: Change) -> None:
        """What a call adds, or takes away, under a heading."""
        place = heading.jurisdiction or _NONE
        for known in _series_of(owner, heading.caller_id, place):
            self.series.update(known)
            for series_id in known:
                _add(self.quarters, (series_id, heading.quarter), change)
        if heading.week is not None:
            of_week = {name: change[name] for name in _OF_WEEK if name in change}
            for series_id in _week_series(owner, place):
                _add(self.weeks, (series_id, *heading.week), of_week)


def _add(cells: Cells, cell: tuple[int, ...], change: Change) -> None:
    found = cells.get(cell)
    if found is None:
        cells[cell] = dict(change)
        return
    for name, number in change.items():
        found[name] = found.get(name, 0) + number


def scope_of(dimension: Dimension, asked: SeriesScope) -> SeriesScope:
    """Which series answer a question about a scope: some of an account are its agents' together.

    An agent has few pathways and caller IDs, so there is little to add up.
    """
    by_agent = dimension in (Dimension.PATHWAY, Dimension.CALLER_ID)
    return SeriesScope.AGENT if by_agent and asked is SeriesScope.ACCOUNT else asked


def _series_of(owner: SeriesOwner, caller_id: str, place: str) -> Iterator[Mapping[int, SeriesKey]]:
    """Dimension by dimension, so that what is kept of one need not be made anew for another."""
    yield _series(owner, Dimension.ALL, _NONE)
    yield _series(owner, Dimension.PATHWAY, owner.pathway_id)
    yield _series(owner, Dimension.CALLER_ID, caller_id)
    yield _series(owner, Dimension.JURISDICTION, place)


@lru_cache(maxsize=20_000)
def _series(owner: SeriesOwner, dimension: Dimension, value: str) -> Mapping[int, SeriesKey]:
    scopes = (
        (SeriesScope.ACCOUNT, _NONE, _NONE),
        (SeriesScope.AGENT, owner.agent_id, _NONE),
        (SeriesScope.CAMPAIGN, owner.agent_id, owner.campaign_id),
    )
    keys = (
        SeriesKey(owner.account_id, owner.generation, scope, dimension, agent, campaign, value)
        for scope, agent, campaign in scopes
        if scope_of(dimension, scope) is scope
    )
    return {_series_id(key): key for key in keys}


@lru_cache(maxsize=20_000)
def _week_series(owner: SeriesOwner, place: str) -> tuple[int, ...]:
    """Half hours of the week are not kept by campaign: few have enough attempts."""
    known = {
        **_series(owner, Dimension.ALL, _NONE),
        **_series(owner, Dimension.JURISDICTION, place),
    }
    return tuple(one for one, key in known.items() if key.scope is not SeriesScope.CAMPAIGN)


def _series_id(key: SeriesKey) -> int:
    """63 bits of a hash of what it counts."""
    named = "\0".join(map(str, key))
    return int.from_bytes(hashlib.sha256(named.encode()).digest()[:8]) >> 1


async def write(session: AsyncSession, changes: CellChanges) -> None:
    """Adds the changes to the sums."""
    series = [((one,), key._asdict()) for one, key in changes.series.items()]
    await upsert_all(session, _SERIES, series, on_conflict="NOTHING")
    await _add_all(session, QUARTER_SUMS, changes.quarters)
    await _add_all(session, DAY_SUMS, _by_day(changes.quarters))
    await _add_all(session, WEEK_SUMS, changes.weeks)


def _by_day(quarters: Cells) -> Cells:
    days: Cells = {}
    for (series_id, quarter), sums in quarters.items():
        _add(days, (series_id, quarter // A_DAY), sums)
    return days


async def _add_all(session: AsyncSession, table: Table, cells: Cells) -> None:
    rows = [(cell, cells[cell]) for cell in sorted(cells)]
    await upsert_all(
        session, table, rows, on_conflict=_added(table, dialect_of(session)), left_out=0
    )


@cache
def _added(table: Table, dialect: str) -> str:
    """On PostgreSQL 0 is written NULL, or each row would take twice the room; SQLite needs none."""
    add = "{0} = {1}.{0} + excluded.{0}"
    if dialect == "postgresql":
        add = "{0} = nullif(coalesce({1}.{0}, 0) + coalesce(excluded.{0}, 0), 0)"
    names = [column.name for column in table.columns if not column.primary_key]
    return "UPDATE SET " + ", ".join(add.format(name, table.name) for name in names)
