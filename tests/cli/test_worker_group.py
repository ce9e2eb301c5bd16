"""Several workers under one parent: none dies in silence, and a signal reaches all."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.commands import worker
from cli.dev_stack.processes import worker_command, worker_names
from cli.worker_group import WorkerGroup
from tests.wait import PATIENCE, until

SLEEPS = (sys.executable, "-c", "import time; time.sleep(600)")


async def running(group: WorkerGroup, count: int, *but: int) -> list[int]:
    """Until so many run, and none of those that are not to."""

    async def so() -> bool:
        return len(group.pids) == count and not {*group.pids} & {*but}

    await until(so, f"{count} workers")
    return group.pids


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_each_worker_has_a_name():
    assert worker_names(1) == ["worker"]
    assert worker_names(3) == ["worker", "worker-2", "worker-3"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_all_of_them(number: signal.Signals):
    group = WorkerGroup(2, SLEEPS)
    task = asyncio.create_task(group.run())
    pids = await running(group, 2)
    os.kill(os.getpid(), number)
    assert await asyncio.wait_for(task, PATIENCE) == 0
    assert all(is_gone(pid) for pid in pids)


async def test_one_that_is_killed_is_started_again_and_that_is_said(
    capsys: pytest.CaptureFixture[str],
):
    group = WorkerGroup(2, SLEEPS)
    task = asyncio.create_task(group.run())
    killed, other = await running(group, 2)
    os.kill(killed, signal.SIGKILL)
    assert other in await running(group, 2, killed)
    assert "worker was ended by SIGKILL: starting it again\n" in capsys.readouterr().err
    group.end()
    assert await asyncio.wait_for(task, PATIENCE) == 0


@pytest.mark.parametrize(("code", "exit_code"), [(2, 2), (0, 1)])
async def test_one_that_ends_as_soon_as_it_is_started_ends_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], code: int, exit_code: int
):
    """As with settings that cannot be: to start it again would help nobody."""
    first = tmp_path / "first"
    program = f"""
import os, pathlib, sys, time
try:
    pathlib.Path({str(first)!r}).touch(exist_ok=False)
except FileExistsError:
    time.sleep(600)
sys.exit({code})
"""
    group = WorkerGroup(2, (sys.executable, "-c", program))
    assert await asyncio.wait_for(group.run(), PATIENCE) == exit_code
    assert f"ended with exit code {code} as soon as it was started" in capsys.readouterr().err
    assert group.pids == []


def test_the_setting_says_how_many(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    counts: list[int] = []

    class Noted:
        def __init__(self, count: int, **_: object) -> None:
            counts.append(count)

        async def run(self) -> int:
            return 3

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRUNKLINE_WORKERS", "2")
    monkeypatch.setattr(worker, "WorkerGroup", Noted)
    assert CliRunner().invoke(worker.app).exit_code == 3
    assert counts == [2]


def test_a_worker_of_a_group_is_one_process_however_many_are_said():
    assert worker_command() == (sys.executable, "-m", "worker")
