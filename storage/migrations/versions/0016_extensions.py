"""Extensions behind a number, and the silence a leg was given."""

from alembic import op
from sqlalchemy import Column, Integer, String, Text

from storage.tables.types import UtcDateTime

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("attempt", Column("held_seconds", Integer(), nullable=True))
    op.add_column("attempt", Column("held_at", UtcDateTime(), nullable=True))
    op.add_column("account", Column("extensions", Text(), nullable=False, server_default="refuse"))
    for table in ("call", "contact"):
        op.add_column(table, Column("extension", String(), nullable=True))


def downgrade() -> None:
    for table in ("call", "contact"):
        op.drop_column(table, "extension")
    op.drop_column("account", "extensions")
    op.drop_column("attempt", "held_at")
    op.drop_column("attempt", "held_seconds")
