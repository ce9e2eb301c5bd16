"""An event counts itself: the number of a call's last one is written with it, in one statement.

Of the first one the call was made with its number.
"""

from alembic import op
from sqlalchemy import text

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: None = None
depends_on: None = None

_NAME = "event_count"
_COUNT = "UPDATE call SET event_sequence = NEW.sequence WHERE call_id = NEW.call_id;"
_LATER = "WHEN (NEW.call_id IS NOT NULL AND NEW.sequence > 1)"
_SQLITE = (f"CREATE TRIGGER {_NAME} AFTER INSERT ON event {_LATER} BEGIN {_COUNT} END",)
_POSTGRESQL = (
    f"CREATE FUNCTION {_NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ "
    f"BEGIN {_COUNT} RETURN NULL; END $$",
    f"CREATE TRIGGER {_NAME} AFTER INSERT ON event FOR EACH ROW {_LATER} "
    f"EXECUTE FUNCTION {_NAME}()",
)


def upgrade() -> None:
    for statement in _SQLITE if _is_sqlite() else _POSTGRESQL:
        op.execute(text(statement))


def downgrade() -> None:
    op.execute(f"DROP TRIGGER {_NAME}" + ("" if _is_sqlite() else " ON event"))
    if not _is_sqlite():
        op.execute(f"DROP FUNCTION {_NAME}")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
