"""Contacts by all their numbers, which step made a call, transfers that count towards goals, and
answers about numbers by their age."""

from alembic import op
from sqlalchemy import Column, Integer, String, text

from storage.tables.types import Serial

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: None = None
depends_on: None = None

_SUMS = ("quarter_sums", "day_sums")


def upgrade() -> None:
    op.add_column("follow_up", Column("call_step", String(), nullable=True))
    op.add_column("follow_up", Column("promised_call_id", String(), nullable=True))
    op.execute("UPDATE follow_up SET call_step = step WHERE state = 'calling'")
    for table in _SUMS:
        op.add_column(table, Column("transferred", Integer(), nullable=True))
    op.create_table(
        "contact_number",
        Column("contact_id", Serial, primary_key=True, autoincrement=False),
        Column("endpoint", String(), primary_key=True),
        Column("campaign_id", String(), nullable=False),
    )
    op.create_index("ix_contact_number_endpoint", "contact_number", ["campaign_id", "endpoint"])
    idle = text("due_at IS NULL")
    op.create_index(
        "ix_checked_number_kept",
        "checked_number",
        ["answered_at"],
        sqlite_where=idle,
        postgresql_where=idle,
    )
    for statement in _SQLITE if _is_sqlite() else _POSTGRESQL:
        op.execute(text(statement))


def downgrade() -> None:
    for statement in _SQLITE_BACK if _is_sqlite() else _POSTGRESQL_BACK:
        op.execute(text(statement))
    op.drop_index("ix_checked_number_kept", "checked_number")
    op.drop_table("contact_number")
    for table in _SUMS:
        op.drop_column(table, "transferred")
    op.drop_column("follow_up", "promised_call_id")
    op.drop_column("follow_up", "call_step")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


# Whoever writes a contact, also the version before, has its numbers noted. On SQLite nothing here
# can fail: else each statement on a contact would keep a journal of its own.
_TABLE = "contact_number (contact_id, endpoint, campaign_id)"
_SQLITE_NUMBERS = (
    f"INSERT OR IGNORE INTO {_TABLE} "
    "SELECT {row}.contact_id, json_extract(one.value, '$.endpoint'), {row}.campaign_id "
    "FROM json_each({row}.numbers_spec) AS one WHERE one.type = 'object'"
)
_POSTGRESQL_NUMBERS = (
    f"INSERT INTO {_TABLE} "
    "SELECT {row}.contact_id, one ->> 'endpoint', {row}.campaign_id "
    "FROM jsonb_array_elements({row}.numbers_spec) AS one ON CONFLICT DO NOTHING"
)
_FORGET = "DELETE FROM contact_number WHERE contact_id = OLD.contact_id;"
_SQLITE_LISTS = "json_type({row}.numbers_spec) = 'array'"
_POSTGRESQL_LISTS = "jsonb_typeof({row}.numbers_spec) = 'array'"

# A call counts once: where its outcome is one that the goal asks for, or where somebody whom the
# goal names was connected with its callee; in the transaction in which that comes to be so.
_ENDED_SO = "{position}(outcomes, ',' || coalesce({row}.outcome, '') || ',') > 0"
_PUT_THROUGH = (
    "({position}(outcomes, ',transferred:') > 0 AND EXISTS (SELECT 1 FROM transfer AS other "
    "WHERE other.call_id = NEW.call_id AND other.connected_at IS NOT NULL AND {besides} AND "
    "({position}(outcomes, ',transferred:*,') > 0 "
    "OR {position}(outcomes, ',transferred:' || other.target_name || ',') > 0)))"
)
_SQLITE_PATH = """'$."' || variable || '"'"""
# SQLite reads a JSON boolean as 1 or 0, but calls its type by its name.
_SQLITE_VALUE = (
    f"CASE WHEN json_type({{row}}.context, {_SQLITE_PATH}) IN ('true', 'false') "
    f"THEN json_type({{row}}.context, {_SQLITE_PATH}) "
    f"ELSE CAST(json_extract({{row}}.context, {_SQLITE_PATH}) AS TEXT) END"
)
_POSTGRESQL_VALUE = "{row}.context ->> variable"


def _count_end(position: str, value: str, *, with_transfers: bool = True) -> str:
    through = _PUT_THROUGH.format(position=position, besides="true") if with_transfers else "false"
    new, old = (_ENDED_SO.format(position=position, row=row) for row in ("NEW", "OLD"))
    return (
        f"UPDATE goal_quota SET n = n + (CASE WHEN {new} THEN 1 ELSE -1 END) "
        f"WHERE campaign_id = NEW.campaign_id AND ({new}) <> ({old}) AND NOT {through} "
        f"AND (variable = '' OR segment = {value.format(row='NEW')});"
    )


def _count_transfer(position: str, value: str) -> str:
    before = _PUT_THROUGH.format(position=position, besides="other.transfer_id <> NEW.transfer_id")
    ended = _ENDED_SO.format(position=position, row="call")
    found = value.format(row="call")
    return (
        "UPDATE goal_quota SET n = n + 1 WHERE campaign_id = NEW.campaign_id "
        f"AND ({position}(outcomes, ',transferred:*,') > 0 "
        f"OR {position}(outcomes, ',transferred:' || NEW.target_name || ',') > 0) "
        f"AND NOT {before} AND EXISTS (SELECT 1 FROM call WHERE call.call_id = NEW.call_id "
        f"AND NOT ({ended}) AND (variable = '' OR segment = {found}));"
    )


_OF_CAMPAIGN = "NEW.campaign_id IS NOT NULL"
_CONNECTED = f"{_OF_CAMPAIGN} AND OLD.connected_at IS NULL AND NEW.connected_at IS NOT NULL"
_ENDED = f"{_OF_CAMPAIGN} AND OLD.outcome IS {{differs}} NEW.outcome"


def _sqlite_trigger(name: str, on: str, when: str, body: str) -> str:
    return f"CREATE TRIGGER {name} AFTER {on} WHEN {when} BEGIN {body} END"


def _sqlite_goal(*, with_transfers: bool) -> str:
    body = _count_end("instr", _SQLITE_VALUE, with_transfers=with_transfers)
    when = _ENDED.format(differs="NOT")
    return _sqlite_trigger("call_goal_quota", "UPDATE OF outcome ON call", when, body)


def _sqlite_noted(row: str) -> str:
    return f"{_SQLITE_NUMBERS.format(row=row)} AND {_SQLITE_LISTS.format(row=row)};"


_SQLITE = (
    _sqlite_trigger(
        "contact_number_insert",
        "INSERT ON contact",
        "NEW.numbers_spec IS NOT NULL",
        _sqlite_noted("NEW"),
    ),
    _sqlite_trigger(
        "contact_number_update",
        "UPDATE OF numbers_spec ON contact",
        "OLD.numbers_spec IS NOT NEW.numbers_spec",
        f"{_FORGET} {_sqlite_noted('NEW')}",
    ),
    _sqlite_trigger(
        "contact_number_delete", "DELETE ON contact", "OLD.numbers_spec IS NOT NULL", _FORGET
    ),
    f"INSERT OR IGNORE INTO {_TABLE} SELECT contact.contact_id, "
    "json_extract(one.value, '$.endpoint'), contact.campaign_id "
    "FROM contact, json_each(contact.numbers_spec) AS one "
    f"WHERE {_SQLITE_LISTS.format(row='contact')} AND one.type = 'object'",
    "DROP TRIGGER call_goal_quota",
    _sqlite_goal(with_transfers=True),
    _sqlite_trigger(
        "transfer_goal_quota",
        "UPDATE OF connected_at ON transfer",
        _CONNECTED,
        _count_transfer("instr", _SQLITE_VALUE),
    ),
)
_SQLITE_BACK = (
    "DROP TRIGGER transfer_goal_quota",
    "DROP TRIGGER call_goal_quota",
    _sqlite_goal(with_transfers=False),
    *(f"DROP TRIGGER contact_number_{event}" for event in ("delete", "update", "insert")),
)


def _function(name: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {body} RETURN NULL; END $$"
    )


def _postgresql_trigger(name: str, on: str, when: str) -> str:
    return f"CREATE TRIGGER {name} AFTER {on} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"


def _postgresql_noted(row: str) -> str:
    lists = _POSTGRESQL_LISTS.format(row=row)
    return f"IF {lists} THEN {_POSTGRESQL_NUMBERS.format(row=row)}; END IF;"


_POSTGRESQL = (
    _function("contact_number_insert", _postgresql_noted("NEW")),
    _postgresql_trigger(
        "contact_number_insert", "INSERT ON contact", "NEW.numbers_spec IS NOT NULL"
    ),
    _function("contact_number_update", f"{_FORGET} {_postgresql_noted('NEW')}"),
    _postgresql_trigger(
        "contact_number_update",
        "UPDATE OF numbers_spec ON contact",
        "OLD.numbers_spec IS DISTINCT FROM NEW.numbers_spec",
    ),
    _function("contact_number_delete", _FORGET),
    _postgresql_trigger(
        "contact_number_delete", "DELETE ON contact", "OLD.numbers_spec IS NOT NULL"
    ),
    # Behind the triggers, which wait for whoever is writing: so nobody's row is left out.
    f"INSERT INTO {_TABLE} SELECT contact.contact_id, one ->> 'endpoint', contact.campaign_id "
    f"FROM contact, jsonb_array_elements(CASE WHEN {_POSTGRESQL_LISTS.format(row='contact')} "
    "THEN contact.numbers_spec ELSE '[]' END) AS one "
    "WHERE contact.numbers_spec IS NOT NULL ON CONFLICT DO NOTHING",
    _function("call_goal_quota", _count_end("strpos", _POSTGRESQL_VALUE)),
    _function("transfer_goal_quota", _count_transfer("strpos", _POSTGRESQL_VALUE)),
    _postgresql_trigger("transfer_goal_quota", "UPDATE OF connected_at ON transfer", _CONNECTED),
)
_POSTGRESQL_BACK = (
    "DROP TRIGGER transfer_goal_quota ON transfer",
    "DROP FUNCTION transfer_goal_quota",
    _function("call_goal_quota", _count_end("strpos", _POSTGRESQL_VALUE, with_transfers=False)),
    *(
        f"DROP {kind}"
        for event in ("delete", "update", "insert")
        for kind in (
            f"TRIGGER contact_number_{event} ON contact",
            f"FUNCTION contact_number_{event}",
        )
    ),
)
