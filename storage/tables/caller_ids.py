"""What the carrier says of the numbers that may be shown.

A *holder* is an account at the carrier: a `carrier_account_id`, or `INSTALLATION`.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from policy.caller_ids.rests import RestState
from storage.tables.columns import enum_column, new_id, time_column

#: The holder of numbers that are dialed from by the installation's own account.
INSTALLATION = "installation"


class NumberList(SQLModel, table=True):
    """A holder's list as it was imported last. `error`: why the last try failed, or is not done.

    `imported_time` None: never.
    """

    __tablename__ = "number_list"

    holder: str = Field(primary_key=True, max_length=36)
    imported_time: datetime | None = time_column(nullable=True)
    attempted_time: datetime = time_column()
    error: str | None = None


class ListedNumber(SQLModel, table=True):
    """A number of a holder, also after it was lost; `kind` and what follows as the carrier says."""

    __tablename__ = "listed_number"

    holder: str = Field(primary_key=True, max_length=36)
    number: str = Field(primary_key=True)
    kind: str
    sid: str
    name: str = ""
    voice: bool | None = None
    caller_name: str | None = None
    shaken_stir: str | None = None
    first_time: datetime = time_column()
    lost_time: datetime | None = time_column(nullable=True)


class NumberWatchRow(SQLModel, table=True):
    """How a number of an agent's pool fares: `policy.caller_ids.rests.NumberWatch` as it is kept.

    `seen_*`: what the sums since `since_quarter` came to when they were looked at last.
    """

    __tablename__ = "number_watch"

    agent_id: str = Field(primary_key=True, max_length=36)
    number: str = Field(primary_key=True)
    watch_id: str = Field(default_factory=new_id, max_length=36)
    state: RestState = enum_column(RestState, default=RestState.WATCHED)
    score: float = 0.0
    own_answered: float = 0.0
    own_dials: float = 0.0
    near_answered: float = 0.0
    near_dials: float = 0.0
    rests: int = 0
    until: datetime | None = time_column(nullable=True)
    since_quarter: int
    seen_answered: int = 0
    seen_dials: int = 0
