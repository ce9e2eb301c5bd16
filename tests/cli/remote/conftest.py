"""A command typed in an empty folder, by a person without profiles."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from tests.api.world import KEY
from tests.client.conftest import address, process
from trunkline_client import Trunkline

__all__ = ["address", "process"]
#: What the pathway of the API's agent says.
SAID = ("--set", "firstName=Ada", "--set", "time=Monday")


@dataclass
class Terminal:
    """Types commands; `out` and `err` are what the last one said."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    out: str = ""
    err: str = ""

    def __call__(self, *words: str) -> int:
        """The exit code."""
        self.monkeypatch.setattr(sys, "argv", ["trunkline", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        self.out, self.err = self.capsys.readouterr()
        return int(ended.value.code or 0)

    def json(self, *words: str) -> Any:
        """What a command that ends well says to programs."""
        assert self(*words, "--json") == 0, self.err
        return json.loads(self.out)

    def id(self, *words: str) -> str:
        """The one id that a command that ends well says to scripts."""
        assert self(*words, "--quiet") == 0, self.err
        [line] = self.out.splitlines()
        return line


@pytest.fixture
def nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """Where no server is known."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("TRUNKLINE_URL", "TRUNKLINE_KEY"):
        monkeypatch.delenv(name, raising=False)
    return Terminal(monkeypatch, capsys)


@pytest.fixture
def terminal(nowhere: Terminal, address: str) -> Terminal:
    """Where the environment names the API."""
    nowhere.monkeypatch.setenv("TRUNKLINE_URL", address)
    nowhere.monkeypatch.setenv("TRUNKLINE_KEY", KEY)
    return nowhere


@pytest.fixture
def api(address: str) -> Iterator[Trunkline]:
    with Trunkline(address, KEY) as found:
        yield found
