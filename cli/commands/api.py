"""`trunkline api`: the API alone."""

import typer

from cli.configured import configured
from cli.dev_stack.ports import claim_named
from cli.dev_stack.processes import api_command
from cli.program import become

app = typer.Typer(add_completion=False)


@app.command()
def api() -> None:
    """Run the API alone, as TRUNKLINE_* says."""
    settings = configured()
    if settings.api_port:
        option = "TRUNKLINE_API_PORT"
        claim_named(settings.api_host, settings.api_port, option, "TRUNKLINE_API_HOST").close()
    become(api_command())
