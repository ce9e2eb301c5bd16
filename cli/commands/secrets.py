"""`trunkline secrets`: the keys under which secrets are kept."""

import typer

from cli.deferred_command import attribute

app = typer.Typer(
    help="Keys under which secrets are sealed: key, reseal.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command()
def key() -> None:
    """Print a new key for TRUNKLINE_SECRET_KEYS."""
    typer.echo(attribute("storage.carriers.sealer:new_key")())


@app.command()
def reseal() -> None:
    """Seal every secret in TRUNKLINE_DATABASE_URL under the newest key; then older ones may go."""
    attribute("cli.secret_renewal:renew")()
