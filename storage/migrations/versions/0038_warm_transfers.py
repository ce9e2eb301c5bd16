"""Warm transfers: targets whose leg we dial, and how far such a transfer has come."""

from alembic import op
from sqlalchemy import Boolean, Column, String, false, text

from storage.tables.types import UtcDateTime

revision: str = "0038"
down_revision: str | None = "0037"
branch_labels: None = None
depends_on: None = None

_TEXTS = ("introduction", "hold_text", "hold_music")
_TIMES = ("sending_at", "taken_at", "joined_at", "returned_at")


def upgrade() -> None:
    op.add_column(
        "transfer_target", Column("warm", Boolean(), nullable=False, server_default=false())
    )
    for name in _TEXTS:
        op.add_column("transfer_target", Column(name, String(), nullable=True))
    op.add_column("transfer", Column("is_warm", Boolean(), nullable=False, server_default=false()))
    for name in _TIMES:
        op.add_column("transfer", Column(name, UtcDateTime(), nullable=True))
    condition = text("leg_sid IS NOT NULL")
    # One row a transfer: nobody waits long for it.
    op.create_index(
        "ix_transfer_leg",
        "transfer",
        ["leg_sid"],
        sqlite_where=condition,
        postgresql_where=condition,
    )


def downgrade() -> None:
    op.drop_index("ix_transfer_leg", "transfer")
    for name in reversed(_TIMES):
        op.drop_column("transfer", name)
    op.drop_column("transfer", "is_warm")
    for name in reversed(_TEXTS):
        op.drop_column("transfer_target", name)
    op.drop_column("transfer_target", "warm")
