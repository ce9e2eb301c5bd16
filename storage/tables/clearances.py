"""What is asked about numbers before they are dialed, and every request that was paid for."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from policy.model.last_word import Verdict
from policy.model.number_checks import NumberCheck
from storage.tables.columns import enum_column, partial_index, time_column
from storage.tables.types import Json, Serial


class CheckState(StrEnum):
    """Where a question about a number stands."""

    WANTED = "wanted"
    ASKING = "asking"
    ANSWERED = "answered"
    #: Nobody asks any more until a call wants it again.
    GIVEN_UP = "given_up"


class CheckedNumber(SQLModel, table=True):
    """One question about one number, and its newest answer, which stays while a newer is asked for.

    `parameter`: the date that is asked about, else empty. `due_at`: when it is to be asked; while
    it is being asked, when that is taken for lost. `call_id`, `campaign_id`, `caller_id`: for whom.
    """

    __tablename__ = "checked_number"
    __table_args__ = (
        partial_index("ix_checked_number_due", "due_at", where="due_at IS NOT NULL"),
        # Those that nobody asks at present, by the age of their answers.
        partial_index("ix_checked_number_kept", "answered_at", where="due_at IS NULL"),
    )

    account_id: str = Field(primary_key=True)
    endpoint: str = Field(primary_key=True)
    number_check: NumberCheck = enum_column(NumberCheck)
    question: str = Field(primary_key=True, max_length=64)
    parameter: str = ""
    state: CheckState = enum_column(CheckState, default=CheckState.WANTED)
    due_at: datetime | None = time_column(nullable=True)
    tries: int = 0
    call_id: str | None = None
    campaign_id: str | None = None
    caller_id: str = ""
    answered_at: datetime | None = time_column(nullable=True)
    answer: str | None = None
    carrier: str = ""
    #: Why the last request brought no answer.
    error: str | None = None


class CheckRequest(SQLModel, table=True):
    """One request that was sent, written before it is: what was asked, for whom, what it cost.

    `ended_at` None: it is under way, or its worker was lost with the answer.
    """

    __tablename__ = "check_request"
    __table_args__ = (
        Index("ix_check_request_number", "account_id", "endpoint"),
        Index("ix_check_request_call", "call_id"),
        partial_index("ix_check_request_campaign", "campaign_id", where="campaign_id IS NOT NULL"),
    )

    request_id: int | None = Field(
        default=None, sa_column=Column(Serial, primary_key=True, autoincrement=True)
    )
    account_id: str
    endpoint: str
    number_check: NumberCheck = enum_column(NumberCheck)
    parameter: str = ""
    call_id: str | None = None
    campaign_id: str | None = None
    #: By which of the account's own accounts at the carrier; None: the installation's.
    carrier_account_id: str | None = None
    asked_at: datetime = time_column()
    ended_at: datetime | None = time_column(nullable=True)
    answer: str | None = None
    carrier: str = ""
    error: str | None = None
    #: In micro-units of the account's currency. Written with the intent: a lost answer is paid for.
    cost: int = Field(default=0, sa_type=BigInteger)


class LastWordRow(SQLModel, table=True):
    """One question about a call: asked under one id until it is answered.

    `attempt_number`: for which it was asked last. `changed`: the names of variables that the
    answer has changed. `error`: why the last try brought no answer.
    """

    __tablename__ = "last_word"

    call_id: str = Field(foreign_key="call.call_id", primary_key=True)
    ordinal: int = Field(primary_key=True)
    attempt_number: int
    request_id: str
    asked_at: datetime = time_column()
    tries: int = 1
    answered_at: datetime | None = time_column(nullable=True)
    milliseconds: int | None = None
    verdict: Verdict | None = enum_column(Verdict, nullable=True)
    reason: str = ""
    until: datetime | None = time_column(nullable=True)
    changed: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    error: str | None = None
