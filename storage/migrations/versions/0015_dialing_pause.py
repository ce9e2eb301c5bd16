"""That the carrier refuses an account's requests, and when one call tries again."""

from alembic import op
from sqlalchemy import Column, Integer, String

from storage.tables.types import UtcDateTime

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: None = None
depends_on: None = None

_NULLABLE = {
    "paused_since": UtcDateTime,
    "pause_cause": String,
    "probe_at": UtcDateTime,
    "probe_call_id": String,
}


def upgrade() -> None:
    for name, kind in _NULLABLE.items():
        op.add_column("account", Column(name, kind(), nullable=True))
    op.add_column("account", Column("vain_probes", Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for name in ("vain_probes", *_NULLABLE):
        op.drop_column("account", name)
