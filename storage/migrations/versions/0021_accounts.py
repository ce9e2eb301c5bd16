"""Keys that end and are replaced, sessions that were signed out of, and who changed what."""

from alembic import op
from sqlalchemy import Boolean, Column, ForeignKey, String, false, text

from storage.tables.types import Json, Serial, UtcDateTime

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    for column in (
        Column("is_bootstrap", Boolean(), nullable=False, server_default=false()),
        Column("created_by", String(), nullable=False, server_default=""),
        Column("replaced_by", String(), nullable=True),
        Column("expires_time", UtcDateTime(), nullable=True),
        Column("used_time", UtcDateTime(), nullable=True),
    ):
        op.add_column("api_key", column)
    # So they were called, and there was no other way to make a key.
    op.execute(text("UPDATE api_key SET is_bootstrap = true WHERE name = 'bootstrap'"))
    op.create_table(
        "ended_session",
        Column("session_id", String(64), primary_key=True),
        Column("ends_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_ended_session_ends_at", "ended_session", ["ends_at"])
    op.create_table(
        "audit_entry",
        Column("entry_id", Serial, primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("at", UtcDateTime(), nullable=False),
        Column("actor_kind", String(), nullable=False),
        Column("actor_id", String(), nullable=False),
        Column("actor", String(), nullable=False),
        Column("via", String(), nullable=False),
        Column("action", String(), nullable=False),
        Column("object_id", String(), nullable=True),
        Column("fields", Json, nullable=False),
    )
    op.create_index("ix_audit_entry_of_account", "audit_entry", ["account_id", "entry_id"])
    op.create_index("ix_audit_entry_by_age", "audit_entry", ["at"])


def downgrade() -> None:
    op.drop_table("audit_entry")
    op.drop_table("ended_session")
    for name in ("used_time", "expires_time", "replaced_by", "created_by", "is_bootstrap"):
        op.drop_column("api_key", name)
