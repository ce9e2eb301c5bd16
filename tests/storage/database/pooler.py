"""A pooler in transaction mode for tests: PgBouncer, where it is installed."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.storage.database.postgres import Postgres
from tests.wait import wait_until

#: Where Debian puts it, which is not on everybody's path.
_PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

needs_pooler = pytest.mark.skipif(_PROGRAM is None, reason="PgBouncer is not installed")

_CONFIGURATION = """
[databases]
* = host={socket} port={port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
{user}
"""


@contextmanager
def running_pooler(server: Postgres, folder: Path, size: int) -> Iterator[str]:
    """Its URL, to which a database's name is added; it holds `size` connections for all clients."""
    assert _PROGRAM is not None
    there = parse_qs(urlsplit(server.url()).query)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own = free.getsockname()[1]
    where = there["host"][0]
    user = f"user = {pwd.getpwuid(Path(where).stat().st_uid).pw_name}" if os.getuid() == 0 else ""
    file = folder / "pgbouncer.ini"
    text = _CONFIGURATION.format(socket=where, port=there["port"][0], own=own, size=size, user=user)
    file.write_text(text)
    with subprocess.Popen([_PROGRAM, "-q", str(file)], stderr=subprocess.DEVNULL) as process:
        try:
            url = f"postgresql://postgres@127.0.0.1:{own}/"
            wait_until(lambda: _answers(url + "postgres"), "the pooler")
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
