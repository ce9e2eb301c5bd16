"""What calls are counted in, and where each attempt's recipient most likely was."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text

from storage.tables.types import Serial, UtcDateTime

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: None = None
depends_on: None = None

_TABLES = (
    *("series", "counting_place", "recount", "counted"),
    *("quarter_sums", "day_sums", "week_sums"),
)
_OUTCOMES = (
    *("completed", "confirmed", "declined", "opted_out", "voicemail", "no_answer", "busy"),
    *("failed", "invalid", "canceled", "deadline_missed", "suppressed", "unknown"),
)
_WAITS = (
    *("1", "2", "5", "10", "30", "60", "300", "900", "3600", "14400", "43200", "86400"),
    *("259200", "604800", "longer"),
)
_MEASURES = (
    *("scheduled", "attempted", "connected", "answered", "completed", "opted_out"),
    *("dials", "timed", "talked", "cost", "waited"),
    *(f"ended_{outcome}" for outcome in _OUTCOMES),
    *(f"wait_{step}" for step in _WAITS),
    *("attempts", "attempts_answered", "attempts_voicemail", "spent"),
)
_WIDE = ("cost", "spent", "talked", "waited")


def upgrade() -> None:
    for name in ("jurisdiction", "zone"):
        op.add_column("attempt", Column(name, String(), nullable=True))
    _series()
    _counting()
    for table in ("quarter_sums", "day_sums"):
        _sums(table, ["bucket"], _MEASURES)
    _sums("week_sums", ["month", "slot"], ("attempts", "attempts_answered"))


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    for name in ("zone", "jurisdiction"):
        op.drop_column("attempt", name)


def _series() -> None:
    op.create_table(
        "series",
        Column("series_id", BigInteger(), primary_key=True, autoincrement=False),
        Column("account_id", String(), nullable=False),
        Column("generation", Integer(), nullable=False),
        Column("scope", Text(), nullable=False),
        Column("dimension", Text(), nullable=False),
        Column("agent_id", String(), nullable=False),
        Column("campaign_id", String(), nullable=False),
        Column("value", String(), nullable=False),
    )
    op.create_index(
        "ix_series_scope",
        "series",
        ["account_id", "generation", "scope", "dimension", "agent_id", "campaign_id", "value"],
    )


def _counting() -> None:
    op.create_table(
        "counting_place",
        Column("account_id", String(), primary_key=True),
        Column("generation", Integer(), nullable=False),
        Column("shown", Integer(), nullable=False),
        Column("place_tx", BigInteger(), nullable=False),
        Column("place_event_id", BigInteger(), nullable=False),
        Column("backlog_time", UtcDateTime(), nullable=True),
        Column("backlog_call_id", String(), nullable=False),
    )
    op.create_table(
        "recount",
        Column("recount_id", Serial, primary_key=True),
        Column("account_id", String(), nullable=False),
        Column("call_id", String(), nullable=False),
    )
    op.create_index("ix_recount_account", "recount", ["account_id", "recount_id"])
    op.create_table(
        "counted",
        Column("call_id", String(36), primary_key=True),
        Column("generation", Integer(), nullable=False),
        Column("sums", String(), nullable=False),
    )


def _sums(table: str, key: list[str], measures: tuple[str, ...]) -> None:
    op.create_table(
        table,
        Column("series_id", BigInteger(), primary_key=True, autoincrement=False),
        *(Column(part, Integer(), primary_key=True, autoincrement=False) for part in key),
        *(Column(one, BigInteger() if one in _WIDE else Integer()) for one in measures),
        sqlite_with_rowid=False,
    )
