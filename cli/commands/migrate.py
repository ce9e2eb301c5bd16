"""`trunkline migrate`: the database brought to this version's schema, by `cli/migration.py`."""

import typer

from cli.configured import configured
from cli.dev_stack.processes import migrate_command
from cli.program import become

app = typer.Typer(add_completion=False)


@app.command()
def migrate() -> None:
    """Bring the database of TRUNKLINE_DATABASE_URL to this version's schema."""
    configured()
    become(migrate_command())
