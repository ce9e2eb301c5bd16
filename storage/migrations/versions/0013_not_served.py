"""Whether a leg heard anything of ours, what it answered, and whether it was we who ended it."""

from alembic import op
from sqlalchemy import Boolean, Column, Integer, String, false

from storage.tables.types import Json, Serial, UtcDateTime

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: None = None
depends_on: None = None

_SUMS = ("quarter_sums", "day_sums")
_TIMES = ("served_at", "end_asked_at")


def upgrade() -> None:
    op.add_column(
        "attempt", Column("has_fallback", Boolean(), nullable=False, server_default=false())
    )
    op.add_column("attempt", Column("heard", Json, nullable=True))
    for name in _TIMES:
        op.add_column("attempt", Column(name, UtcDateTime(), nullable=True))
    op.create_table(
        "write_probe",
        Column("probe_id", Serial, primary_key=True, autoincrement=True),
        Column("filler", String(), nullable=False),
    )
    # Of legs that are live now it is not known: they count as they did before.
    op.execute("UPDATE attempt SET served_at = answered_at WHERE settled_at IS NULL")
    op.execute("UPDATE attempt SET end_asked_at = sent_at WHERE settled_at IS NULL")
    for table in _SUMS:
        op.add_column(table, Column("ended_not_served", Integer(), nullable=True))


def downgrade() -> None:
    op.drop_table("write_probe")
    for table in _SUMS:
        op.drop_column(table, "ended_not_served")
    for name in (*_TIMES, "heard", "has_fallback"):
        op.drop_column("attempt", name)
