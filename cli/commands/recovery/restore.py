"""`trunkline restore`, by `cli/recovery/restore.py`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.configured import configured
from cli.dev_stack.processes import recovery_command
from cli.program import become

app = typer.Typer(add_completion=False)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `trunkline backup` made.")],
) -> None:
    """Put a copy in the place of the database of TRUNKLINE_DATABASE_URL; no worker may run."""
    configured()
    become(recovery_command("restore", str(file)))
