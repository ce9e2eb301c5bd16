"""The settings of the database: where it is, how many connections, and how long what may take."""

import re
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

#: The address of a database up to its user, if that has no password.
_USER_ALONE = re.compile(r"postgresql(?:\+\w+)?://[^/:@?]+(?=@)")


class DatabaseSettings(BaseSettings):
    """A part of `settings.Settings`; `bootstrap.connection_options` makes of it how to connect."""

    database_url: str = Field(
        "sqlite+aiosqlite:///.trunkline/trunkline.db",
        description="Where calls are kept: sqlite+aiosqlite:///path or postgresql+psycopg://…",
    )
    database_password: SecretStr = Field(
        SecretStr(""),
        description="Password of the user in TRUNKLINE_DATABASE_URL, where the address has none. "
        "Empty: none.",
    )
    database_pool_size: int = Field(
        10, ge=1, le=1000, description="Connections to the database that a process keeps."
    )
    database_pool_overflow: int = Field(
        10,
        ge=0,
        le=1000,
        description="Connections that it opens beyond that while many are needed, and "
        "closes again.",
    )
    database_pool_recycle_seconds: float = Field(
        1800, ge=0, description="Age at which a connection is replaced. 0: never."
    )
    database_pool_wait_seconds: float = Field(
        30,
        gt=0,
        description="How long a request waits for a free connection before it is answered "
        "with 503.",
    )
    database_statement_seconds: float = Field(
        30,
        ge=0,
        le=86_400,
        description="How long a statement may take on PostgreSQL. 0: as long as it likes. "
        "Commands that count or migrate have none.",
    )
    database_lock_seconds: float = Field(
        10,
        ge=0,
        le=86_400,
        description="How long a statement may wait for what another transaction holds, on "
        "PostgreSQL. 0: as long as it likes.",
    )
    database_idle_seconds: float = Field(
        60,
        ge=0,
        le=86_400,
        description="How long a transaction may stay open while nothing is asked in it, on "
        "PostgreSQL. 0: as long as it likes.",
    )
    database_pooler: bool = Field(
        False,
        description="Between us and PostgreSQL stands a pooler in transaction mode, such as "
        "PgBouncer.",
    )
    read_database_url: str = Field(
        "",
        description="A read replica of a PostgreSQL database: lists, counts and analytics of the "
        "API and the dashboard are read from it. Empty: none.",
    )
    read_lag_seconds: float = Field(
        5,
        ge=0,
        description="How far the read replica may be behind; beyond that the database itself is "
        "read.",
    )

    @field_validator("database_password")
    @classmethod
    def _has_its_place(cls, password: SecretStr, info: ValidationInfo) -> SecretStr:
        url = info.data.get("database_url")
        if url and password.get_secret_value() and not _USER_ALONE.match(url):
            raise ValueError("needs an address with a user and no password of its own")
        return password

    @property
    def database(self) -> str:
        """The database's address with its password; never to be shown."""
        password = self.database_password.get_secret_value()
        if not password:
            return self.database_url
        return _USER_ALONE.sub(rf"\g<0>:{quote(password, safe='')}", self.database_url, count=1)
