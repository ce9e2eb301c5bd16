"""What a shell reads is what it can use, and it completes commands that are loaded when used."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.commands.completion import VARIABLE, Shell
from cli.main import COMPLETE

ROOT = Path(__file__).parents[2]
#: As the installed program is called.
_MAIN = "import sys; sys.argv[0] = 'trunkline'; from cli.main import main; main()"


def trunkline(*words: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _MAIN, *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    return done.stdout


def completed(words: str) -> set[str]:
    count = str(len(words.split(" ")) - 1)
    said = trunkline(COMP_WORDS=words, COMP_CWORD=count, **{VARIABLE: "complete_bash"})
    return set(said.split())


@pytest.mark.parametrize("shell", list(Shell))
def test_each_shell_gets_what_it_can_read(shell: Shell) -> None:
    script = trunkline("completion", shell.value)
    assert VARIABLE in script
    if program := shutil.which(shell.value):
        checked = subprocess.run([program, "-n"], input=script, text=True, check=False)
        assert checked.returncode == 0


def test_the_shell_asks_by_the_name_that_is_listened_to() -> None:
    assert VARIABLE == COMPLETE


def test_commands_and_those_below_them_are_completed() -> None:
    assert completed("trunkline cal") == {"call", "caller-ids", "calls"}
    assert {"list", "watch", "cancel"} <= completed("trunkline calls ")
    assert completed("trunkline calls list --lim") == {"--limit"}
