"""`trunkline doctor`: what an installation needs, looked at piece by piece."""

import dataclasses
import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.deferred_command import attribute

app = typer.Typer(add_completion=False)
_SIGNS = {
    "well": ("✓", "green"),
    "warning": ("!", "yellow"),
    "bad": ("✗", "bold red"),
    "skipped": ("-", "dim"),
}


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only what is not well, or nothing.")
    ] = False,
) -> None:
    """Look at all that is needed, and say how to mend what is not well.

    It reads the settings of this environment, as a process would, or those of the stack that runs
    in this folder. The exit code is 1 when something is bad.
    """
    what, found = attribute("cli.doctor.examination:examine")()
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(one) for one in found], indent=2))
    else:
        _show(what, found, quiet)
    if any(one.state == "bad" for one in found):
        raise typer.Exit(1)


def _show(what: str, found: list[Any], quiet: bool) -> None:
    console = Console(highlight=False)
    if not quiet:
        console.print(Text(what, "bold"))
    for one in found:
        if quiet and one.state in ("well", "skipped"):
            continue
        sign, colour = _SIGNS[one.state]
        line = Text.assemble((f"{sign} ", colour), (f"{one.name:<18}", ""), one.detail)
        console.print(line, soft_wrap=True)
        if one.remedy:
            console.print(Text(f"  → {one.remedy}", colour), soft_wrap=True)
