"""The programs of Trunkline: the command line of each, and the environment of a local stack."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cli.dev_stack.data_dir import DataDir, Secrets
from cli.dev_stack.ports import Ports
from secret_files import SUFFIX

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "TRUNKLINE_"

#: The exit code of the preparation when the database is ready and Temporal is not.
WITHOUT_TEMPORAL = 3

#: How long a program may take to end well: the worker finishes and records the dial it is in.
PATIENCE = {"worker": 45.0}
_PATIENCE = 10.0


@dataclass(frozen=True)
class Program:
    """One of them: its name, its command line, how long it may take to end."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)

    @property
    def patience(self) -> float:
        return PATIENCE.get(self.name.partition("-")[0], _PATIENCE)


@dataclass(frozen=True)
class StackSite:
    """Where a local stack lives: its address, its ports, its data, its secrets."""

    host: str
    ports: Ports
    data: DataDir
    secrets: Secrets = field(repr=False)
    carrier_speed: float = 1.0
    #: None: the one in the data directory.
    chosen_database: str | None = field(default=None, repr=False)

    @property
    def database_url(self) -> str:
        return self.chosen_database or self.data.database_url

    @property
    def api_url(self) -> str:
        return f"http://{self._peer}:{self.ports.api}"

    @property
    def ui_url(self) -> str:
        return f"http://{self._peer}:{self.ports.ui}"

    @property
    def carrier_url(self) -> str:
        return f"http://{self._peer}:{self.ports.carrier}"

    @property
    def temporal_address(self) -> str:
        return f"{self._peer}:{self.ports.temporal}"

    @property
    def _peer(self) -> str:
        """The host as a client on this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"[{host}]" if ":" in host else host


def environment(site: StackSite, inherited: Mapping[str, str]) -> dict[str, str]:
    """What every program of a local stack is told.

    The stack's own addresses and secrets win over the environment it is started from, so that
    nothing here can reach a real carrier; every other setting a person made is passed on.
    """
    kept, own = defaults(site), addresses(site)
    # Files with secrets of elsewhere, which would stand beside the stack's.
    files = {name + SUFFIX for name in (*kept, *own)}
    overridden = {
        name: value
        for name, value in inherited.items()
        if name not in files and (value or name not in kept)
    }
    return with_sources({**kept, **overridden, **own})


def defaults(site: StackSite) -> dict[str, str]:
    """Settings a person may override."""
    chosen = {
        "BOOTSTRAP_API_KEY": site.secrets.api_key,
        "SIMULATED_PHONES": "true",
        "PRIVATE_WEBHOOKS": "true",
        "PRIVATE_SIGN_ON": "true",
        "PRIVACY_KEY": site.secrets.privacy_key,
        # Any free port, as the usual one may be another's; the log names it. Only on this machine.
        "METRICS_ADDRESS": "127.0.0.1:0",
        # Served by the carrier, as it must be: it is heard while the API is away.
        "FALLBACK_URL": f"{site.carrier_url}/_sim/sorry",
    }
    return {PREFIX + name: value for name, value in chosen.items()}


def addresses(site: StackSite) -> dict[str, str]:
    """Settings that are the stack's own."""
    chosen = {
        # Of another installation, if anybody's.
        "READ_DATABASE_URL": "",
        # Nobody would tell its Temporal which version is the current one.
        "BUILD_ID": "",
        "DATABASE_URL": site.database_url,
        "DATABASE_PASSWORD": "",
        "TEMPORAL_ADDRESS": site.temporal_address,
        "TEMPORAL_NAMESPACE": "default",
        "TEMPORAL_API_KEY": "",
        "TEMPORAL_TLS": "false",
        "TEMPORAL_TLS_SERVER_NAME": "",
        "TEMPORAL_TLS_CA": "",
        "TEMPORAL_TLS_CERT": "",
        "TEMPORAL_TLS_KEY": "",
        "TEMPORAL_UI_URL": site.ui_url,
        "API_HOST": site.host,
        "API_PORT": str(site.ports.api),
        "PUBLIC_URL": site.api_url,
        "TWILIO_ACCOUNT_SID": site.secrets.account_sid,
        "TWILIO_AUTH_TOKEN": site.secrets.auth_token,
        "TWILIO_API_URL": site.carrier_url,
    }
    return {PREFIX + name: value for name, value in chosen.items()}


def with_sources(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which `python -m PART` finds this source tree, whatever the directory."""
    paths = [str(ROOT), *filter(None, [environment.get("PYTHONPATH")])]
    return {
        **environment,
        "PYTHONPATH": os.pathsep.join(paths),
        # Else a folder named `api` where the command is typed would be run instead.
        "PYTHONSAFEPATH": "1",
        # The pinned time-zone data, not this machine's.
        "PYTHONTZPATH": "",
    }


def api_command() -> tuple[str, ...]:
    return (sys.executable, "-m", "server")


def worker_command() -> tuple[str, ...]:
    return (sys.executable, "-m", "worker")


def worker_names(count: int) -> list[str]:
    """Of so many workers: worker, worker-2 and so on."""
    return ["worker", *(f"worker-{number}" for number in range(2, count + 1))]


def worker_environment(environment: Mapping[str, str], place: int, address: str) -> dict[str, str]:
    """Of the worker in that place, from 1 on: metrics are read at a port of its own.

    `address` is where the API's are read.
    """
    host, _, port = address.rpartition(":")
    own = f"{host}:{int(port) + place}" if port not in {"", "0"} else address
    return {**environment, f"{PREFIX}METRICS_ADDRESS": own}


def migrate_command() -> tuple[str, ...]:
    return (sys.executable, "-m", "cli.migration")


def recovery_command(name: str, *said: str) -> tuple[str, ...]:
    """Of one of the programs of `cli.recovery`."""
    return (sys.executable, "-m", f"cli.recovery.{name}", *said)


def attributes_command() -> tuple[str, ...]:
    return (sys.executable, "-m", "cli.attributes")


def preparation_command() -> tuple[str, ...]:
    return (sys.executable, "-m", "cli.preparation")


def carrier_command(
    host: str, port: int, *, account_sid: str, auth_token: str, state: Path | None, speed: float
) -> tuple[str, ...]:
    kept = ("--state", str(state)) if state else ()
    return (
        sys.executable, "-m", "simulator", "--host", host, "--port", str(port),
        "--account-sid", account_sid, "--auth-token", auth_token, "--speed", f"{speed:g}", *kept,
    )  # fmt: skip
