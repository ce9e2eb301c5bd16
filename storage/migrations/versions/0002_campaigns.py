"""Campaigns and their contacts, plans, spending, and a tally of the calls."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Text, text

from storage.migrations import tally
from storage.tables.types import Json, Serial, UtcDateTime

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: None = None
depends_on: None = None

_EMPTY = text("'{}'")
_SLOT = "waiting_for = 'slot'"
_SLEEPING = "status = 'Queued' AND (waiting_for IS NULL OR waiting_for <> 'slot')"
_PARTIAL_INDEXES = (
    (
        "ix_call_campaign",
        "call",
        ["campaign_id", "status", "outcome"],
        "campaign_id IS NOT NULL",
    ),
    (
        "ix_call_slot_order",
        "call",
        ["account_id", "priority", "queued_at", "call_id"],
        "queued_at IS NOT NULL",
    ),
    ("ix_call_sleeping", "call", ["account_id", "next_attempt_at", "call_id"], _SLEEPING),
    ("ix_attempt_price_due", "attempt", ["price_due_at"], "price_due_at IS NOT NULL"),
    ("ix_call_tally_slot", "call_tally", ["account_id"], _SLOT),
)
_CREATED = text("status = 'Created'")


def upgrade() -> None:
    op.add_column("account", Column("plan", String(), nullable=True))
    op.add_column("account", Column("spend_limit", BigInteger(), nullable=True))
    op.add_column("account", Column("rates", Json, nullable=False, server_default=_EMPTY))
    op.add_column("attempt", Column("cost", BigInteger(), nullable=True))
    op.add_column("attempt", Column("price_due_at", UtcDateTime(), nullable=True))
    op.create_index("ix_attempt_settled", "attempt", ["account_id", "settled_at"])
    _startable()
    _campaign()
    _contact()
    _spending()
    _call_tally()
    for name, table, columns, where in _PARTIAL_INDEXES:
        condition = text(where)
        op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
    tally.create()


def downgrade() -> None:
    tally.drop()
    for name, table, _, _ in reversed(_PARTIAL_INDEXES):
        op.drop_index(name, table)
    for table in ("call_tally", "spending", "contact", "campaign"):
        op.drop_table(table)
    op.drop_index("ix_call_startable", "call")
    op.create_index(
        "ix_call_unstarted",
        "call",
        ["created_time"],
        sqlite_where=_CREATED,
        postgresql_where=_CREATED,
    )
    op.drop_index("ix_attempt_settled", "attempt")
    op.drop_column("attempt", "price_due_at")
    op.drop_column("attempt", "cost")
    for name in ("rates", "spend_limit", "plan"):
        op.drop_column("account", name)


def _startable() -> None:
    """Calls without a decision: those due at once together, the others by the time they are due."""
    op.drop_index("ix_call_unstarted", "call")
    op.create_index(
        "ix_call_startable",
        "call",
        ["next_attempt_at", "priority", "created_time"],
        sqlite_where=_CREATED,
        postgresql_where=_CREATED,
    )


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
        Column("resumed_time", UtcDateTime(), nullable=True),
        Column("completed_time", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_campaign_account_created", "campaign", ["account_id", "created_time"])


def _spending() -> None:
    op.create_table(
        "spending",
        Column("account_id", String(), primary_key=True),
        Column("campaign_id", String(), primary_key=True),
        Column("spent", BigInteger(), nullable=False),
    )


def _call_tally() -> None:
    op.create_table(
        "call_tally",
        Column("account_id", String(), primary_key=True),
        Column("agent_id", String(), primary_key=True),
        Column("campaign_id", String(), primary_key=True),
        Column("priority", Integer(), primary_key=True),
        Column("status", String(), primary_key=True),
        Column("waiting_for", String(), primary_key=True),
        Column("outcome", String(), primary_key=True),
        Column("slot", Integer(), primary_key=True),
        Column("n", Integer(), nullable=False),
    )


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
    op.create_index("ix_contact_state", "contact", ["campaign_id", "state", "contact_id"])
    op.create_index("ix_contact_endpoint", "contact", ["campaign_id", "endpoint"])
    staged = text("state = 'staged'")
    op.create_index(
        "ix_contact_staged",
        "contact",
        ["campaign_id", "ready_at", "contact_id"],
        sqlite_where=staged,
        postgresql_where=staged,
    )
