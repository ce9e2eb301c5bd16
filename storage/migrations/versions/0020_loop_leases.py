"""Which worker runs which loop."""

from alembic import op
from sqlalchemy import Column, String

from storage.tables.types import UtcDateTime

revision: str = "0020"
down_revision: str | None = "0018"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.create_table(
        "loop_lease",
        Column("name", String(), primary_key=True),
        Column("holder", String(), nullable=False),
        Column("expires_at", UtcDateTime(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("loop_lease")
