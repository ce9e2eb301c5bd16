"""What campaigns are to reach, and counters that say how far they are."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Integer, String, text

from storage.tables.types import Json

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("campaign", Column("goal_spec", Json, nullable=True))
    op.add_column("campaign", Column("goal_closed", Json, nullable=True))
    op.create_table(
        "goal_quota",
        Column("campaign_id", String(), ForeignKey("campaign.campaign_id"), primary_key=True),
        Column("segment", String(), primary_key=True),
        Column("variable", String(), nullable=False),
        Column("outcomes", String(), nullable=False),
        Column("n", Integer(), nullable=False, server_default="0"),
    )
    for statement in _SQLITE if _is_sqlite() else _POSTGRESQL:
        op.execute(text(statement))


def downgrade() -> None:
    op.execute("DROP TRIGGER call_goal_quota" + ("" if _is_sqlite() else " ON call"))
    if not _is_sqlite():
        op.execute("DROP FUNCTION call_goal_quota")
    op.drop_table("goal_quota")
    op.drop_column("campaign", "goal_closed")
    op.drop_column("campaign", "goal_spec")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


# A call counts where its outcome is one that the goal asks for, in the transaction that ends it.
_WHEN = "NEW.campaign_id IS NOT NULL AND OLD.outcome IS {differs} NEW.outcome"


def _count(is_in: str, value: str) -> str:
    new, old = is_in.format(row="NEW"), is_in.format(row="OLD")
    return (
        f"UPDATE goal_quota SET n = n + (CASE WHEN {new} THEN 1 ELSE -1 END) "
        f"WHERE campaign_id = NEW.campaign_id AND ({new}) <> ({old}) "
        f"AND (variable = '' OR segment = {value});"
    )


_SQLITE_PATH = """'$."' || variable || '"'"""
_SQLITE = (
    "CREATE TRIGGER call_goal_quota AFTER UPDATE OF outcome ON call "
    f"WHEN {_WHEN.format(differs='NOT')} BEGIN "
    + _count(
        "instr(outcomes, ',' || coalesce({row}.outcome, '') || ',') > 0",
        # SQLite reads a JSON boolean as 1 or 0, but calls its type by its name.
        f"CASE WHEN json_type(NEW.context, {_SQLITE_PATH}) IN ('true', 'false') "
        f"THEN json_type(NEW.context, {_SQLITE_PATH}) "
        f"ELSE CAST(json_extract(NEW.context, {_SQLITE_PATH}) AS TEXT) END",
    )
    + " END",
)
_POSTGRESQL = (
    "CREATE FUNCTION call_goal_quota() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    + _count(
        "position(',' || coalesce({row}.outcome, '') || ',' in outcomes) > 0",
        "NEW.context ->> variable",
    )
    + " RETURN NULL; END $$",
    "CREATE TRIGGER call_goal_quota AFTER UPDATE OF outcome ON call FOR EACH ROW "
    f"WHEN ({_WHEN.format(differs='DISTINCT FROM')}) EXECUTE FUNCTION call_goal_quota()",
)
