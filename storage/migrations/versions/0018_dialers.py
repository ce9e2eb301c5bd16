"""Which worker carries a dial, and when each worker was seen last."""

from alembic import op
from sqlalchemy import Column, String

from storage.tables.types import UtcDateTime

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("attempt", Column("worker_id", String(), nullable=True))
    op.create_table(
        "worker",
        Column("worker_id", String(), primary_key=True),
        Column("last_seen", UtcDateTime(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("worker")
    op.drop_column("attempt", "worker_id")
