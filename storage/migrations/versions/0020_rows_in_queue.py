"""Calls that wait for a slot as rows, and by when their workflow is to begin in any case."""

from alembic import op
from sqlalchemy import Column, text

from storage.tables.types import UtcDateTime

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: None = None
depends_on: None = None

_STARTABLE = ["next_attempt_at", "priority", "created_time"]


def upgrade() -> None:
    op.add_column("call", Column("workflow_by", UtcDateTime(), nullable=True))
    op.drop_index("ix_call_startable", "call")
    _index(
        "ix_call_startable",
        _STARTABLE,
        "status = 'Created' AND (waiting_for IS NULL OR waiting_for <> 'slot')",
    )
    _index("ix_call_workflow_by", ["workflow_by"], "status = 'Created' AND waiting_for = 'slot'")


def downgrade() -> None:
    op.drop_index("ix_call_workflow_by", "call")
    op.drop_index("ix_call_startable", "call")
    op.drop_column("call", "workflow_by")
    _index("ix_call_startable", _STARTABLE, "status = 'Created'")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "call", columns, sqlite_where=text(where), postgresql_where=text(where))
