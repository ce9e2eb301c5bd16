"""What follows the calls of a campaign, and the texts among it."""

from alembic import op
from sqlalchemy import Column, ForeignKey, String, text

from storage.tables.types import Json, UtcDateTime

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("campaign", Column("steps_spec", Json, nullable=True))
    op.create_table(
        "follow_up",
        Column("follow_up_id", String(36), primary_key=True),
        *_whose(),
        Column("step", String(), nullable=False),
        Column("state", String(), nullable=False),
        Column("due_at", UtcDateTime(), nullable=True),
        Column("text_id", String(), nullable=True),
        Column("updated_time", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_follow_up_state", "follow_up", ["campaign_id", "state", "due_at"])
    op.create_index("ix_follow_up_call", "follow_up", ["call_id"])
    op.create_table(
        "outgoing_text",
        Column("text_id", String(36), primary_key=True),
        *_whose(),
        Column("step", String(), nullable=False),
        Column("state", String(), nullable=False),
        Column("due_at", UtcDateTime(), nullable=False),
        Column("reason", String(), nullable=True),
        Column("sid", String(), nullable=True),
        Column("sent_at", UtcDateTime(), nullable=True),
    )
    due = text("state = 'due' OR state = 'sending'")
    op.create_index(
        "ix_outgoing_text_due",
        "outgoing_text",
        ["due_at"],
        sqlite_where=due,
        postgresql_where=due,
    )


def _whose() -> tuple[Column[str], ...]:
    return (
        Column("account_id", String(), nullable=False),
        Column("campaign_id", String(), ForeignKey("campaign.campaign_id"), nullable=False),
        Column("call_id", String(), ForeignKey("call.call_id"), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("outgoing_text")
    op.drop_table("follow_up")
    op.drop_column("campaign", "steps_spec")
