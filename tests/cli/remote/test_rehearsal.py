"""`trunkline pathways rehearse`: in one go, or step by step at a terminal."""

import json
import sys
from pathlib import Path

import pytest
import typer

from cli.live.rehearsal import split_steps, typed_step
from tests.api.world import PATHWAY
from tests.cli.remote.conftest import Terminal

REHEARSE = ("pathways", "rehearse")


@pytest.fixture
def pathway(terminal: Terminal, tmp_path: Path) -> str:
    file = tmp_path / "pathway.json"
    file.write_text(json.dumps(PATHWAY))
    return terminal.id("pathways", "create", str(file))


def test_steps_are_walked_and_what_is_heard_is_told(terminal: Terminal, pathway: str) -> None:
    words = (pathway, "--context", "name=Ada", "--steps", "1")
    assert terminal(*REHEARSE, *words) == 0
    heard = [
        "“Hello Ada. Press 1 to confirm.”",
        "presses 1  (yes → bye)",
        "reports confirmed",
        "“Goodbye.”",
        "Outcome: confirmed",
    ]
    places = [terminal.out.index(line) for line in heard]
    assert places[0] < places[1] < places[-1]
    assert terminal.json(*REHEARSE, *words)["outcome"] == "confirmed"
    assert terminal.id(*REHEARSE, *words) == "confirmed"


def test_without_steps_one_learns_what_is_waited_for(terminal: Terminal, pathway: str) -> None:
    assert terminal(*REHEARSE, pathway) == 0
    assert "“Hello there. Press 1 to confirm.”" in terminal.out
    assert "waits for digits or speech: 1, 2, for 5 s" in terminal.out


def test_at_a_terminal_each_step_is_asked_for(
    terminal: Terminal, pathway: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(["2"])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: next(typed))
    assert terminal(*REHEARSE, pathway) == 0
    assert "Outcome: declined" in terminal.out
    assert terminal.out.count("Press 1 to confirm.") == 1


def test_whoever_ends_the_input_hangs_up(
    terminal: Terminal, pathway: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(*_: object, **__: object) -> str:
        raise typer.Abort

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(typer, "prompt", ends)
    assert terminal(*REHEARSE, pathway) == 0
    assert "The callee has hung up." in terminal.out


def test_a_file_is_rehearsed_before_it_is_saved(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "draft.json"
    file.write_text(json.dumps(PATHWAY))
    assert terminal(*REHEARSE, "--draft", str(file), "--steps", "silence") == 0
    assert "Outcome: completed" in terminal.out
    file.write_text(json.dumps({**PATHWAY, "definition": {"start": "a", "nodes": {}}}))
    assert terminal(*REHEARSE, "--draft", str(file)) == 4
    assert "definition.nodes" in terminal.err
    assert terminal(*REHEARSE) == 2
    assert terminal(*REHEARSE, "--draft", str(file), "--steps", "x", "other") == 2


def test_what_is_no_step_is_told_by_its_place(terminal: Terminal, pathway: str) -> None:
    assert terminal(*REHEARSE, pathway, "--steps", "1,machine") == 4
    assert "steps.1" in terminal.err


def test_a_comma_in_what_is_said_divides_nothing() -> None:
    assert split_steps("1, say:yes, please,silence,say:2 or 3, hang_up") == [
        *("1", "say:yes, please", "silence", "say:2 or 3", "hang_up"),
    ]


@pytest.mark.parametrize(
    ("line", "step"),
    [("", "silence"), ("1#", "1#"), ("yes", "say:yes"), ("say:1", "say:1"), ("machine",) * 2],
)
def test_a_line_is_keys_a_word_of_ours_or_what_is_said(line: str, step: str) -> None:
    assert typed_step(line) == step
