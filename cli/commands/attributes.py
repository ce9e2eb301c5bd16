"""`trunkline attributes`: search attributes in the Temporal namespace, by `cli/attributes.py`."""

import typer

from cli.configured import configured
from cli.dev_stack.processes import attributes_command
from cli.program import become

app = typer.Typer(add_completion=False)


@app.command()
def attributes() -> None:
    """Create Trunkline's search attributes in the Temporal namespace, where missing."""
    configured()
    become(attributes_command())
