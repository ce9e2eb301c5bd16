"""How soon somebody has hung up early, by agent."""

from alembic import op
from sqlalchemy import Column, Integer

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("agent", Column("hung_up_early_seconds", Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("agent", "hung_up_early_seconds")
