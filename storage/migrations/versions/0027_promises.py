"""Promises: who asked to be called at another time, and what became of it."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Integer, String, Text, text

from storage.tables.types import UtcDateTime

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.create_table(
        "promise",
        Column("promise_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("call_id", String(), ForeignKey("call.call_id"), nullable=False),
        Column("made_in_call_id", String(), nullable=True),
        Column("attempt_number", Integer(), nullable=False),
        Column("promised_at", UtcDateTime(), nullable=False),
        Column("assumed_zone", String(), nullable=True),
        Column("due_at", UtcDateTime(), nullable=False),
        Column("reason", String(), nullable=True),
        Column("source", Text(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("former_priority", Integer(), nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("dialed_at", UtcDateTime(), nullable=True),
        Column("settled_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_promise_account", "promise", ["account_id", "created_time", "promise_id"])
    op.create_index("ix_promise_call", "promise", ["call_id"])
    op.create_index("ix_promise_settled", "promise", ["settled_at", "account_id"])
    is_open = text("state = 'open'")
    op.create_index(
        "ix_promise_open",
        "promise",
        ["account_id", "due_at"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    op.drop_table("promise")
