"""The triggers that keep `call_tally`, as migration 0002 makes them.

On PostgreSQL each connection counts in rows of its own (`slot`): a row that all shared would make
every change of a status wait for every other, and two at once might wait for each other.
"""

from alembic import op
from sqlalchemy import text

_KEY = "account_id, agent_id, campaign_id, priority, status, waiting_for, outcome"


def _kind(row: str) -> str:
    return (
        f"{row}.account_id, {row}.agent_id, coalesce({row}.campaign_id, ''), {row}.priority, "
        f"{row}.status, coalesce({row}.waiting_for, ''), coalesce({row}.outcome, '')"
    )


_CHANGING = ("agent_id", "campaign_id", "priority", "status", "waiting_for", "outcome")
_WATCHED = ", ".join(_CHANGING)


def create() -> None:
    op.execute(
        f"INSERT INTO call_tally ({_KEY}, slot, n) "
        f"SELECT {_kind('call')}, 0, count(*) FROM call GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )
    for statement in _SQLITE if _is_sqlite() else _POSTGRESQL:
        op.execute(text(statement))


def drop() -> None:
    for event in ("insert", "update", "delete"):
        name = f"call_tally_{event}"
        op.execute(f"DROP TRIGGER {name}" + ("" if _is_sqlite() else " ON call"))
        if not _is_sqlite():
            op.execute(f"DROP FUNCTION {name}")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _sqlite_add(row: str) -> str:
    return (
        f"INSERT INTO call_tally ({_KEY}, slot, n) VALUES ({_kind(row)}, 0, 1) "
        "ON CONFLICT DO UPDATE SET n = n + 1;"
    )


_SQLITE_TAKE = f"UPDATE call_tally SET n = n - 1 WHERE ({_KEY}, slot) = ({_kind('OLD')}, 0);"
_SQLITE_CHANGED = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _CHANGING)
_SQLITE = (
    f"CREATE TRIGGER call_tally_insert AFTER INSERT ON call BEGIN {_sqlite_add('NEW')} END",
    f"CREATE TRIGGER call_tally_update AFTER UPDATE OF {_WATCHED} ON call "
    f"WHEN {_SQLITE_CHANGED} BEGIN {_SQLITE_TAKE} {_sqlite_add('NEW')} END",
    f"CREATE TRIGGER call_tally_delete AFTER DELETE ON call BEGIN {_SQLITE_TAKE} END",
)


def _postgresql_function(event: str, body: str) -> str:
    return (
        f"CREATE FUNCTION call_tally_{event}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {body} RETURN NULL; END $$"
    )


_POSTGRESQL_UPSERT = f"ON CONFLICT ({_KEY}, slot) DO UPDATE SET n = call_tally.n + excluded.n;"


def _postgresql_add(row: str, number: str) -> str:
    return (
        f"INSERT INTO call_tally ({_KEY}, slot, n) "
        f"VALUES ({_kind(row)}, pg_backend_pid(), {number}) {_POSTGRESQL_UPSERT}"
    )


def _postgresql_add_all(rows: str, number: str) -> str:
    """Of a whole statement at once, in the order of the key."""
    return (
        f"INSERT INTO call_tally ({_KEY}, slot, n) "
        f"SELECT {_kind(rows)}, pg_backend_pid(), {number} FROM {rows} "
        f"GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7 {_POSTGRESQL_UPSERT}"
    )


_POSTGRESQL_CHANGED = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _CHANGING)
_POSTGRESQL = (
    _postgresql_function("insert", _postgresql_add_all("added", "count(*)")),
    "CREATE TRIGGER call_tally_insert AFTER INSERT ON call REFERENCING NEW TABLE AS added "
    "FOR EACH STATEMENT EXECUTE FUNCTION call_tally_insert()",
    _postgresql_function("update", _postgresql_add("OLD", "-1") + _postgresql_add("NEW", "1")),
    f"CREATE TRIGGER call_tally_update AFTER UPDATE OF {_WATCHED} ON call FOR EACH ROW "
    f"WHEN ({_POSTGRESQL_CHANGED}) EXECUTE FUNCTION call_tally_update()",
    _postgresql_function("delete", _postgresql_add_all("gone", "-count(*)")),
    "CREATE TRIGGER call_tally_delete AFTER DELETE ON call REFERENCING OLD TABLE AS gone "
    "FOR EACH STATEMENT EXECUTE FUNCTION call_tally_delete()",
)
