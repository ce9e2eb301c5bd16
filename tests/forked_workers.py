"""xdist's workers as forks of one process that has imported all tests, instead of several that do.

Importing is three quarters of what a worker does before its first test, and in a new checkout each
would compile all there is, too. Where that does not work, workers are started as xdist does.
"""

import atexit
import gc
import os
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import execnet.gateway_io
import pytest
from execnet.gateway_base import ExecModel, Popen2IO
from execnet.xspec import XSpec

#: Elsewhere what is imported may have threads, which no fork has.
CAN_FORK = sys.platform == "linux"


def prepare(config: pytest.Config, number: int) -> None:
    """Import what is to be tested, and fork so many workers, which wait for xdist.

    One that is started later, in the place of one that crashed, is a process of its own.
    """
    gc.disable()
    for name in modules(config.rootpath, config.args):
        # Whoever collects it says what is wrong.
        with suppress(Exception, SystemExit, pytest.skip.Exception, pytest.fail.Exception):
            import_module(name)
    # What was imported stays, in all of them.
    gc.freeze()
    gc.enable()
    waiting = [ForkedWorker.fork() for _ in range(number)]
    otherwise = execnet.gateway_io.create_io

    def create_io(spec: XSpec, execmodel: ExecModel) -> Popen2IO:
        if not waiting or not spec.popen or spec.python:
            return otherwise(spec, execmodel)
        worker = waiting.pop(0)
        worker.connect(execmodel)
        return worker

    execnet.gateway_io.create_io = create_io  # type: ignore[assignment]


def modules(root: Path, args: Iterable[str]) -> Iterator[str]:
    """The names of the modules with the tests that pytest's arguments name."""
    for arg in args:
        path = root / arg.partition("::")[0]
        if not path.is_relative_to(root):
            continue
        for file in sorted(path.rglob("test_*.py")) if path.is_dir() else [path]:
            yield ".".join(file.relative_to(root).with_suffix("").parts)


class ForkedWorker(Popen2IO):
    """The process and the pipes to it, as execnet wants them."""

    #: What leads to the workers that are there: one that held another's would keep it alive.
    _ours: tuple[int, ...] = ()

    def __init__(self, pid: int, to: int, back: int) -> None:
        self._pid, self._to, self._back = pid, to, back

    @classmethod
    def fork(cls) -> "ForkedWorker":
        (its_input, to), (back, its_output) = os.pipe(), os.pipe()
        cls._ours += (to, back)
        pid = os.fork()
        if not pid:
            _work(its_input, its_output, cls._ours)
        os.close(its_input)
        os.close(its_output)
        return cls(pid, to, back)

    def connect(self, execmodel: ExecModel) -> None:
        super().__init__(os.fdopen(self._to, "wb"), os.fdopen(self._back, "rb"), execmodel)

    def wait(self) -> int | None:
        with suppress(OSError):
            return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        return None

    def kill(self) -> None:
        with suppress(OSError):
            os.kill(self._pid, 9)


def _work(its_input: int, its_output: int, of_others: Iterable[int]) -> NoReturn:
    """What execnet has a new interpreter do; never returns to the process that was forked."""
    code = 1
    try:
        for one in of_others:
            os.close(one)
        for end, standard in ((its_input, 0), (its_output, 1)):
            os.dup2(end, standard)
            os.close(end)
        atexit._clear()
        sys.stdin = os.fdopen(0, closefd=False)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        exec(eval(sys.stdin.readline()), {"__name__": "__main__"})
        atexit._run_exitfuncs()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)
