"""Calls that were hung up at once, and machines that were told nothing, counted apart."""

from alembic import op
from sqlalchemy import Boolean, Column, Integer

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: None = None
depends_on: None = None

_TABLES = ("quarter_sums", "day_sums")
_MEASURES = ("messages_left", "ended_hung_up_early")


def upgrade() -> None:
    seconds = Column("hung_up_early_seconds", Integer(), nullable=False, server_default="2")
    op.add_column("account", seconds)
    op.add_column("call", Column("message_left", Boolean(), nullable=True))
    for table in _TABLES:
        for measure in _MEASURES:
            op.add_column(table, Column(measure, Integer(), nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        for measure in _MEASURES:
            op.drop_column(table, measure)
    op.drop_column("call", "message_left")
    op.drop_column("account", "hung_up_early_seconds")
