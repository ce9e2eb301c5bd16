"""People with several numbers: of calls and contacts, and entries that are of the whole person."""

from alembic import op
from sqlalchemy import Boolean, Column, ForeignKey, String, false

from storage.tables.types import Json

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("call", Column("numbers_spec", Json, nullable=True))
    op.add_column("contact", Column("numbers_spec", Json, nullable=True))
    op.add_column(
        "suppression", Column("of_person", Boolean(), nullable=False, server_default=false())
    )
    op.create_table(
        "call_number",
        Column("call_id", String(36), ForeignKey("call.call_id"), primary_key=True),
        Column("person_key", String(), primary_key=True),
        Column("account_id", String(), nullable=False),
    )
    op.create_index("ix_call_number_person", "call_number", ["person_key", "account_id"])


def downgrade() -> None:
    op.drop_table("call_number")
    op.drop_column("suppression", "of_person")
    op.drop_column("contact", "numbers_spec")
    op.drop_column("call", "numbers_spec")
