"""The tables of dispatch: who may dial, who works, whose turn it is, how many wait, the costs."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import id_column, partial_index, time_column


class Lease(SQLModel, table=True):
    """The right to dial one attempt. Live while not released and not expired."""

    __table_args__ = (
        UniqueConstraint("call_id", "attempt_number"),
        Index("ix_lease_account_granted", "account_id", "granted_at"),
        partial_index("ix_lease_live", "account_id", "expires_at", where="released_at IS NULL"),
    )

    lease_id: str = id_column()
    account_id: str
    agent_id: str
    campaign_id: str | None = None
    call_id: str
    attempt_number: int
    granted_at: datetime = time_column()
    #: None while the grant waits for its call to take it up.
    taken_at: datetime | None = time_column(nullable=True)
    expires_at: datetime = time_column()
    released_at: datetime | None = time_column(nullable=True)


class Worker(SQLModel, table=True):
    """A process that dials. One that is not seen any more carries nothing any more."""

    worker_id: str = Field(primary_key=True)
    last_seen: datetime = time_column()


class LoopLease(SQLModel, table=True):
    """Which worker runs a loop, until when; others may have it from then on."""

    __tablename__ = "loop_lease"
    name: str = Field(primary_key=True)
    holder: str
    expires_at: datetime = time_column()


class DispatchDeficit(SQLModel, table=True):
    """What DWRR carries over from turn to turn, a row a class of an account."""

    __tablename__ = "dispatch_deficit"
    account_id: str = Field(primary_key=True)
    class_key: str = Field(primary_key=True)
    deficit: int = 0


class CallTally(SQLModel, table=True):
    """How many calls there are of each kind; a kind's number is the sum over its slots.

    Triggers of the database keep it, so nothing else writes here; it is read by
    `storage.call_lists.call_counts`. Where a call has no campaign, no outcome or waits for nothing,
    the text is empty.
    """

    __tablename__ = "call_tally"
    __table_args__ = (
        partial_index("ix_call_tally_slot", "account_id", where="waiting_for = 'slot'"),
    )

    account_id: str = Field(primary_key=True)
    agent_id: str = Field(primary_key=True)
    campaign_id: str = Field(primary_key=True)
    priority: int = Field(primary_key=True)
    status: str = Field(primary_key=True)
    waiting_for: str = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    #: Each connection to PostgreSQL counts in rows of its own, or calls would wait for each other.
    slot: int = Field(primary_key=True)
    n: int


class Spending(SQLModel, table=True):
    """What was spent, in micro-units: a row an account (no campaign named) and a row a campaign."""

    account_id: str = Field(primary_key=True)
    campaign_id: str = Field(default="", primary_key=True)
    spent: int = Field(default=0, sa_type=BigInteger)
