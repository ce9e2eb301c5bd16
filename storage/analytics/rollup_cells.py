"""The sums: what calls add is spread over the series that count them, and added there.

A series' id is made of what it counts, so that nobody has to look it up.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.analytics.counters import MEASURES, Dimensions
from policy.time.quarter_hours import A_DAY
from storage.analytics.packed_sums import Packing
from storage.database.locks import dialect_of
from storage.database.upsert import upsert_all
from storage.tables.analytics import (
    DAY_SUMS,
    QUARTER_SUMS,
    WEEK_MEASURES,
    WEEK_SUMS,
    Dimension,
    Series,
    SeriesScope,
)

Sums = Mapping[str, int]
#: By the key of a table of sums; the sums are packed.
Cells = dict[tuple[int, ...], int]
_NONE = ""
_SERIES = Series.metadata.tables["series"]
_MEASURES, _OF_WEEK = Packing(MEASURES), Packing(WEEK_MEASURES)


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


#: A row of a table: its key and all its sums.
Rows = list[tuple[Any, ...]]
#: Series that count something, and those that count it by the week.
Under = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(slots=True)
class CellChanges:
    """Changes of many calls, added up before they are written."""

    quarters: Cells = field(default_factory=dict)
    weeks: Cells = field(default_factory=dict)
    #: What may need new series.
    heads: dict["SeriesHead", Under] = field(default_factory=dict)
    _rows: dict[str, Rows] | None = None

    def add(self, owner: SeriesOwner, heading: Dimensions, sums: Sums, sign: int = 1) -> None:
        """What a call adds under a heading; with a `sign` of -1 what is taken away."""
        head = SeriesHead(owner, heading.caller_id, heading.jurisdiction or _NONE)
        under = self.heads.get(head)
        if under is None:
            under = self.heads[head] = _series_under(head)
        series, of_week = under
        packed, quarters, quarter = sign * _MEASURES.packed(sums), self.quarters, heading.quarter
        for series_id in series:
            cell = series_id, quarter
            quarters[cell] = quarters.get(cell, 0) + packed
        if heading.week is not None:
            packed = sign * _OF_WEEK.packed({name: sums.get(name, 0) for name in WEEK_MEASURES})
            for series_id in of_week:
                week = series_id, *heading.week
                self.weeks[week] = self.weeks.get(week, 0) + packed
        self._rows = None

    def series(self) -> dict[int, SeriesKey]:
        """Those that are changed, by their ids."""
        return {one: key for head in self.heads for one, key in _keys_under(head)}

    def rows(self) -> dict[str, Rows]:
        """By the names of the tables; made once for all that was added so far."""
        if self._rows is None:
            self._rows = {
                _SERIES.name: sorted((one, *key) for one, key in self.series().items()),
                QUARTER_SUMS.name: _rows(self.quarters, _MEASURES),
                DAY_SUMS.name: _rows(_by_day(self.quarters), _MEASURES),
                WEEK_SUMS.name: _rows(self.weeks, _OF_WEEK),
            }
        return self._rows


def _rows(cells: Cells, packing: Packing) -> Rows:
    """In the order of their keys, as the database keeps them; the same sums are read once."""
    known: dict[int, tuple[int, ...]] = {}
    rows: Rows = []
    for cell in sorted(cells):
        packed = cells[cell]
        sums = known.get(packed)
        if sums is None:
            sums = known[packed] = packing.unpacked(packed)
        rows.append(cell + sums)
    return rows


def _by_day(quarters: Cells) -> Cells:
    days: Cells = {}
    for (series_id, quarter), packed in quarters.items():
        cell = series_id, quarter // A_DAY
        days[cell] = days.get(cell, 0) + packed
    return days


class SeriesHead(NamedTuple):
    """Under what something of a call is counted; "" is no jurisdiction that is known."""

    owner: SeriesOwner
    caller_id: str
    place: str


def scope_of(dimension: Dimension, asked: SeriesScope) -> SeriesScope:
    """Which series answer a question about a scope: some of an account are its agents' together.

    An agent has few pathways and caller IDs, so there is little to add up.
    """
    by_agent = dimension in (Dimension.PATHWAY, Dimension.CALLER_ID)
    return SeriesScope.AGENT if by_agent and asked is SeriesScope.ACCOUNT else asked


@lru_cache(maxsize=20_000)
def _series_under(head: SeriesHead) -> Under:
    return tuple(one for one, _ in _keys_under(head)), _week_series(head.owner, head.place)


def _keys_under(head: SeriesHead) -> Iterator[tuple[int, SeriesKey]]:
    """Dimension by dimension, so that what is kept of one need not be made anew for another."""
    owner = head.owner
    yield from _series(owner, Dimension.ALL, _NONE).items()
    yield from _series(owner, Dimension.PATHWAY, owner.pathway_id).items()
    yield from _series(owner, Dimension.CALLER_ID, head.caller_id).items()
    yield from _series(owner, Dimension.JURISDICTION, head.place).items()


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
    rows = changes.rows()
    await upsert_all(session, _SERIES, rows[_SERIES.name], on_conflict="NOTHING")
    for table in (QUARTER_SUMS, DAY_SUMS, WEEK_SUMS):
        added = _added(table, dialect_of(session))
        await upsert_all(session, table, rows[table.name], on_conflict=added)


@cache
def _added(table: Table, dialect: str) -> str:
    """On PostgreSQL 0 is written NULL, or each row would take twice the room; on SQLite it is none
    of what is added, but what a migration has added a column for is NULL there, too.
    """
    add = "{0} = coalesce({1}.{0}, 0) + excluded.{0}"
    if dialect == "postgresql":
        add = "{0} = nullif(coalesce({1}.{0}, 0) + coalesce(excluded.{0}, 0), 0)"
    names = [column.name for column in table.columns if not column.primary_key]
    return "UPDATE SET " + ", ".join(add.format(name, table.name) for name in names)
