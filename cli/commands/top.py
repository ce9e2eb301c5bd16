"""`trunkline top`: all that is under way, on one screen."""

from typing import Annotated

import typer

from cli.live.top import Top
from cli.remote.command import Remote, remote_command

app = typer.Typer(add_completion=False)


@remote_command(app)
def top(
    remote: Remote,
    interval: Annotated[float, typer.Option(min=0.5, help="Seconds between two looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
) -> None:
    """Show queue, slots and outcomes, again and again, until Ctrl-C."""
    Top(remote).run(interval, 1 if once else None)
