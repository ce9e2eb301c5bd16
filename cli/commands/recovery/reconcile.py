"""`trunkline reconcile`, by `cli/recovery/reconcile.py`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.configured import configured
from cli.dev_stack.processes import recovery_command
from cli.program import become

app = typer.Typer(add_completion=False)


@app.command()
def reconcile(
    since: Annotated[
        datetime | None,
        typer.Option(help="When the backup was made, in UTC; else the last thing it knows."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="What was found, as JSON.")] = False,
) -> None:
    """After a restore and before any worker: write down what Temporal and the carrier know."""
    configured()
    begin = "" if since is None else since.replace(tzinfo=since.tzinfo or UTC).isoformat()
    become(recovery_command("reconcile", begin, "json" if as_json else "text"))
