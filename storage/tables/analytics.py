"""The tables that calls are counted in. Import them from `storage.tables`, like all others.

A *series* is one line of numbers over time: of an account, an agent or a campaign, and of all its
calls or of those under one head, such as a caller ID. Its sums are kept by the quarter of an hour
and by the day in UTC. NULL is 0 there: most sums of most rows are none.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, Table
from sqlmodel import Field, SQLModel

from policy.analytics.counters import MEASURES
from storage.tables.columns import enum_column, time_column
from storage.tables.types import Serial

#: Money and seconds add up to more than a small number holds.
_WIDE = frozenset({"cost", "spent", "talked", "waited"})
#: SQLite then keeps a series' rows side by side, in their order.
_BY_KEY: dict[str, Any] = {"sqlite_with_rowid": False}


class SeriesScope(StrEnum):
    """Whose calls a series counts."""

    ACCOUNT = "account"
    AGENT = "agent"
    CAMPAIGN = "campaign"


class Dimension(StrEnum):
    """Which calls of its scope a series counts: all, or those with one value."""

    ALL = "all"
    PATHWAY = "pathway"
    CALLER_ID = "caller_id"
    JURISDICTION = "jurisdiction"


class Series(SQLModel, table=True):
    """What a series counts. "" is none: no campaign, no pathway, no jurisdiction that is known."""

    __table_args__ = (
        Index(
            "ix_series_scope",
            *("account_id", "generation", "scope", "dimension"),
            *("agent_id", "campaign_id", "value"),
        ),
    )

    #: From what it counts; see `storage.analytics.rollup_cells`.
    series_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    account_id: str
    #: Of the counting it belongs to; see `CountingPlace`.
    generation: int
    scope: SeriesScope = enum_column(SeriesScope)
    dimension: Dimension = enum_column(Dimension)
    agent_id: str = ""
    campaign_id: str = ""
    value: str = ""


class CountingPlace(SQLModel, table=True):
    """Up to where an account is counted. Whoever counts holds this row.

    While `backlog_time` is set, the calls from there on in their order of acceptance are still to
    be counted, besides what their events tell. To count all anew a new generation is begun; the
    numbers of the old one are shown until it is complete.
    """

    __tablename__ = "counting_place"
    account_id: str = Field(primary_key=True)
    generation: int = 1
    shown: int = 1
    place_tx: int = Field(default=0, sa_type=BigInteger)
    place_event_id: int = Field(default=0, sa_type=BigInteger)
    backlog_time: datetime | None = time_column(nullable=True)
    backlog_call_id: str = ""


class Recount(SQLModel, table=True):
    """A call of which something counted has changed that no event tells of."""

    __table_args__ = (Index("ix_recount_account", "account_id", "recount_id"),)

    recount_id: int | None = Field(default=None, sa_column=Column(Serial, primary_key=True))
    account_id: str
    call_id: str


class Counted(SQLModel, table=True):
    """What of a call is in the sums, so that a change of it is counted as the difference."""

    call_id: str = Field(primary_key=True, max_length=36)
    generation: int
    #: JSON as `storage.analytics.call_contributions` writes it; compared as text.
    sums: str


def _sums_table(name: str, *key: str) -> Table:
    return Table(
        name,
        SQLModel.metadata,
        Column("series_id", BigInteger, primary_key=True, autoincrement=False),
        *(Column(part, Integer, primary_key=True, autoincrement=False) for part in key),
        *(Column(one, BigInteger if one in _WIDE else Integer) for one in MEASURES),
        **_BY_KEY,
    )


#: Sums of a series by the quarter, and by the day in UTC: days since 1970.
QUARTER_SUMS = _sums_table("quarter_sums", "bucket")
DAY_SUMS = _sums_table("day_sums", "bucket")
WEEK_MEASURES = ("attempts", "attempts_answered")
#: Attempts of a series by month and half hour of the week, on the recipients' own clocks.
WEEK_SUMS = Table(
    "week_sums",
    SQLModel.metadata,
    Column("series_id", BigInteger, primary_key=True, autoincrement=False),
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    *(Column(one, Integer) for one in WEEK_MEASURES),
    **_BY_KEY,
)
