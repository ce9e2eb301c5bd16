"""What the carrier says of the numbers that may be shown.

A *holder* is an account at the carrier: a `carrier_account_id`, or `INSTALLATION`.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.tables.columns import time_column

#: The holder of numbers that are dialed from by the installation's own account.
INSTALLATION = "installation"


class NumberList(SQLModel, table=True):
    """A holder's list as it was imported last. `error`: why the last try failed; None: it did not.

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
