"""Which agents rest numbers that people let ring, and how each number of theirs fares."""

from alembic import op
from sqlalchemy import Boolean, Column, Float, Integer, String, Text, false

from storage.tables.types import UtcDateTime

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.create_table(
        "number_watch",
        Column("agent_id", String(36), primary_key=True),
        Column("number", String(), primary_key=True),
        Column("watch_id", String(36), nullable=False),
        Column("state", Text(), nullable=False),
        *(
            Column(name, Float(), nullable=False)
            for name in ("score", "own_answered", "own_dials", "near_answered", "near_dials")
        ),
        Column("rests", Integer(), nullable=False),
        Column("until", UtcDateTime(), nullable=True),
        Column("since_quarter", Integer(), nullable=False),
        Column("seen_answered", Integer(), nullable=False),
        Column("seen_dials", Integer(), nullable=False),
    )
    op.add_column(
        "agent", Column("heals_caller_ids", Boolean(), nullable=False, server_default=false())
    )


def downgrade() -> None:
    op.drop_column("agent", "heals_caller_ids")
    op.drop_table("number_watch")
