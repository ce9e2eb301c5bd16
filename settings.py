"""Every setting of Trunkline in one typed place: `TRUNKLINE_*`, documented in `.env.example`.

Only composition roots (server.py, api/app.py, worker.py, cli) load this; all else is handed values.
"""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "TRUNKLINE_"
#: What Twilio allows a new account; more on request.
TWILIO_CALLS_PER_SECOND = 1.0


class Settings(BaseSettings):
    """What an operator can change. Read from the environment only; see `load_settings`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    database_url: str = Field(
        "sqlite+aiosqlite:///.trunkline/trunkline.db",
        description="Where calls are kept: sqlite+aiosqlite:///path or postgresql+psycopg://…",
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
    temporal_address: str = Field("127.0.0.1:7233", description="Temporal frontend, host:port.")
    temporal_namespace: str = Field("default", description="Temporal namespace.")
    temporal_api_key: SecretStr = Field(
        SecretStr(""), description="API key for Temporal Cloud. Empty: none."
    )
    temporal_tls: bool = Field(False, description="Speak TLS to Temporal.")
    temporal_ui_url: str = Field(
        "http://127.0.0.1:8233", description="Where people find Temporal's Web UI; used in links."
    )
    api_host: str = Field("127.0.0.1", description="Address the API listens on.")
    api_port: int = Field(8000, ge=0, le=65535, description="Port the API listens on.")
    api_max_connections: int = Field(
        800,
        ge=1,
        le=1_000_000,
        description="Open connections to the API, streams of events included; further ones are "
        "answered with 503. An eighth more is kept for the carrier. Each takes a file descriptor.",
    )
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="The API as the carrier reaches it; signatures of callbacks are checked "
        "against it, so it must be exactly what the carrier was given.",
    )
    check_public_url: bool = Field(
        True,
        description="Workers dial only while the API answers at the public URL, so that nobody "
        "picks up and hears an error. False: where workers cannot reach that address.",
    )
    fallback_url: str = Field(
        "",
        description="A document at the carrier that whoever answers while the API is away hears, "
        "such as a TwiML Bin that says sorry. Empty: the carrier's own error.",
    )
    twilio_account_sid: str = Field("", description="Twilio account SID (AC…).")
    twilio_auth_token: SecretStr = Field(
        SecretStr(""),
        description="Twilio auth token. Without it every callback is refused.",
    )
    twilio_api_url: str = Field(
        "", description="Base URL of a Twilio-compatible carrier. Empty: the real Twilio."
    )
    carrier_calls_per_second: float = Field(
        0,
        ge=0,
        description="Dials a second that Temporal hands out over all workers. 0: 1 for the real "
        "Twilio, unlimited for another carrier.",
    )
    bootstrap_api_key: SecretStr = Field(
        SecretStr(""),
        description="API key of the account 'default', created at start. Empty: none is created.",
    )
    simulated_phones: bool = Field(
        False,
        description="No real phones ring: records waivers of calling hours, consent, registries "
        "and caps for the bootstrap account. Honoured only while TRUNKLINE_TWILIO_API_URL is set.",
    )
    rules_dir: str = Field(
        "", description="Folder with rules of your own, in the format of the packs. Empty: none."
    )
    privacy_key: SecretStr = Field(
        SecretStr(""),
        description="Secret under which erased numbers are hashed. Keep it: with another one the "
        "tombstones would not hold. Empty: nothing can be erased.",
    )
    retention_days: int = Field(
        0,
        ge=0,
        description="Contexts, transcripts and recordings of calls that ended longer ago are "
        "removed, the recordings at the carrier, too. 0: kept.",
    )
    unknown_quiet_seconds: float = Field(
        60, gt=0, description="How long to look for a leg whose create got no answer."
    )
    hold_unclear_texts: bool = Field(
        True,
        description="Nobody dials a number that has sent a text which may be an opt-out, before a "
        "person has read it. False: such texts are listed, and calls go on.",
    )
    dispatch_interval_seconds: float = Field(
        0.25, gt=0, description="Pause between two turns of the dispatcher."
    )
    delivery_interval_seconds: float = Field(
        0.25, gt=0, description="Pause between two looks for events that webhooks are told of."
    )
    private_webhooks: bool = Field(
        False,
        description="Webhooks may go to private addresses and over plain http. For development.",
    )
    watch_interval_seconds: float = Field(
        5, gt=0, description="Pause between two looks for legs the carrier went silent about."
    )
    sweep_interval_seconds: float = Field(
        10, gt=0, description="Pause between two sweeps (calls without workflow, old keys)."
    )
    amd_hold_seconds: float = Field(
        5, ge=0, description="How long an answered callee is kept waiting for machine detection."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe level that is logged."
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="json for machines, console for people."
    )
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="Worker processes that `trunkline worker` and `trunkline dev` run. One keeps "
        "one processor busy at most.",
    )
    build_id: str = Field(
        "",
        max_length=200,
        description="This version's name among those that run beside each other, such as its "
        "commit: workers are then versioned, and get work only once Temporal was told that it is "
        "the current one. Empty: they are not.",
    )
    deployment_name: str = Field(
        "trunkline",
        min_length=1,
        max_length=200,
        description="The name under which Temporal knows the versions of these workers.",
    )
    max_concurrent_workflow_tasks: int = Field(
        100, ge=2, description="Workflow tasks one worker runs at once."
    )
    max_concurrent_activities: int = Field(
        100, ge=1, description="Activities one worker runs at once."
    )
    max_cached_workflows: int = Field(
        2000, ge=0, description="Workflows one worker keeps in memory between tasks."
    )

    @field_validator("read_database_url")
    @classmethod
    def _names_a_replica(cls, text: str) -> str:
        if text and not re.match(r"postgresql(\+\w+)?://", text):
            raise ValueError("must begin with postgresql+psycopg://")
        return text

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, text: str) -> str:
        if not re.match(r"(sqlite|postgresql)(\+\w+)?://", text):
            raise ValueError("must begin with sqlite+aiosqlite:// or postgresql+psycopg://")
        return text

    @field_validator("temporal_address")
    @classmethod
    def _names_a_port(cls, text: str) -> str:
        if not re.fullmatch(r"\S+:\d{1,5}", text):
            raise ValueError("must be host:port")
        return text

    @field_validator("public_url", "temporal_ui_url", "twilio_api_url", "fallback_url")
    @classmethod
    def _is_web_address(cls, text: str, info: ValidationInfo) -> str:
        may_be_empty = info.field_name in {"twilio_api_url", "fallback_url"}
        if not (_is_web_address(text) or (may_be_empty and not text)):
            raise ValueError("must be an address like https://host")
        return text

    @property
    def dials_per_second(self) -> float | None:
        """The pace of the dial queue; None: unlimited."""
        if self.carrier_calls_per_second:
            return self.carrier_calls_per_second
        return None if self.twilio_api_url else TWILIO_CALLS_PER_SECOND

    @property
    def retention(self) -> timedelta | None:
        """How long contents of ended calls are kept; None: for good."""
        return timedelta(days=self.retention_days) if self.retention_days else None

    @property
    def phones_are_simulated(self) -> bool:
        """Whether what is waived for a simulator holds: never against the real Twilio."""
        return self.simulated_phones and bool(self.twilio_api_url)


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"\s", text)


def load_settings() -> Settings:
    """Settings from the environment over `TRUNKLINE_ENV_FILE`, else over a local `.env`."""
    named = os.environ.get(f"{PREFIX}ENV_FILE")
    if named and not Path(named).is_file():
        raise FileNotFoundError(f"{PREFIX}ENV_FILE names {named}, which is not a file")
    return Settings(_env_file=named or ".env", _env_file_encoding="utf-8")
