"""A program is kept running, and ends when told to."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.dev_stack.processes import Program
from cli.dev_stack.supervisor import Supervisor, describe_end, pause_before_restart
from tests.wait import PATIENCE

SLEEPS = "import time; time.sleep(600)"
#: Opens a pipe once it is deaf to SIGTERM, so that a test need not guess.
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open({pipe!r}, "w").close()
time.sleep(600)
"""


class Watched:
    """A supervisor of `python -c CODE` whose starts and deaths can be awaited."""

    def __init__(self, code: str, directory: Path, patience: float = 5) -> None:
        program = ImpatientProgram(
            "dummy", (sys.executable, "-c", code), dict(os.environ), patience
        )
        self.started: asyncio.Queue[int] = asyncio.Queue()
        self.said: asyncio.Queue[str] = asyncio.Queue()
        self.supervisor = Supervisor(
            program, directory / "dummy.log", changed=self._changed, say=self.said.put_nowait
        )

    def _changed(self) -> None:
        if self.supervisor.pid is not None:
            self.started.put_nowait(self.supervisor.pid)

    async def next_pid(self) -> int:
        return await asyncio.wait_for(self.started.get(), PATIENCE)


@dataclass(frozen=True)
class ImpatientProgram(Program):
    limit: float = 5

    @property
    def patience(self) -> float:
        return self.limit


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
async def sleeper(tmp_path: Path) -> AsyncIterator[Watched]:
    watched = Watched(SLEEPS, tmp_path)
    watched.supervisor.start()
    yield watched
    await watched.supervisor.stop()


async def test_a_part_that_is_killed_is_started_again(sleeper: Watched):
    first = await sleeper.next_pid()
    os.kill(first, signal.SIGKILL)

    second = await sleeper.next_pid()

    assert second != first
    assert is_gone(first)
    assert "dummy was ended by SIGKILL: starting it again" in await sleeper.said.get()


async def test_a_part_that_is_told_to_end_ends_and_is_not_started_again(sleeper: Watched):
    pid = await sleeper.next_pid()

    await sleeper.supervisor.stop()

    assert is_gone(pid)
    assert sleeper.supervisor.pid is None
    assert sleeper.started.empty()


async def test_a_part_that_does_not_listen_is_killed_when_patience_ends(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    deaf = Watched(STUBBORN.format(pipe=str(pipe)), tmp_path, patience=0.2)
    deaf.supervisor.start()
    pid = await deaf.next_pid()
    await asyncio.to_thread(pipe.read_bytes)

    await deaf.supervisor.stop()

    assert is_gone(pid)
    assert "did not end within 0.2 s: killed" in await deaf.said.get()


async def test_a_part_that_cannot_be_started_is_tried_again_until_told_to_end(tmp_path: Path):
    missing = Watched("", tmp_path)
    missing.supervisor.program = Program("dummy", ("/no/such/program",), {})
    missing.supervisor.start()

    said = await asyncio.wait_for(missing.said.get(), PATIENCE)
    await missing.supervisor.stop()

    assert "could not be started" in said


async def test_deaths_in_a_row_are_counted(tmp_path: Path):
    failing = Watched("raise SystemExit(3)", tmp_path)
    failing.supervisor.start()

    said = [await asyncio.wait_for(failing.said.get(), PATIENCE) for _ in range(2)]
    counted = failing.supervisor.quick_deaths
    await failing.supervisor.stop()

    assert all("ended with exit code 3" in sentence for sentence in said)
    assert counted == 2


async def test_what_a_part_says_is_kept_over_its_restarts(tmp_path: Path):
    talking = Watched("print('hello')", tmp_path)
    talking.supervisor.start()
    for _ in range(2):
        await asyncio.wait_for(talking.said.get(), PATIENCE)
    await talking.supervisor.stop()

    assert (tmp_path / "dummy.log").read_text().splitlines()[:2] == ["hello", "hello"]


async def test_stopping_a_part_that_never_started_is_nothing(tmp_path: Path):
    await Watched(SLEEPS, tmp_path).supervisor.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a death")
def test_a_part_does_not_outlive_a_supervisor_that_is_killed(tmp_path: Path):
    supervisor = subprocess.Popen(
        [sys.executable, "-c", _SUPERVISOR, str(tmp_path / "log")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())

    supervisor.kill()
    supervisor.wait()
    _await_end(pid)


_SUPERVISOR = """
import asyncio, os, sys
from pathlib import Path
from cli.dev_stack.supervisor import spawn
from cli.dev_stack.processes import Program

async def main():
    sleeper = (sys.executable, "-c", "import time; time.sleep(600)")
    program = Program("dummy", sleeper, dict(os.environ))
    process = await spawn(program, Path(sys.argv[1]))
    print(process.pid, flush=True)
    await process.wait()

asyncio.run(main())
"""


def _await_end(pid: int) -> None:
    """Wait for a process that is no child of ours; the test's time-out bounds it."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], 10)[0], "the program outlived its supervisor"
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    ("quick_deaths", "seconds"), [(0, 0), (1, 0), (2, 0.5), (3, 1), (4, 2), (5, 4), (6, 5), (99, 5)]
)
def test_the_pause_before_a_restart_grows_to_five_seconds(quick_deaths: int, seconds: float):
    assert pause_before_restart(quick_deaths) == seconds


def test_an_end_is_described_for_people():
    assert describe_end(1) == "ended with exit code 1"
    assert describe_end(-9) == "was ended by SIGKILL"
