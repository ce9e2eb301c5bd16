"""The table of promises. Import it from `storage.tables`, like all others."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from policy.promises import PromiseSource, PromiseState
from storage.tables.columns import enum_column, id_column, partial_index, time_column


class Promise(SQLModel, table=True):
    """Somebody asked to be called at another time. Of a call one is open at most.

    Which one is also said in the call's `retry_spec`, so that a decision need not look here.
    """

    __table_args__ = (
        Index("ix_promise_account", "account_id", "created_time", "promise_id"),
        Index("ix_promise_call", "call_id"),
        partial_index("ix_promise_open", "account_id", "due_at", where="state = 'open'"),
        Index("ix_promise_settled", "settled_at", "account_id"),
    )

    promise_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id")
    call_id: str = Field(foreign_key="call.call_id")
    #: The call in which it was asked for, where that had ended and this one was made for it.
    made_in_call_id: str | None = None
    #: The last attempt there was then; 0: none. A later one keeps it.
    attempt_number: int
    promised_at: datetime = time_column()
    #: Whose clock a time without an offset was read by.
    assumed_zone: str | None = None
    #: When it is to be kept; later than promised where `reason` says why.
    due_at: datetime = time_column()
    reason: str | None = None
    source: PromiseSource = enum_column(PromiseSource)
    state: PromiseState = enum_column(PromiseState, default=PromiseState.OPEN)
    #: What the call's priority is again once the promise is settled.
    former_priority: int
    created_time: datetime = time_column()
    dialed_at: datetime | None = time_column(nullable=True)
    settled_at: datetime | None = time_column(nullable=True)
