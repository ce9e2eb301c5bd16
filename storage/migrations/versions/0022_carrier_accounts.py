"""Accounts at the carrier besides the installation's own, and which of them an attempt is at."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Integer, String

from storage.tables.types import Json, UtcDateTime

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.create_table(
        "carrier_account",
        Column("carrier_account_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("name", String(), nullable=False),
        Column("account_sid", String(), nullable=False),
        Column("region", String(), nullable=True),
        Column("edge", String(), nullable=True),
        Column("caller_ids", Json, nullable=False),
        Column("sealed_token", String(), nullable=True),
        Column("sealed_former", String(), nullable=True),
        Column("former_ends_at", UtcDateTime(), nullable=True),
        Column("token_time", UtcDateTime(), nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("updated_time", UtcDateTime(), nullable=False),
        Column("removed_time", UtcDateTime(), nullable=True),
    )
    for name in ("account_id", "account_sid"):
        op.create_index(f"ix_carrier_account_{name}", "carrier_account", [name])
    op.add_column(
        "account", Column("carriers_version", Integer(), nullable=False, server_default="0")
    )
    op.add_column("attempt", Column("carrier_account_id", String(), nullable=True))


def downgrade() -> None:
    op.drop_column("attempt", "carrier_account_id")
    op.drop_column("account", "carriers_version")
    op.drop_table("carrier_account")
