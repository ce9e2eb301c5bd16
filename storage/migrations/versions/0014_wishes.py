"""What proves a person on the line; texts that a person has to read."""

from alembic import op
from sqlalchemy import Boolean, Column, String, Text, false, text

from storage.tables.types import UtcDateTime

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: None = None
depends_on: None = None

_PARTIAL = {
    "ix_inbound_held": (["account_id", "from_endpoint"], "holds"),
    "ix_inbound_review": (["account_id", "at"], "review = 'pending'"),
}


def upgrade() -> None:
    op.add_column("attempt", Column("person_at", UtcDateTime(), nullable=True))
    op.add_column("inbound", Column("review", Text(), nullable=True))
    op.add_column("inbound", Column("text", String(), nullable=True))
    op.add_column("inbound", Column("holds", Boolean(), nullable=False, server_default=false()))
    op.add_column("inbound", Column("reviewed_time", UtcDateTime(), nullable=True))
    op.add_column("inbound", Column("reviewed_by", String(), nullable=True))
    for name, (columns, condition) in _PARTIAL.items():
        where = text(condition)
        op.create_index(name, "inbound", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name in _PARTIAL:
        op.drop_index(name, "inbound")
    for name in ("reviewed_by", "reviewed_time", "holds", "text", "review"):
        op.drop_column("inbound", name)
    op.drop_column("attempt", "person_at")
