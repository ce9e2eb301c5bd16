"""Reminders of appointments, and recordings that are to be removed at the carrier."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Integer, String, text

from storage.tables.types import Json, UtcDateTime

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: None = None
depends_on: None = None

_IN_SEQUENCE = text("sequence_id IS NOT NULL")


def upgrade() -> None:
    _sequence()
    op.create_table(
        "recording_removal",
        Column("carrier_sid", String(), primary_key=True),
        Column("due_at", UtcDateTime(), nullable=False),
        Column("tries", Integer(), nullable=False),
    )
    op.create_index("ix_recording_removal_due", "recording_removal", ["due_at"])


def downgrade() -> None:
    op.drop_table("recording_removal")
    op.drop_index("ix_call_sequence", "call")
    op.drop_column("call", "remind_before")
    op.drop_column("call", "sequence_id")
    op.drop_table("call_sequence")


def _sequence() -> None:
    op.create_table(
        "call_sequence",
        Column("sequence_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("appointment_at", UtcDateTime(), nullable=False),
        Column("remind", Json, nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("updated_time", UtcDateTime(), nullable=False),
    )
    op.add_column("call", Column("sequence_id", String(), nullable=True))
    op.add_column("call", Column("remind_before", String(), nullable=True))
    op.create_index(
        "ix_call_sequence",
        "call",
        ["sequence_id"],
        sqlite_where=_IN_SEQUENCE,
        postgresql_where=_IN_SEQUENCE,
    )
