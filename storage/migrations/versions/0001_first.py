"""The first tables."""

from alembic import op
from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Text, UniqueConstraint, text

from storage.tables.types import Json, Serial, UtcDateTime

revision: str = "0001"
down_revision: str | None = None
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    for make in _MAKERS:
        make()


def downgrade() -> None:
    for make in reversed(_MAKERS):
        op.drop_table(make.__name__.removeprefix("_"))


def _index(name: str, table: str, *columns: str, where: str | None = None) -> None:
    condition = None if where is None else text(where)
    op.create_index(name, table, list(columns), sqlite_where=condition, postgresql_where=condition)


def _account() -> None:
    op.create_table(
        "account",
        Column("account_id", String(36), primary_key=True),
        Column("name", String(), nullable=False),
        Column("max_concurrent", Integer(), nullable=False),
        Column("calls_per_minute", Integer(), nullable=False),
        Column("redial_unknown", Boolean(), nullable=False),
        Column("waivers", Json, nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
    )


def _dispatch_deficit() -> None:
    op.create_table(
        "dispatch_deficit",
        Column("account_id", String(), primary_key=True),
        Column("class_key", String(), primary_key=True),
        Column("deficit", Integer(), nullable=False),
    )


def _idempotency_key() -> None:
    op.create_table(
        "idempotency_key",
        Column("account_id", String(), primary_key=True),
        Column("key", String(255), primary_key=True),
        Column("body_sha256", String(), nullable=False),
        Column("status_code", Integer(), nullable=False),
        Column("response", Json, nullable=False),
        Column("headers", Json, nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
    )
    _index("ix_idempotency_key_created_time", "idempotency_key", "created_time")


def _lease() -> None:
    op.create_table(
        "lease",
        Column("lease_id", String(36), primary_key=True),
        Column("account_id", String(), nullable=False),
        Column("agent_id", String(), nullable=False),
        Column("campaign_id", String(), nullable=True),
        Column("call_id", String(), nullable=False),
        Column("attempt_number", Integer(), nullable=False),
        Column("granted_at", UtcDateTime(), nullable=False),
        Column("taken_at", UtcDateTime(), nullable=True),
        Column("expires_at", UtcDateTime(), nullable=False),
        Column("released_at", UtcDateTime(), nullable=True),
        UniqueConstraint("call_id", "attempt_number"),
    )
    _index("ix_lease_account_granted", "lease", "account_id", "granted_at")
    _index("ix_lease_live", "lease", "account_id", "expires_at", where="released_at IS NULL")


def _agent() -> None:
    op.create_table(
        "agent",
        Column("agent_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("name", String(), nullable=False),
        Column("is_enabled", Boolean(), nullable=False),
        Column("timezone", String(), nullable=False),
        Column("business_hours_spec", Json, nullable=True),
        Column("caller_ids", Json, nullable=False),
        Column("pathway_id", String(), nullable=True),
        Column("retry_spec", Json, nullable=True),
        Column("voicemail_spec", Json, nullable=True),
        Column("ring_timeout", Integer(), nullable=False),
        Column("max_duration", Integer(), nullable=False),
        Column("max_concurrent", Integer(), nullable=True),
        Column("calls_per_minute", Integer(), nullable=True),
        Column("purpose", String(), nullable=True),
        Column("recording", Boolean(), nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("updated_time", UtcDateTime(), nullable=False),
        Column("deleted_time", UtcDateTime(), nullable=True),
    )
    _index("ix_agent_account_id", "agent", "account_id")


def _api_key() -> None:
    op.create_table(
        "api_key",
        Column("api_key_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("name", String(), nullable=False),
        Column("prefix", String(), nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("scopes", Json, nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("revoked_time", UtcDateTime(), nullable=True),
        UniqueConstraint("sha256"),
    )
    _index("ix_api_key_account_id", "api_key", "account_id")


def _pathway() -> None:
    op.create_table(
        "pathway",
        Column("pathway_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("name", String(), nullable=False),
        Column("kind", String(), nullable=False),
        Column("definition", Json, nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("updated_time", UtcDateTime(), nullable=False),
        Column("deleted_time", UtcDateTime(), nullable=True),
    )
    _index("ix_pathway_account_id", "pathway", "account_id")


def _call() -> None:
    op.create_table(
        "call",
        Column("call_id", String(36), primary_key=True),
        Column("account_id", String(), ForeignKey("account.account_id"), nullable=False),
        Column("agent_id", String(), ForeignKey("agent.agent_id"), nullable=False),
        Column("campaign_id", String(), nullable=True),
        Column("pathway_id", String(), nullable=True),
        Column("endpoint", String(), nullable=False),
        Column("endpoint_kind", Text(), nullable=False),
        Column("caller_id", String(), nullable=False),
        Column("priority", Integer(), nullable=False),
        Column("status", Text(), nullable=False),
        Column("waiting_for", Text(), nullable=True),
        Column("reason", String(), nullable=True),
        Column("detail", String(), nullable=True),
        Column("outcome", Text(), nullable=True),
        Column("reported_outcome", Text(), nullable=True),
        Column("result", Json, nullable=True),
        Column("timezone", String(), nullable=False),
        Column("not_before", UtcDateTime(), nullable=True),
        Column("call_deadline", UtcDateTime(), nullable=True),
        Column("window_spec", Json, nullable=True),
        Column("retry_spec", Json, nullable=False),
        Column("voicemail_spec", Json, nullable=False),
        Column("recipient_spec", Json, nullable=False),
        Column("ring_timeout", Integer(), nullable=False),
        Column("max_duration", Integer(), nullable=False),
        Column("recording", Boolean(), nullable=False),
        Column("context", Json, nullable=False),
        Column("additional_data", Json, nullable=False),
        Column("cancel_requested", Boolean(), nullable=False),
        Column("created_time", UtcDateTime(), nullable=False),
        Column("queued_at", UtcDateTime(), nullable=True),
        Column("next_attempt_at", UtcDateTime(), nullable=True),
        Column("started_time", UtcDateTime(), nullable=True),
        Column("completed_time", UtcDateTime(), nullable=True),
        Column("duration_seconds", Integer(), nullable=True),
        Column("attempt_count", Integer(), nullable=False),
        Column("event_sequence", Integer(), nullable=False),
    )
    _index("ix_call_account_created", "call", "account_id", "created_time", "call_id")
    _index("ix_call_account_status", "call", "account_id", "status", "created_time")
    _index("ix_call_endpoint", "call", "endpoint", "agent_id", "created_time")
    _index(
        "ix_call_slot_deadline", "call", "account_id", "call_deadline", where="waiting_for = 'slot'"
    )
    _index(
        "ix_call_slot_queue",
        "call",
        "account_id",
        "agent_id",
        "campaign_id",
        "priority",
        "queued_at",
        where="waiting_for = 'slot'",
    )
    _index("ix_call_unstarted", "call", "created_time", where="status = 'Created'")
    _index("ix_call_cancel_requested", "call", "status", where="cancel_requested")


def _attempt() -> None:
    op.create_table(
        "attempt",
        Column("attempt_id", String(36), primary_key=True),
        Column("call_id", String(), ForeignKey("call.call_id"), nullable=False),
        Column("account_id", String(), nullable=False),
        Column("number", Integer(), nullable=False),
        Column("token", String(), nullable=False),
        Column("to_endpoint", String(), nullable=False),
        Column("from_endpoint", String(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("result", Text(), nullable=True),
        Column("carrier_sid", String(), nullable=True),
        Column("carrier_status", String(), nullable=True),
        Column("error_code", Integer(), nullable=True),
        Column("error", String(), nullable=True),
        Column("answered_by", String(), nullable=True),
        Column("message_left", Boolean(), nullable=True),
        Column("recording_url", String(), nullable=True),
        Column("recording_sid", String(), nullable=True),
        Column("duration_seconds", Integer(), nullable=True),
        Column("dialed_at", UtcDateTime(), nullable=False),
        Column("settled_at", UtcDateTime(), nullable=True),
        Column("valid_until", UtcDateTime(), nullable=True),
        Column("sending_at", UtcDateTime(), nullable=True),
        Column("sent_at", UtcDateTime(), nullable=True),
        Column("ringing_at", UtcDateTime(), nullable=True),
        Column("answered_at", UtcDateTime(), nullable=True),
        Column("ended_at", UtcDateTime(), nullable=True),
        Column("checked_at", UtcDateTime(), nullable=True),
        UniqueConstraint("call_id", "number"),
        UniqueConstraint("carrier_sid"),
        UniqueConstraint("token"),
    )
    _index(
        "ix_attempt_unsettled",
        "attempt",
        "to_endpoint",
        "from_endpoint",
        "account_id",
        where="settled_at IS NULL",
    )


def _decision() -> None:
    op.create_table(
        "decision",
        Column("call_id", String(), ForeignKey("call.call_id"), primary_key=True),
        Column("step", Integer(), primary_key=True),
        Column("at", UtcDateTime(), nullable=False),
        Column("kind", Text(), nullable=False),
        Column("reason", String(), nullable=False),
        Column("detail", String(), nullable=False),
        Column("until", UtcDateTime(), nullable=True),
        Column("valid_until", UtcDateTime(), nullable=True),
        Column("waiting_for", Text(), nullable=True),
        Column("outcome", Text(), nullable=True),
        Column("attempt_number", Integer(), nullable=True),
        Column("rules", Json, nullable=False),
        Column("versions", Json, nullable=False),
    )


def _event() -> None:
    op.create_table(
        "event",
        Column("event_id", Serial, primary_key=True),
        Column("account_id", String(), nullable=False),
        Column("call_id", String(), ForeignKey("call.call_id"), nullable=True),
        Column("sequence", Integer(), nullable=False),
        Column("type", String(), nullable=False),
        Column("at", UtcDateTime(), nullable=False),
        Column("data", Json, nullable=False),
        UniqueConstraint("call_id", "sequence"),
    )
    _index("ix_event_account_id", "event", "account_id")


#: A table comes after those it refers to.
_MAKERS = (
    _account,
    _dispatch_deficit,
    _idempotency_key,
    _lease,
    _agent,
    _api_key,
    _pathway,
    _call,
    _attempt,
    _decision,
    _event,
)
