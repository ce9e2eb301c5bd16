"""When an agent would rather call, and the reason for its calls that phones show."""

from alembic import op
from sqlalchemy import Column, String, Text

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("agent", Column("best_times", Text(), nullable=True))
    op.add_column("agent", Column("call_reason", String(), nullable=True))


def downgrade() -> None:
    op.drop_column("agent", "call_reason")
    op.drop_column("agent", "best_times")
