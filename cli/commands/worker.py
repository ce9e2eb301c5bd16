"""`trunkline worker`: a worker alone, or several."""

import asyncio

import typer

from cli.configured import configured
from cli.dev_stack.processes import worker_command
from cli.program import become
from cli.worker_group import WorkerGroup

app = typer.Typer(add_completion=False)


@app.command()
def worker() -> None:
    """Run a worker alone, as TRUNKLINE_* says."""
    count = configured().workers
    if count == 1:
        become(worker_command())
    else:
        raise typer.Exit(asyncio.run(WorkerGroup(count).run()))
