"""Keeps one program running: starts it, starts it again when it dies, ends it."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from cli.dev_stack.processes import Program

#: A program that lived this long was well: its next start comes at once.
SETTLED_SECONDS = 10.0
_LONGEST_PAUSE = 5.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def pause_before_restart(quick_deaths: int) -> float:
    """Seconds to wait after so many deaths in a row: at once, then 0.5 s, doubling up to 5 s."""
    return (
        0.0 if quick_deaths <= 1 else min(0.25 * 2.0 ** min(quick_deaths - 1, 10), _LONGEST_PAUSE)
    )


class Supervisor:
    """One program and its process. `changed` is told of every new process, `say` of every death.

    Without a `log` it says what it has to say where we do. `gives_up`: one that ends by itself as
    soon as it is started is not started again, since it would only do so once more.
    """

    def __init__(
        self,
        program: Program,
        log: Path | None,
        *,
        changed: Callable[[], None],
        say: Callable[[str], None],
        gives_up: bool = False,
    ) -> None:
        self.program = program
        self.log = log
        self.quick_deaths = 0
        #: With which code it ended when it was given up.
        self.given_up: int | None = None
        self._gives_up = gives_up
        self._changed = changed
        self._say = say
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process now running, if one is."""
        process = self._process
        return process.pid if process and process.returncode is None else None

    def start(self) -> None:
        """Begin to keep the program running."""
        self._task = asyncio.create_task(self._keep(), name=f"keep {self.program.name}")

    async def wait(self) -> None:
        """Until it is given up, or has ended because it was told to."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def stop(self) -> None:
        """End the program and wait until its process is gone; it is killed if it takes too long."""
        self._stopping.set()
        if self._task is None:
            return
        self._signal(signal.SIGTERM)
        _, late = await asyncio.wait({self._task}, timeout=self.program.patience)
        if late:
            self._say(f"{self.program.name} did not end within {self.program.patience:g} s: killed")
            self._signal(signal.SIGKILL)
        await self._task

    def kill(self) -> None:
        """End the program without waiting for it."""
        self._stopping.set()
        self._signal(signal.SIGKILL)

    async def _keep(self) -> None:
        while not self._stopping.is_set():
            born = time.monotonic()
            code, end = await self._live_once()
            if self._stopping.is_set():
                return
            settled = time.monotonic() - born >= SETTLED_SECONDS
            if self._gives_up and not settled and code >= 0:
                self.given_up = code
                self._say(f"{self.program.name} {end} as soon as it was started")
                return
            self.quick_deaths = 1 if settled else self.quick_deaths + 1
            where = f" (log: {self.log})" if self.log else ""
            self._say(f"{self.program.name} {end}: starting it again{where}")
            await self._pause(pause_before_restart(self.quick_deaths))

    async def _live_once(self) -> tuple[int, str]:
        """With which code it ended, and the same for people."""
        try:
            self._process = await spawn(self.program, self.log)
        except OSError as error:
            return 1, f"could not be started ({error.strerror or error})"
        self._changed()
        if self._stopping.is_set():
            self._signal(signal.SIGTERM)
        code = await self._process.wait()
        return code, describe_end(code)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _signal(self, number: signal.Signals) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


async def spawn(program: Program, log: Path | None) -> asyncio.subprocess.Process:
    """Start a program in a session of its own, so that Ctrl-C reaches only who started it."""
    parent = os.getpid()
    with nullcontext() if log is None else log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *program.command,
            env=dict(program.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=lambda: _die_with(parent),
        )


def describe_end(code: int) -> str:
    """How a process ended, for people."""
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(-code).name}"


def _die_with(parent: int) -> None:
    """In the child: be killed when the parent is, even by kill -9 (Linux only)."""
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
