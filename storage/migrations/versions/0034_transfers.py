"""Transfers: whom callees may be put through to, and what became of it."""

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
    false,
    text,
)

from storage.tables.types import Json, UtcDateTime

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column(
        "pathway", Column("hands_over", Boolean(), nullable=False, server_default=false())
    )
    op.add_column("attempt", Column("transfer_cost", BigInteger(), nullable=True))
    _add_targets()
    _add_transfers()


def _add_targets() -> None:
    op.create_table(
        "transfer_target",
        Column("target_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("name", String(), nullable=False),
        Column("endpoint", String(), nullable=False),
        Column("endpoint_kind", Text(), nullable=False),
        Column("timezone", String(), nullable=False),
        Column("hours_spec", Json, nullable=True),
        Column("ring_seconds", Integer(), nullable=False),
        Column("whisper", String(), nullable=True),
        Column("needs_key", Boolean(), nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("updated_time", UtcDateTime(), nullable=False),
        Column("deleted_time", UtcDateTime(), nullable=True),
    )
    _partial_index(
        "ix_transfer_target_name",
        "transfer_target",
        ["account_id", "name"],
        "deleted_time IS NULL",
    )


def _add_transfers() -> None:
    op.create_table(
        "transfer",
        Column("transfer_id", String(36), primary_key=True),
        Column("account_id", String(), nullable=False),
        Column("call_id", String(), ForeignKey("call.call_id"), nullable=False),
        Column("campaign_id", String(), nullable=True),
        Column("attempt_id", String(), ForeignKey("attempt.attempt_id"), nullable=False),
        Column("attempt_number", Integer(), nullable=False),
        Column("place", String(), nullable=False),
        Column("node", String(), nullable=False),
        Column("target_name", String(), nullable=False),
        Column("target_id", String(), nullable=True),
        Column("source", Text(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("reason", Text(), nullable=True),
        Column("was_asked", Boolean(), nullable=False),
        Column("abandoned", Boolean(), nullable=True),
        Column("was_prompt", Boolean(), nullable=True),
        Column("jurisdiction", String(), nullable=True),
        Column("whisper", String(), nullable=True),
        Column("leg_sid", String(), nullable=True),
        Column("duration_seconds", Integer(), nullable=True),
        Column("cost", BigInteger(), nullable=True),
        Column("asked_at", UtcDateTime(), nullable=False),
        Column("waiting_since", UtcDateTime(), nullable=True),
        Column("answered_at", UtcDateTime(), nullable=True),
        Column("connected_at", UtcDateTime(), nullable=True),
        Column("ended_at", UtcDateTime(), nullable=True),
        UniqueConstraint("attempt_id", "place"),
    )
    op.create_index("ix_transfer_call", "transfer", ["call_id"])
    op.create_index("ix_transfer_account", "transfer", ["account_id", "asked_at"])
    _partial_index(
        "ix_transfer_unasked",
        "transfer",
        ["campaign_id", "asked_at"],
        "abandoned IS NOT NULL AND campaign_id IS NOT NULL",
    )
    _partial_index(
        "ix_transfer_open",
        "transfer",
        ["asked_at"],
        "state = 'asked' OR state = 'dialing' OR state = 'connected'",
    )


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    condition = text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    op.drop_table("transfer")
    op.drop_table("transfer_target")
    op.drop_column("attempt", "transfer_cost")
    op.drop_column("pathway", "hands_over")
