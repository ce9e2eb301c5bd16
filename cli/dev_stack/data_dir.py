"""The directory in which a local stack keeps all that outlives it."""

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO, TypeVar

from cli.dev_stack.ports import Ports
from cli.errors import Unusable

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Secrets:
    """Made once for a data directory, then kept: callbacks and clients go on to work."""

    account_sid: str
    auth_token: str
    api_key: str
    privacy_key: str


class DataDir:
    """An open data directory; while it is open, no other stack can use it."""

    def __init__(self, path: Path, lock: TextIO) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def open(cls, path: Path) -> "DataDir":
        """Make the directory if need be and lock it; raises Unusable."""
        path = path.expanduser().absolute()
        try:
            (path / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (path / "lock").open("a")
        except OSError as error:
            reason = error.strerror or str(error)
            raise Unusable(f"The data directory {path} cannot be used: {reason}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise Unusable(f"Another stack is already running on {path}.") from error
        return cls(path, lock)

    def close(self) -> None:
        """Let another stack have it."""
        (self.path / "pids.json").unlink(missing_ok=True)
        self._lock.close()

    @property
    def database_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.path / 'trunkline.db'}"

    @property
    def temporal_file(self) -> Path:
        return self.path / "temporal.db"

    @property
    def carrier_file(self) -> Path:
        return self.path / "carrier.jsonl"

    def log(self, name: str) -> Path:
        """Where a program writes what it has to say."""
        return self.path / "logs" / f"{name}.log"

    def secrets(self) -> Secrets:
        """This directory's secrets; made on first use, readable by their owner only."""
        file = self.path / "secrets.json"
        kept = _read(file)
        made = asdict(_new_secrets())
        if kept is None or (isinstance(kept, dict) and made.keys() - kept.keys()):
            # A directory of an older version lacks the secrets that came since.
            kept = {**made, **(kept or {})}
            write_atomically(file, kept)
        return _built(Secrets, kept, file)

    def remembered_ports(self) -> Ports | None:
        """The ports of the last run on this directory."""
        kept = _read(file := self.path / "ports.json")
        return None if kept is None else _built(Ports, kept, file)

    def remember_ports(self, ports: Ports) -> None:
        write_atomically(self.path / "ports.json", asdict(ports))

    def write_pids(self, pids: Mapping[str, int]) -> None:
        """Tell tests and operators which process is which program."""
        write_atomically(self.path / "pids.json", dict(pids))


def _new_secrets() -> Secrets:
    return Secrets(
        account_sid=f"AC{secrets.token_hex(16)}",
        auth_token=secrets.token_hex(16),
        api_key=f"tl_{secrets.token_urlsafe(32)}",
        privacy_key=secrets.token_urlsafe(32),
    )


def write_atomically(path: Path, value: Mapping[str, Any]) -> None:
    """Replace a JSON file at once, so that nobody ever reads half of it."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(value, file, indent=2)
        file.write("\n")
    draft.replace(path)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Unusable(f"{path} cannot be read: {error}.") from error


def _built(kind: type[Kept], kept: Any, path: Path) -> Kept:
    try:
        return kind(**kept)
    except TypeError as error:
        raise Unusable(f"{path} does not hold what it should: remove or repair it.") from error
