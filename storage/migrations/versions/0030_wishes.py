"""What proves a person on the line."""

import sqlalchemy as sa
from alembic import op

from storage.tables.types import UtcDateTime

revision: str = "0030"
down_revision: str | None = "0009"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("person_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("attempt", "person_at")
