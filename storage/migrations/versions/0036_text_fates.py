"""What texts cost, and what the carrier tells of them after it took them."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String

revision: str = "0036"
down_revision: str | None = "0035"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("outgoing_text", Column("cost", BigInteger(), nullable=True))
    op.add_column("outgoing_text", Column("delivery", String(), nullable=True))
    op.add_column("outgoing_text", Column("error_code", Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("outgoing_text", "error_code")
    op.drop_column("outgoing_text", "delivery")
    op.drop_column("outgoing_text", "cost")
