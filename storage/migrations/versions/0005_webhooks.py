"""Webhooks and their deliveries."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)

from storage.tables.types import Json, Serial, UtcDateTime

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: None = None
depends_on: None = None

_PENDING = text("state = 'pending'")


def upgrade() -> None:
    _webhook()
    _delivery()


def downgrade() -> None:
    op.drop_table("delivery")
    op.drop_table("webhook")


def _webhook() -> None:
    op.create_table(
        "webhook",
        Column("webhook_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("url", String(), nullable=False),
        Column("description", String(), nullable=False),
        Column("event_types", Json, nullable=False),
        Column("agent_id", String(), nullable=True),
        Column("campaign_id", String(), nullable=True),
        Column("headers", Json, nullable=False),
        Column("mask_numbers", Boolean(), nullable=False),
        Column("secret", String(), nullable=False),
        Column("previous_secret", String(), nullable=True),
        Column("previous_until", UtcDateTime(), nullable=True),
        Column("is_enabled", Boolean(), nullable=False),
        Column("disabled_reason", String(), nullable=True),
        Column("failing_since", UtcDateTime(), nullable=True),
        Column("place_tx", BigInteger(), nullable=False),
        Column("place_event_id", BigInteger(), nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("updated_time", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_webhook_account", "webhook", ["account_id", "created_time"])


def _delivery() -> None:
    op.create_table(
        "delivery",
        Column("delivery_id", Serial, primary_key=True),
        Column("webhook_id", String(36), ForeignKey("webhook.webhook_id"), nullable=False),
        Column("event_id", Serial, ForeignKey("event.event_id"), nullable=False),
        Column("stream", String(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("next_at", UtcDateTime(), nullable=False),
        Column("failures", Integer(), nullable=False),
        Column("tries", Json, nullable=False),
        Column("answer", String(), nullable=True),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("done_time", UtcDateTime(), nullable=True),
        UniqueConstraint("webhook_id", "event_id"),
    )
    for name, columns in (
        ("ix_delivery_due", ["webhook_id", "next_at"]),
        ("ix_delivery_stream", ["webhook_id", "stream", "event_id"]),
    ):
        op.create_index(name, "delivery", columns, sqlite_where=_PENDING, postgresql_where=_PENDING)
    op.create_index("ix_delivery_created", "delivery", ["created_time"])
