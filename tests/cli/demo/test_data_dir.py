"""The data of a demo stays until the next one, and the way back to it is told."""

import sys
import tempfile
from pathlib import Path

import pytest

from cli.demo.data_dir import lasting, of_last_demo
from cli.demo.demo import look_again
from cli.dev_stack.data_dir import DataDir


@pytest.fixture(autouse=True)
def _own_temporary_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_the_next_demo_takes_the_place_of_the_last_one():
    first = of_last_demo()
    (first / "trunkline.db").write_text("the last calls")
    (first / "logs").mkdir(exist_ok=True)
    (first / "logs" / "api.log").write_text("its log")

    assert of_last_demo() == first
    assert [path.name for path in first.iterdir()] == ["lock"]


def test_what_somebody_looks_at_is_left_alone():
    first = of_last_demo()
    looked_at = DataDir.open(first)
    (first / "trunkline.db").write_text("the last calls")

    assert of_last_demo() != first
    assert (first / "trunkline.db").exists()
    looked_at.close()


def test_a_link_that_lies_in_the_way_is_not_followed(tmp_path: Path):
    usual = of_last_demo()
    precious = tmp_path / "precious"
    usual.rename(precious)
    (precious / "letter").write_text("keep me")
    usual.symlink_to(precious)

    assert of_last_demo() != usual
    assert (precious / "letter").exists()


def test_what_is_kept_is_never_the_place_of_another_demo():
    assert len({lasting(), lasting(), of_last_demo()}) == 3


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        (".venv/bin/trunkline", ".venv/bin/trunkline dev --data-dir '/tmp/my demo'"),
        ("/src/cli/main.py", "-m cli.main dev --data-dir '/tmp/my demo'"),
    ],
)
def test_the_way_back_is_the_command_as_it_was_typed(
    monkeypatch: pytest.MonkeyPatch, typed: str, command: str
):
    monkeypatch.setattr(sys, "argv", [typed, "demo"])

    assert command in look_again(Path("/tmp/my demo")).plain
