"""Every setting of Trunkline in one typed place: `TRUNKLINE_*`, documented in `.env.example`.

Only composition roots (server.py, api/app.py, worker.py, cli) load this; all else is handed values.
"""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from database_settings import DatabaseSettings
from policy.caller_ids.standings import CallerIdCheck
from secret_files import FileSettings
from temporal_settings import TemporalSettings

PREFIX = "TRUNKLINE_"
#: What Twilio allows a new account; more on request.
TWILIO_CALLS_PER_SECOND = 1.0
_OWN_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(DatabaseSettings, TemporalSettings):
    """What an operator can change. Read from the environment only; see `load_settings`.

    Each may stand in a file instead: see `secret_files`.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

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
    twilio_former_auth_token: SecretStr = Field(
        SecretStr(""),
        description="The auth token before it, with which callbacks may still be signed until "
        "TRUNKLINE_TWILIO_FORMER_TOKEN_ENDS. Requests go out with the newest.",
    )
    twilio_former_token_ends: str = Field(
        "", description="When the former token ends: ISO 8601, as 2027-03-05T17:00:00Z."
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
    caller_id_check: CallerIdCheck = Field(
        CallerIdCheck.IMPORTED,
        description="Whether caller IDs are held to the carrier's list of numbers: imported, as "
        "soon as it was imported; required, which imports it by itself and takes no agent's number "
        "before; off, for a carrier that lists none.",
    )
    secret_keys: SecretStr = Field(
        SecretStr(""),
        description="Keys under which tokens of carrier accounts are sealed, commas between them, "
        "the newest first; `trunkline secrets key` makes one. Empty: none can be kept.",
    )
    bootstrap_api_key: SecretStr = Field(
        SecretStr(""),
        description="API key of the account 'default', created at start. Another one than before "
        "ends the former. Empty: none is created.",
    )
    bootstrap_key_days: int = Field(
        30,
        ge=0,
        le=3650,
        description="Days for which the bootstrap key opens anything, from the start that first "
        "knows it. 0: for good, as everywhere in development; refused in production, which is "
        "where the public URL is not this machine's own and phones are not simulated.",
    )
    wrong_keys_per_minute: int = Field(
        30,
        ge=0,
        description="Wrong API keys, passwords and links that one address may send in a minute, "
        "and wrong keys that may begin alike; further ones are answered with 429. 0: no limit, "
        "also for passwords of one person, which are else ten a minute.",
    )
    api_requests_per_minute: int = Field(
        6000,
        ge=0,
        description="Requests of one API key in a minute and a process, where the account's plan "
        "says nothing; further ones are answered with 429. 0: no limit, for any plan.",
    )
    api_request_seconds: float = Field(
        600,
        gt=0,
        description="How long a request of an API key may take, its body included; then it is "
        "given up and answered with 503. Streams of events are none.",
    )
    api_streams_per_key: int = Field(
        20,
        ge=1,
        description="Streams of events that one API key may have open at once in a process.",
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
    audit_log_days: int = Field(
        400, ge=0, description="Entries of the audit log that are older are removed. 0: kept."
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
    private_sign_on: bool = Field(
        False,
        description="Providers of single sign-on may be at private addresses and speak plain http. "
        "For development, and for a provider within your own network.",
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
    metrics_address: str = Field(
        "127.0.0.1:9464",
        description="host:port at which each process shows its metrics, without a key: not for "
        "strangers. `trunkline worker` takes the port after it, and one more for each further "
        "process. Port 0: any free one. Empty: nowhere.",
    )
    otlp_endpoint: str = Field(
        "",
        description="Where traces are sent, by OTLP over HTTP, such as http://127.0.0.1:4318. "
        "Needs the extra `otel`. Empty: none are made.",
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

    @field_validator("metrics_address")
    @classmethod
    def _names_a_port_or_none(cls, text: str) -> str:
        if text and not re.fullmatch(r"\S+:\d{1,5}", text):
            raise ValueError("must be host:port, or empty")
        return text

    @field_validator(
        "public_url", "temporal_ui_url", "twilio_api_url", "fallback_url", "otlp_endpoint"
    )
    @classmethod
    def _is_web_address(cls, text: str, info: ValidationInfo) -> str:
        may_be_empty = info.field_name in {"twilio_api_url", "fallback_url", "otlp_endpoint"}
        if not (_is_web_address(text) or (may_be_empty and not text)):
            raise ValueError("must be an address like https://host")
        return text

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is handed in, the environment, `.env`; with each, the files that it names."""
        from_env, from_dotenv = (
            FileSettings(settings_cls, source) for source in (env_settings, dotenv_settings)
        )
        return init_settings, from_env, env_settings, from_dotenv, dotenv_settings

    @field_validator("twilio_former_token_ends")
    @classmethod
    def _is_instant(cls, text: str, info: ValidationInfo) -> str:
        former: SecretStr = info.data["twilio_former_auth_token"]
        if bool(text) != bool(former.get_secret_value()):
            raise ValueError("a former token and its end go together")
        if text and datetime.fromisoformat(text).utcoffset() is None:
            raise ValueError("must be a time with its offset, such as 2027-03-05T17:00:00Z")
        return text

    @property
    def former_token_ends(self) -> datetime | None:
        """Until when the former token is good for signatures; None: there is none."""
        text = self.twilio_former_token_ends
        return datetime.fromisoformat(text).astimezone(UTC) if text else None

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

    @model_validator(mode="after")
    def _first_key_ends(self) -> "Settings":
        has_key = bool(self.bootstrap_api_key.get_secret_value())
        if has_key and self.is_production and not self.bootstrap_key_days:
            raise ValueError(
                "in production TRUNKLINE_BOOTSTRAP_KEY_DAYS must not be 0, or that key would open "
                "everything for good: set some days, such as 30, and meanwhile invite an admin "
                "(`trunkline people invite`) or make keys (`trunkline keys create`)"
            )
        return self

    @property
    def audit_log_kept(self) -> timedelta | None:
        """How long entries of the audit log are kept; None: for good."""
        return timedelta(days=self.audit_log_days) if self.audit_log_days else None

    @property
    def is_production(self) -> bool:
        """Whether others than this machine's own people are served and called."""
        host = urlsplit(self.public_url).hostname
        return host not in _OWN_HOSTS and not self.phones_are_simulated

    @property
    def bootstrap_lasts(self) -> timedelta | None:
        """How long the bootstrap key opens anything; None: for good."""
        return timedelta(days=self.bootstrap_key_days) if self.is_production else None

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
