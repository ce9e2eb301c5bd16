"""Events of everything, in an order in which they can be read without missing one."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, text

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: None = None
depends_on: None = None

#: Writers on SQLite take turns, so the row's own number is order enough.
_TX = {"postgresql": "(pg_current_xact_id()::text::bigint)", "sqlite": "0"}
_OF_CALL = """
    UPDATE event SET
        agent_id = (SELECT agent_id FROM call WHERE call.call_id = event.call_id),
        campaign_id = (SELECT campaign_id FROM call WHERE call.call_id = event.call_id)
    WHERE call_id IS NOT NULL
"""
_OF_CAMPAIGN = {
    "postgresql": "UPDATE event SET campaign_id = data->>'campaignId' WHERE call_id IS NULL",
    "sqlite": "UPDATE event SET campaign_id = json_extract(data, '$.campaignId') "
    "WHERE call_id IS NULL",
}
#: Those of a campaign were not counted before.
_NUMBERED = """
    UPDATE event SET sequence = (
        SELECT count(*) FROM event AS other
        WHERE other.campaign_id = event.campaign_id AND other.call_id IS NULL
            AND other.event_id <= event.event_id
    )
    WHERE call_id IS NULL AND campaign_id IS NOT NULL
"""
_COUNTED = """
    UPDATE campaign SET event_sequence = (
        SELECT count(*) FROM event
        WHERE event.campaign_id = campaign.campaign_id AND event.call_id IS NULL
    )
"""


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    tx = Column("tx", BigInteger(), nullable=False, server_default=text(_TX[dialect]))
    op.add_column("event", tx)
    for name in ("campaign_id", "agent_id", "subject_id"):
        op.add_column("event", Column(name, String(), nullable=True))
    counted = Column("event_sequence", Integer(), nullable=False, server_default=text("0"))
    op.add_column("campaign", counted)
    for statement in (_OF_CAMPAIGN[dialect], _OF_CALL, _NUMBERED, _COUNTED):
        op.execute(text(statement))
    op.drop_index("ix_event_account_id", "event")
    op.create_index("ix_event_place", "event", ["account_id", "tx", "event_id"])


def downgrade() -> None:
    op.drop_index("ix_event_place", "event")
    op.create_index("ix_event_account_id", "event", ["account_id"])
    op.drop_column("campaign", "event_sequence")
    for name in ("subject_id", "agent_id", "campaign_id", "tx"):
        op.drop_column("event", name)
