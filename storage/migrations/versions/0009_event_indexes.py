"""Events by time and by campaign, found without reading all of an account's."""

from alembic import op
from sqlalchemy import text

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: None = None
depends_on: None = None

_PARTIAL = {
    "ix_event_campaign": (["campaign_id", "tx", "event_id"], "campaign_id IS NOT NULL"),
    "ix_event_of_campaign": (
        ["campaign_id", "sequence"],
        "call_id IS NULL AND campaign_id IS NOT NULL",
    ),
}


def upgrade() -> None:
    op.create_index("ix_event_time", "event", ["account_id", "at"])
    for name, (columns, condition) in _PARTIAL.items():
        where = text(condition)
        op.create_index(name, "event", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name in (*_PARTIAL, "ix_event_time"):
        op.drop_index(name, "event")
