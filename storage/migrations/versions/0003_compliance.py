"""Do-not-call entries, registries, consents, overlays, inbound calls, erasures, and evidence."""

import json
from typing import Any

from alembic import op
from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Text, text, true

from storage.tables.types import Json, Serial, UtcDateTime

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: None = None
depends_on: None = None

_EMPTY, _NONE, _NOTHING = text("'{}'"), text("'[]'"), text("''")
_PURPOSES = (
    *("telemarketing", "debt_collection", "survey", "political"),
    *("reminder", "notification", "service", "emergency"),
)
_NEW_COLUMNS: tuple[tuple[str, Column[Any]], ...] = (
    ("account", Column("overlays_version", Integer(), nullable=False, server_default=text("0"))),
    ("agent", Column("voice", Text(), nullable=False, server_default=text("'artificial'"))),
    ("agent", Column("identity_spec", Json, nullable=True)),
    ("agent", Column("inbound_spec", Json, nullable=True)),
    ("call", Column("purpose", Text(), nullable=True)),
    ("call", Column("subject", String(), nullable=True)),
    ("call", Column("consent_spec", Json, nullable=True)),
    ("call", Column("returned", Text(), nullable=True)),
    ("call", Column("kept", Boolean(), nullable=False, server_default=true())),
    ("attempt", Column("subject", String(), nullable=True)),
    ("attempt", Column("notices", Json, nullable=False, server_default=_EMPTY)),
    ("decision", Column("findings", Json, nullable=False, server_default=_NONE)),
    ("decision", Column("inputs_sha256", String(), nullable=False, server_default=_NOTHING)),
)
_TABLES = (
    *("suppression", "registry", "registry_entry", "consent", "overlay"),
    *("inbound", "erasure", "hash_key"),
)
_KEPT = text("kept AND completed_time IS NOT NULL")


def upgrade() -> None:
    for table, column in _NEW_COLUMNS:
        op.add_column(table, column)
    op.create_index("ix_attempt_person", "attempt", ["account_id", "to_endpoint", "dialed_at"])
    op.create_index(
        "ix_call_kept", "call", ["completed_time"], sqlite_where=_KEPT, postgresql_where=_KEPT
    )
    _only_known_purposes()
    _waivers_of_simulators()
    _suppressions()
    _consents()
    _others()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_index("ix_call_kept", "call")
    op.drop_index("ix_attempt_person", "attempt")
    for table, column in reversed(_NEW_COLUMNS):
        op.drop_column(table, column.name)


def _only_known_purposes() -> None:
    """A purpose was any text before; what is not known now is none, so all rules hold."""
    op.execute(text("ALTER TABLE agent RENAME COLUMN purpose TO purpose_said"))
    op.add_column("agent", Column("purpose", Text(), nullable=True))
    known = ", ".join(f"'{purpose}'" for purpose in _PURPOSES)
    op.execute(text(f"UPDATE agent SET purpose = purpose_said WHERE purpose_said IN ({known})"))
    said = "purpose_said = 'appointment_reminder'"
    op.execute(text(f"UPDATE agent SET purpose = 'reminder' WHERE {said}"))
    op.drop_column("agent", "purpose_said")


def _waivers_of_simulators() -> None:
    """Waivers held only without real phones before, and must not do more from now on."""
    connection = op.get_bind()
    for account_id, waivers in connection.execute(text("SELECT account_id, waivers FROM account")):
        read = json.loads(waivers) if isinstance(waivers, str) else waivers
        kept = json.dumps([{**waiver, "simulatedOnly": True} for waiver in read])
        as_json = "CAST(:kept AS JSONB)" if connection.dialect.name == "postgresql" else ":kept"
        changed = f"UPDATE account SET waivers = {as_json} WHERE account_id = :account_id"
        connection.execute(text(changed), {"kept": kept, "account_id": account_id})


def _suppressions() -> None:
    op.create_table(
        "suppression",
        Column("suppression_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("endpoint", String(), nullable=True),
        Column("endpoint_hash", String(), nullable=True),
        Column("scope", Text(), nullable=False),
        Column("scope_of", String(), nullable=False),
        Column("source", String(), nullable=False),
        Column("reason", String(), nullable=True),
        Column("call_id", String(), nullable=True),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("expires_time", UtcDateTime(), nullable=True),
        Column("removed_time", UtcDateTime(), nullable=True),
        Column("removed_by", String(), nullable=True),
    )
    for name, column in (("endpoint", "endpoint"), ("hash", "endpoint_hash")):
        where = text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_suppression_{name}",
            "suppression",
            ["account_id", column],
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_index("ix_suppression_created", "suppression", ["account_id", "created_time"])
    op.create_table(
        "registry",
        Column("account_id", String(), primary_key=True),
        Column("registry_name", String(64), primary_key=True),
        Column("scrubbed_time", UtcDateTime(), nullable=False),
        Column("imported_time", UtcDateTime(), nullable=False),
        Column("entries", Integer(), nullable=False),
    )
    op.create_table(
        "registry_entry",
        Column("account_id", String(), primary_key=True),
        Column("endpoint", String(), primary_key=True),
        Column("registry_name", String(64), primary_key=True),
    )


def _consents() -> None:
    op.create_table(
        "consent",
        Column("consent_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("endpoint", String(), nullable=False),
        Column("tier", Text(), nullable=False),
        Column("method", String(), nullable=False),
        Column("evidence", String(), nullable=True),
        Column("scope", Text(), nullable=False),
        Column("scope_of", String(), nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("granted_time", UtcDateTime(), nullable=False),
        Column("expires_time", UtcDateTime(), nullable=True),
        Column("revoked_time", UtcDateTime(), nullable=True),
        Column("revocation", Json, nullable=True),
    )
    op.create_index("ix_consent_endpoint", "consent", ["account_id", "endpoint"])
    op.create_index("ix_consent_created", "consent", ["account_id", "created_time"])


def _others() -> None:
    op.create_table(
        "overlay",
        Column("overlay_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("rule", Json, nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("created_by", String(), nullable=False),
        Column("removed_time", UtcDateTime(), nullable=True),
        Column("removed_by", String(), nullable=True),
    )
    op.create_index("ix_overlay_account", "overlay", ["account_id", "removed_time"])
    op.create_table(
        "inbound",
        Column("inbound_id", Serial, primary_key=True, autoincrement=True),
        Column("account_id", String(), nullable=False),
        Column("kind", String(), nullable=False),
        Column("carrier_sid", String(), nullable=False, unique=True),
        Column("from_endpoint", String(), nullable=True),
        Column("to_endpoint", String(), nullable=False),
        Column("at", UtcDateTime(), nullable=False),
        Column("call_id", String(), nullable=True),
        Column("action", Text(), nullable=True),
        Column("opted_out", Boolean(), nullable=False),
    )
    op.create_index("ix_inbound_account", "inbound", ["account_id", "at"])
    op.create_table(
        "erasure",
        Column("erasure_id", Serial, primary_key=True, autoincrement=True),
        Column("account_id", String(), nullable=False),
        Column("endpoint_hash", String(), nullable=False),
        Column("hash_key_id", String(), nullable=False),
        Column("at", UtcDateTime(), nullable=False),
        Column("by", String(), nullable=False),
        Column("counts", Json, nullable=False),
    )
    op.create_index("ix_erasure_account", "erasure", ["account_id", "at"])
    op.create_table(
        "hash_key",
        Column("hash_key_id", String(), primary_key=True),
        Column("first_used_time", UtcDateTime(), nullable=False),
    )
