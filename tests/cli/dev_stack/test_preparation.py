"""The database first, then Temporal; which of them failed is told in one sentence."""

import os
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from cli import attributes, preparation
from cli.dev_stack import processes
from cli.dev_stack.ports import Ports
from cli.dev_stack.stack import Stack, StackOptions
from cli.errors import Unusable
from storage.database.migrate import current, head


def left(code: int) -> NoReturn:
    raise SystemExit(code)


@pytest.mark.parametrize(("said", "code"), [(0, 0), (2, processes.WITHOUT_TEMPORAL)])
def test_the_database_is_migrated_whatever_becomes_of_temporal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: int, code: int
):
    monkeypatch.setenv("TRUNKLINE_DATABASE_URL", url := f"sqlite:///{tmp_path}/some.db")
    monkeypatch.setattr(attributes, "run", lambda: said)
    monkeypatch.setattr(attributes, "leave", left)

    with pytest.raises(SystemExit) as ended:
        preparation.main()

    assert ended.value.code == code
    assert current(url) == head()


def test_without_a_database_temporal_is_not_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRUNKLINE_DATABASE_URL", "sqlite:////proc/nowhere/some.db")
    monkeypatch.setattr(attributes, "run", lambda: pytest.fail("it was asked"))

    with pytest.raises(Unusable, match="The database"):
        preparation.main()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (1, "The database could not be migrated"),
        (2, "The database could not be migrated"),
        (processes.WITHOUT_TEMPORAL, "Temporal did not start"),
    ],
)
async def test_what_failed_is_said_with_the_log_that_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int, sentence: str
):
    command = (sys.executable, "-c", f"raise SystemExit({code})")
    monkeypatch.setattr(processes, "preparation_command", lambda: command)
    options = StackOptions(tmp_path, ports=Ports(0, 0, 0, 0))
    stack = Stack.prepare(options, print, os.environ)

    with pytest.raises(Unusable, match=f"^{sentence}; .*preparation.log says why"):
        await stack._prepare()
    await stack.stop()
