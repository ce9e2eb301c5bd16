"""`trunkline demo`: a list of contacts called; the exit code is the verdict."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli.demo import demo as body
from cli.errors import Interrupted

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the data beyond the next demo.")
    ] = False,
    contacts: Annotated[
        Path, typer.Option(help="CSV with the columns phone, name and any others.")
    ] = body.CONTACTS,
) -> None:
    """Call the contacts of examples/contacts.csv on a stack of its own, and check each outcome."""
    try:
        as_dictated = asyncio.run(body.run(contacts, keep=keep))
    except Interrupted as error:
        raise typer.Exit(130) from error
    if not as_dictated:
        raise typer.Exit(1)
