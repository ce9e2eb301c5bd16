"""Who works in an account: members, and the provider by which they may sign in."""

from alembic import op
from sqlalchemy import Boolean, Column, ForeignKey, String, UniqueConstraint

from storage.tables.types import UtcDateTime

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.create_table(
        "member",
        Column("member_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("email", String(), nullable=False),
        Column("name", String(), nullable=False),
        Column("role", String(), nullable=False),
        Column("password_hash", String(), nullable=True),
        Column("password_time", UtcDateTime(), nullable=True),
        Column("issuer", String(), nullable=True),
        Column("subject", String(), nullable=True),
        Column("link_sha256", String(64), nullable=True, unique=True),
        Column("link_ends_at", UtcDateTime(), nullable=True),
        Column("created_by", String(), nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("joined_time", UtcDateTime(), nullable=True),
        Column("disabled_time", UtcDateTime(), nullable=True),
        UniqueConstraint("account_id", "email", name="uq_member_email"),
        UniqueConstraint("account_id", "issuer", "subject", name="uq_member_subject"),
    )
    op.create_index("ix_member_email", "member", ["email"])
    op.create_table(
        "single_sign_on",
        Column("account_id", String(), ForeignKey("account.account_id"), primary_key=True),
        Column("sign_on_id", String(36), nullable=False, unique=True),
        Column("issuer", String(), nullable=False),
        Column("client_id", String(), nullable=False),
        Column("sealed_secret", String(), nullable=True),
        Column("domain", String(), nullable=True),
        Column("domain_role", String(), nullable=False),
        Column("is_required", Boolean(), nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("updated_time", UtcDateTime(), nullable=False),
    )
    op.add_column("api_key", Column("member_id", String(36), nullable=True))
    op.create_index("ix_api_key_member_id", "api_key", ["member_id"], unique=True)


def downgrade() -> None:
    # Keys that no text opens, and that nobody could tell from others any more.
    op.execute("DELETE FROM api_key WHERE member_id IS NOT NULL")
    op.drop_index("ix_api_key_member_id", "api_key")
    op.drop_column("api_key", "member_id")
    op.drop_table("single_sign_on")
    op.drop_table("member")
