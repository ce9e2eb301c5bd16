"""Campaigns and their contacts, plans, spending."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Text, text

from storage.types import Json, Serial, UtcDateTime

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: None = None
depends_on: None = None

_EMPTY = text("'{}'")


def upgrade() -> None:
    op.add_column("account", Column("plan", String(), nullable=True))
    op.add_column("account", Column("spend_limit", BigInteger(), nullable=True))
    op.add_column("account", Column("rates", Json, nullable=False, server_default=_EMPTY))
    op.add_column("attempt", Column("cost", BigInteger(), nullable=True))
    _campaign()
    _contact()
    where = text("campaign_id IS NOT NULL")
    op.create_index(
        "ix_call_campaign",
        "call",
        ["campaign_id", "status", "outcome"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("ix_call_campaign", "call")
    op.drop_table("contact")
    op.drop_table("campaign")
    op.drop_column("attempt", "cost")
    for name in ("rates", "spend_limit", "plan"):
        op.drop_column("account", name)


def _campaign() -> None:
    op.create_table(
        "campaign",
        Column("campaign_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("agent_id", String(), ForeignKey("agent.agent_id"), nullable=False),
        Column("pathway_id", String(), nullable=True),
        Column("name", String(), nullable=False),
        Column("status", Text(), nullable=False),
        Column("reason", String(), nullable=True),
        Column("detail", String(), nullable=True),
        Column("priority", Integer(), nullable=False),
        Column("max_concurrent", Integer(), nullable=True),
        Column("calls_per_minute", Integer(), nullable=True),
        Column("timezone", String(), nullable=False),
        Column("not_before", UtcDateTime(), nullable=True),
        Column("call_deadline", UtcDateTime(), nullable=True),
        Column("window_spec", Json, nullable=True),
        Column("defaults_spec", Json, nullable=False),
        Column("breaker_spec", Json, nullable=False),
        Column("spend_limit", BigInteger(), nullable=True),
        Column("source_campaign_id", String(), nullable=True),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("updated_time", UtcDateTime(), nullable=False),
        Column("started_time", UtcDateTime(), nullable=True),
        Column("paused_time", UtcDateTime(), nullable=True),
        Column("completed_time", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_campaign_account_created", "campaign", ["account_id", "created_time"])


def _contact() -> None:
    op.create_table(
        "contact",
        Column("contact_id", Serial, primary_key=True, autoincrement=True),
        Column("campaign_id", String(), ForeignKey("campaign.campaign_id"), nullable=False),
        Column("row_number", Integer(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("endpoint", String(), nullable=True),
        Column("endpoint_kind", Text(), nullable=False),
        Column("client_token", String(), nullable=True),
        Column("timezone", String(), nullable=True),
        Column("context", Json, nullable=False),
        Column("ready_at", UtcDateTime(), nullable=True),
        Column("call_id", String(), nullable=True),
        Column("error_code", String(), nullable=True),
        Column("error_field", String(), nullable=True),
        Column("error", String(), nullable=True),
    )
    op.create_index("ix_contact_campaign", "contact", ["campaign_id", "contact_id"])
    staged = text("state = 'staged'")
    op.create_index(
        "ix_contact_staged",
        "contact",
        ["campaign_id", "ready_at", "contact_id"],
        sqlite_where=staged,
        postgresql_where=staged,
    )
