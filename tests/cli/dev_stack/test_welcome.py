"""A person is told what to open, how to sign in, and what to type: and it works as it stands."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.dev_stack.ports import Ports
from cli.dev_stack.processes import StackSite
from cli.dev_stack.welcome import greeting


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [".venv/bin/trunkline"])
    data: Any = SimpleNamespace(path=tmp_path / ".trunkline")
    secrets: Any = SimpleNamespace()
    site = StackSite("127.0.0.1", Ports(api=8000, temporal=1, ui=8233, carrier=3), data, secrets)
    return SimpleNamespace(site=site, api_key="tl_x")


def test_it_says_what_to_open_and_how_to_sign_in(stack: Any) -> None:
    said = greeting(stack).plain
    for shown in ("http://127.0.0.1:8000/dashboard", "tl_x", "http://127.0.0.1:8233", "Ctrl-C"):
        assert shown in said
    assert ".venv/bin/trunkline call +12025550123 --set name=Ada --watch\n" in said


def test_where_the_key_is_not_found_the_commands_name_it(stack: Any, tmp_path: Path) -> None:
    stack.site.data.path = tmp_path / "elsewhere"
    assert "--watch --url http://127.0.0.1:8000 --key tl_x\n" in greeting(stack).plain
