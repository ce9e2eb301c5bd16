"""The SIP response that ended a leg."""

from alembic import op
from sqlalchemy import Column, Integer

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("attempt", Column("sip_code", Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("attempt", "sip_code")
