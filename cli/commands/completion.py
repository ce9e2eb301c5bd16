"""`trunkline completion`: what a shell has to read so that it completes commands."""

from enum import StrEnum
from typing import Annotated

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined]

app = typer.Typer(add_completion=False)
PROGRAM = "trunkline"
#: As `cli.main` has it, which imports this module and not the other way round.
VARIABLE = "_TRUNKLINE_COMPLETE"


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


@app.command()
def completion(
    shell: Annotated[Shell, typer.Argument(help="Which shell.")],
) -> None:
    """Print what a shell has to read to complete commands: add it to the shell's own start.

    For bash: trunkline completion bash >> ~/.bashrc
    """
    script = get_completion_script(prog_name=PROGRAM, complete_var=VARIABLE, shell=shell.value)
    typer.echo(script)
