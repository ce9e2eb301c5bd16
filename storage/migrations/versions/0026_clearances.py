"""What must be known of a number when it is dialed, what was answered, and what that cost."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text, text

from storage.tables.types import Json, Serial, UtcDateTime

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: None = None
depends_on: None = None

_DUE = text("due_at IS NOT NULL")
_OF_CAMPAIGN = text("campaign_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("agent", Column("clearance_spec", Json, nullable=True))
    op.create_table(
        "checked_number",
        Column("account_id", String(), primary_key=True),
        Column("endpoint", String(), primary_key=True),
        Column("number_check", Text(), nullable=False),
        Column("question", String(64), primary_key=True),
        Column("parameter", String(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("due_at", UtcDateTime(), nullable=True),
        Column("tries", Integer(), nullable=False),
        Column("call_id", String(), nullable=True),
        Column("campaign_id", String(), nullable=True),
        Column("caller_id", String(), nullable=False),
        Column("answered_at", UtcDateTime(), nullable=True),
        Column("answer", String(), nullable=True),
        Column("carrier", String(), nullable=False),
        Column("error", String(), nullable=True),
    )
    op.create_index(
        "ix_checked_number_due",
        "checked_number",
        ["due_at"],
        sqlite_where=_DUE,
        postgresql_where=_DUE,
    )
    op.create_table(
        "check_request",
        Column("request_id", Serial, primary_key=True, autoincrement=True),
        Column("account_id", String(), nullable=False),
        Column("endpoint", String(), nullable=False),
        Column("number_check", Text(), nullable=False),
        Column("parameter", String(), nullable=False),
        Column("call_id", String(), nullable=True),
        Column("campaign_id", String(), nullable=True),
        Column("carrier_account_id", String(), nullable=True),
        Column("asked_at", UtcDateTime(), nullable=False),
        Column("ended_at", UtcDateTime(), nullable=True),
        Column("answer", String(), nullable=True),
        Column("carrier", String(), nullable=False),
        Column("error", String(), nullable=True),
        Column("cost", BigInteger(), nullable=False),
    )
    op.create_index("ix_check_request_number", "check_request", ["account_id", "endpoint"])
    op.create_index("ix_check_request_call", "check_request", ["call_id"])
    op.create_index(
        "ix_check_request_campaign",
        "check_request",
        ["campaign_id"],
        sqlite_where=_OF_CAMPAIGN,
        postgresql_where=_OF_CAMPAIGN,
    )


def downgrade() -> None:
    op.drop_table("check_request")
    op.drop_table("checked_number")
    op.drop_column("agent", "clearance_spec")
