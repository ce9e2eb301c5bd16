"""`trunkline worker`: a worker alone, or several."""

import asyncio
import os

import typer

from cli.configured import configured
from cli.dev_stack.processes import worker_command, worker_environment
from cli.program import become
from cli.worker_group import WorkerGroup

app = typer.Typer(add_completion=False)


@app.command()
def worker() -> None:
    """Run a worker alone, as TRUNKLINE_* says."""
    settings = configured()
    address = settings.metrics_address
    if settings.workers == 1:
        become(worker_command(), worker_environment(os.environ, 1, address))
    else:
        group = WorkerGroup(settings.workers, metrics_address=address)
        raise typer.Exit(asyncio.run(group.run()))
