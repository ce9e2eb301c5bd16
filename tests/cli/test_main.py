"""The table of commands: what it says of each is true, and listing them loads none."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.deferred_command import DeferredCommand
from cli.main import COMMANDS, main
from release import version

Typed = Callable[..., int]
ROOT = Path(__file__).parents[2]
#: What takes long to load.
HEAVY = {"sqlalchemy", "sqlmodel", "temporalio", "twilio", "fastapi", "phonenumbers"}

each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Types a command; gives its exit code."""

    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["trunkline", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return run


def loaded_by(*words: str) -> set[str]:
    """The modules of a fresh interpreter in which a command was typed and ended well."""
    code = (
        "import atexit, json, sys\n"
        "atexit.register(lambda: sys.stderr.write(json.dumps(sorted(sys.modules))))\n"
        "from cli.main import main\n"
        f"sys.argv = {['trunkline', *words]}\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(json.loads(done.stderr))


def commands_among(modules: set[str]) -> set[str]:
    return {name for name in modules if name.startswith("cli.commands.")}


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_what_is_asked_of_trunkline_itself_loads_no_command_and_no_settings(word: str):
    loaded = loaded_by(word)

    assert "cli.main" in loaded
    assert commands_among(loaded) == set()
    assert not loaded & {*HEAVY, "pydantic", "settings", "policy", "httpx2"}


@each_command
def test_a_command_loads_those_of_its_room_and_no_library_that_only_others_need(
    command: DeferredCommand,
):
    loaded = loaded_by(str(command.name), "--help")

    module = command.target.partition(":")[0]
    room = module.rpartition(".")[0]
    others = commands_among(loaded) - {module}
    assert module in loaded
    assert all(name == room or name.startswith(f"{room}.") for name in others)
    assert room != "cli.commands" or not others
    assert not loaded & HEAVY


@each_command
def test_the_table_says_of_each_command_what_its_docstring_says(command: DeferredCommand):
    assert command.help
    assert command.help == " ".join((command.loaded().help or "").split("\n\n")[0].split())


@each_command
def test_the_help_of_each_command_works_and_offers_what_the_command_takes(
    typed: Typed, capsys: pytest.CaptureFixture[str], command: DeferredCommand
):
    assert typed(str(command.name), "--help") == 0
    said = capsys.readouterr().out
    options = {option for parameter in command.loaded().params for option in parameter.opts}
    assert f"trunkline {command.name} [OPTIONS]" in said
    assert all(option in said for option in options)
    assert "--install-completion" not in said


def test_trunkline_lists_every_command_there_is_a_file_of(
    typed: Typed, capsys: pytest.CaptureFixture[str]
):
    assert typed("--help") == 0
    said = capsys.readouterr().out
    rooms = (ROOT / "cli" / "commands").rglob("[!_]*.py")
    files = {
        path.stem.replace("_", "-") for path in rooms if "app = typer.Typer(" in path.read_text()
    }
    assert {command.name for command in COMMANDS} == files
    assert all(f"│ {name} " in said for name in files)


def test_typed_alone_trunkline_shows_its_help_and_a_wrong_word_is_refused(
    typed: Typed, capsys: pytest.CaptureFixture[str]
):
    assert typed() == 2
    assert "Durable outbound calling on Temporal." in capsys.readouterr().out
    assert typed("rulse") == 2
    assert "Did you mean 'rules'?" in capsys.readouterr().err


def test_the_version_is_that_of_the_source_tree(typed: Typed, capsys: pytest.CaptureFixture[str]):
    assert typed("--version") == 0
    assert capsys.readouterr().out == f"trunkline {version()}\n"
    assert f'version = "{version()}"\n' in (ROOT / "pyproject.toml").read_text()
