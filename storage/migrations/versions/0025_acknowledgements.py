"""What an account has acknowledged, and what kind of business it is."""

from alembic import op
from sqlalchemy import Column, Text

from storage.tables.types import Json

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("account", Column("acknowledgements", Json, nullable=False, server_default="[]"))
    op.add_column("account", Column("sector", Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "sector")
    op.drop_column("account", "acknowledgements")
