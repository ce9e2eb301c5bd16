"""Where an agent's customer is asked for the last word before a dial, and what was answered."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Integer, String, Text

from storage.tables.types import Json, UtcDateTime

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("agent", Column("last_word_spec", Json, nullable=True))
    op.add_column("agent", Column("last_word_secret", String(), nullable=True))
    op.create_table(
        "last_word",
        Column("call_id", String(36), ForeignKey("call.call_id"), primary_key=True),
        Column("ordinal", Integer(), primary_key=True, autoincrement=False),
        Column("attempt_number", Integer(), nullable=False),
        Column("request_id", String(), nullable=False),
        Column("asked_at", UtcDateTime(), nullable=False),
        Column("tries", Integer(), nullable=False),
        Column("answered_at", UtcDateTime(), nullable=True),
        Column("milliseconds", Integer(), nullable=True),
        Column("verdict", Text(), nullable=True),
        Column("reason", String(), nullable=False),
        Column("until", UtcDateTime(), nullable=True),
        Column("changed", Json, nullable=False),
        Column("error", String(), nullable=True),
    )


def downgrade() -> None:
    op.drop_table("last_word")
    op.drop_column("agent", "last_word_secret")
    op.drop_column("agent", "last_word_spec")
