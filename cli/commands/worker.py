"""`trunkline worker`: a worker alone."""

import typer

from cli.configured import configured
from cli.dev_stack.processes import worker_command
from cli.program import become

app = typer.Typer(add_completion=False)


@app.command()
def worker() -> None:
    """Run a worker alone, as TRUNKLINE_* says."""
    configured()
    become(worker_command())
