"""The carrier's lists of numbers, and marks of caller IDs that are not to be shown."""

from alembic import op
from sqlalchemy import Boolean, Column, String

from storage.tables.types import Json, UtcDateTime

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.create_table(
        "number_list",
        Column("holder", String(36), primary_key=True),
        Column("imported_time", UtcDateTime(), nullable=True),
        Column("attempted_time", UtcDateTime(), nullable=False),
        Column("error", String(), nullable=True),
    )
    op.create_table(
        "listed_number",
        Column("holder", String(36), primary_key=True),
        Column("number", String(), primary_key=True),
        Column("kind", String(), nullable=False),
        Column("sid", String(), nullable=False),
        Column("name", String(), nullable=False),
        Column("voice", Boolean(), nullable=True),
        Column("caller_name", String(), nullable=True),
        Column("shaken_stir", String(), nullable=True),
        Column("first_time", UtcDateTime(), nullable=False),
        Column("lost_time", UtcDateTime(), nullable=True),
    )
    op.add_column("agent", Column("caller_id_marks", Json, nullable=True))


def downgrade() -> None:
    op.drop_column("agent", "caller_id_marks")
    op.drop_table("listed_number")
    op.drop_table("number_list")
