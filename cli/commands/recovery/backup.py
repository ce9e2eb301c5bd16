"""`trunkline backup`, by `cli/recovery/backup.py`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.configured import configured
from cli.dev_stack.processes import recovery_command
from cli.program import become

app = typer.Typer(add_completion=False)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The copy to be made; must not be there yet.")],
) -> None:
    """Copy the database of TRUNKLINE_DATABASE_URL to a file, while everything runs."""
    configured()
    become(recovery_command("backup", str(file)))
