"""Ways of calling that a campaign tries beside each other, and which calls were made by which."""

from alembic import op
from sqlalchemy import Column, ForeignKey, String

from storage.tables.types import Json

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("campaign", Column("split_spec", Json, nullable=True))
    op.add_column("campaign", Column("split_learned", Json, nullable=True))
    op.create_table(
        "call_variant",
        Column("call_id", String(), ForeignKey("call.call_id"), primary_key=True),
        Column("campaign_id", String(), nullable=False),
        Column("variant", String(), nullable=False),
    )
    op.create_index("ix_call_variant_campaign", "call_variant", ["campaign_id", "call_id"])


def downgrade() -> None:
    op.drop_table("call_variant")
    op.drop_column("campaign", "split_learned")
    op.drop_column("campaign", "split_spec")
