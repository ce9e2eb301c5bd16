"""Accounts at the carrier besides the installation's own."""

from datetime import datetime

from sqlalchemy import Column, Index, false, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import id_column, time_column
from storage.tables.types import Json


class CarrierAccount(SQLModel, table=True):
    """An account at Twilio, and the numbers that are dialed from by it.

    `sealed_token`, `sealed_former`: see `storage.carriers.sealer`; the former one is taken for
    signatures until `former_ends_at`. A removed account has no secrets.
    """

    __tablename__ = "carrier_account"
    __table_args__ = (
        Index(
            "uq_carrier_account_default",
            "account_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    carrier_account_id: str = id_column()
    account_id: str = Field(foreign_key="account.account_id", index=True)
    name: str
    account_sid: str = Field(index=True)
    region: str | None = None
    edge: str | None = None
    caller_ids: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    sealed_token: str | None = None
    sealed_former: str | None = None
    former_ends_at: datetime | None = time_column(nullable=True)
    token_time: datetime = time_column()
    created_time: datetime = time_column()
    updated_time: datetime = time_column()
    #: It dials from all numbers that none has; of an account one at most. None is disabled.
    is_default: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    #: Since when it makes no leg; those it has made are asked about and ended as before.
    disabled_time: datetime | None = time_column(nullable=True)
    removed_time: datetime | None = time_column(nullable=True)
