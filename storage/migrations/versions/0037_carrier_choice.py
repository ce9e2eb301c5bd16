"""Which account at the carrier dials from all other numbers, and which are disabled."""

from alembic import op
from sqlalchemy import Boolean, Column, false, text

from storage.tables.types import UtcDateTime

revision: str = "0037"
down_revision: str | None = "0036"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column(
        "carrier_account",
        Column("is_default", Boolean(), nullable=False, server_default=false()),
    )
    op.add_column("carrier_account", Column("disabled_time", UtcDateTime(), nullable=True))
    # Few rows: nobody waits for it.
    op.create_index(
        "uq_carrier_account_default",
        "carrier_account",
        ["account_id"],
        unique=True,
        sqlite_where=text("is_default"),
        postgresql_where=text("is_default"),
    )


def downgrade() -> None:
    op.drop_index("uq_carrier_account_default", "carrier_account")
    op.drop_column("carrier_account", "disabled_time")
    op.drop_column("carrier_account", "is_default")
