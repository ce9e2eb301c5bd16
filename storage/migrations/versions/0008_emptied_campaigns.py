"""Campaigns whose contacts were emptied at the end of their retention."""

from alembic import op
from sqlalchemy import Boolean, Column, text, true

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: None = None
depends_on: None = None

_KEPT = text("kept AND completed_time IS NOT NULL")


def upgrade() -> None:
    op.add_column("campaign", Column("kept", Boolean(), nullable=False, server_default=true()))
    op.create_index(
        "ix_campaign_kept",
        "campaign",
        ["completed_time"],
        sqlite_where=_KEPT,
        postgresql_where=_KEPT,
    )


def downgrade() -> None:
    op.drop_index("ix_campaign_kept", "campaign")
    op.drop_column("campaign", "kept")
