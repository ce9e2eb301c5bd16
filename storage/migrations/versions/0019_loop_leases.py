"""Which worker runs which loop, and an index for what the watch asks all the time."""

from alembic import op
from sqlalchemy import Column, String, text

from storage.tables.types import UtcDateTime

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: None = None
depends_on: None = None


_ABANDONED = text(
    "(state = 'sent' OR state = 'ringing' OR state = 'answered') AND settled_at IS NOT NULL"
)


def upgrade() -> None:
    op.create_table(
        "loop_lease",
        Column("name", String(), primary_key=True),
        Column("holder", String(), nullable=False),
        Column("expires_at", UtcDateTime(), nullable=False),
    )
    op.create_index(
        "ix_attempt_abandoned",
        "attempt",
        ["sent_at"],
        sqlite_where=_ABANDONED,
        postgresql_where=_ABANDONED,
    )


def downgrade() -> None:
    op.drop_index("ix_attempt_abandoned", "attempt")
    op.drop_table("loop_lease")
