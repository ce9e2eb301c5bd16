"""The queue's index has the calls of a class by their deadlines."""

from alembic import op
from sqlalchemy import text

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: None = None
depends_on: None = None

_NAME = "ix_call_slot_queue"
_CLASS = ["account_id", "agent_id", "campaign_id", "priority"]


def upgrade() -> None:
    _replace([*_CLASS, "call_deadline", "queued_at"])


def downgrade() -> None:
    _replace([*_CLASS, "queued_at"])


def _replace(columns: list[str]) -> None:
    where = text("waiting_for = 'slot'")
    op.drop_index(_NAME, "call")
    op.create_index(_NAME, "call", columns, sqlite_where=where, postgresql_where=where)
