"""A PostgreSQL of a run's own, which may be killed: from the programs on this machine."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg

from cli.errors import Unusable

#: PostgreSQL refuses to run as root: then the first of these users runs it.
_USERS = ("postgres", "pgserver", "nobody")
_READY_SECONDS = 30.0
_PORT = 5432
_NAME = "trunkline"


class Postgres:
    """A server on a socket in a folder of its own. It keeps what it has committed when killed."""

    def __init__(self) -> None:
        self._programs = _programs()
        # Directly under the temporary folder: a socket's path must be short.
        self.folder = Path(tempfile.mkdtemp(prefix="trunkline-pg-"))
        self._user = _user()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> str:
        return str(self.folder / f".s.PGSQL.{_PORT}")

    @property
    def own_url(self) -> str:
        """Past the relay, for us."""
        return f"postgresql://postgres@/{_NAME}?host={self.folder}&port={_PORT}"

    @staticmethod
    def url(port: int) -> str:
        """Through a relay on this port, for the programs."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{port}/{_NAME}"

    async def make(self) -> None:
        """A new cluster with a database of ours; raises Unusable."""
        if self._user is not None:
            os.chown(self.folder, pwd.getpwnam(self._user).pw_uid, -1)
        await asyncio.to_thread(self._make_cluster)
        await self.start()
        async with await psycopg.AsyncConnection.connect(self._maintenance, autocommit=True) as one:
            await one.execute(f"CREATE DATABASE {_NAME}".encode())

    def _make_cluster(self) -> None:
        made = subprocess.run(
            [self._programs / "initdb", "--auth=trust", "-U", "postgres", "-D", self._data],
            capture_output=True,
            text=True,
            check=False,
            user=self._user,
            cwd=self.folder,
        )
        if made.returncode:
            raise Unusable(f"PostgreSQL could not be set up: {made.stderr.strip()[-300:]}.")

    async def start(self) -> None:
        """Start it and wait until it answers."""
        self._spawn()
        await self._until_ready()

    def _spawn(self) -> None:
        self._process = subprocess.Popen(
            [
                *(str(self._programs / "postgres"), "-D", str(self._data)),
                *("-k", str(self.folder), "-p", str(_PORT)),
                *("-c", "listen_addresses=", "-c", "max_connections=200"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._user,
            cwd=self.folder,
            start_new_session=True,
        )

    async def kill(self) -> None:
        """An immediate shutdown: nothing is finished, nothing said; the next start recovers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        await asyncio.to_thread(self._process.wait)
        await self.start()

    async def end_sessions(self) -> None:
        """The server ends every client's session but ours."""
        await self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{_NAME}' AND pid <> pg_backend_pid()"
        )

    async def set_read_only(self, value: bool) -> None:
        """Sessions from now on, so those that are there end."""
        setting = "on" if value else "off"
        await self.execute(
            f"ALTER DATABASE {_NAME} SET default_transaction_read_only = {setting}",
            to=self._maintenance,
        )
        await self.end_sessions()

    async def execute(self, statement: str, to: str | None = None) -> None:
        url = to or self.own_url
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(statement.encode())

    async def close(self) -> None:
        """Stop it, and remove every trace of it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                await asyncio.to_thread(self._process.wait, 10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _maintenance(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}&port={_PORT}"

    async def _until_ready(self) -> None:
        end = asyncio.get_running_loop().time() + _READY_SECONDS
        while True:
            try:
                await self.execute("SELECT 1", to=self._maintenance)
            except psycopg.OperationalError as error:
                if asyncio.get_running_loop().time() > end:
                    raise Unusable("PostgreSQL did not start.") from error
                await asyncio.sleep(0.1)
            else:
                return


def _user() -> str | None:
    """Who runs it, where we are root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _USERS if name in known), None)


def _programs() -> Path:
    """Where the server's programs are; raises Unusable."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if all((place / name).is_file() for name in ("initdb", "postgres")):
            return place
    raise Unusable(
        "The programs of PostgreSQL's server (initdb, postgres) were not found on the PATH or in "
        "/usr/lib/postgresql; install them, or leave out --postgres."
    )
