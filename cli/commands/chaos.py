"""`trunkline chaos`: what was promised, held against killed processes; the exit code judges."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cli.chaos.load import MOST_CALLS
from cli.chaos.page import page
from cli.chaos.run import Wanted, run
from cli.errors import Interrupted, say

app = typer.Typer(add_completion=False)


@app.command()
def chaos(
    calls: Annotated[int, typer.Option(min=3, max=MOST_CALLS, help="How many calls.")] = 100,
    kills: Annotated[
        int, typer.Option(min=0, max=10_000, help="How many times something is struck.")
    ] = 10,
    seed: Annotated[int, typer.Option(help="Of the plan of blows and of the faults.")] = 1,
    postgres: Annotated[
        bool,
        typer.Option("--postgres", help="On a PostgreSQL of its own, which is killed, too."),
    ] = False,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where all is kept, logs included; else a new folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
    page_file: Annotated[
        Path | None, typer.Option("--page", help="Also write the report as a page to this file.")
    ] = None,
) -> None:
    """Make calls while processes are killed and cut off; check that every promise holds.

    Some are stopped for a while, and the database is kept from them. On a stack of its own with a
    simulated carrier: nobody is really called. Exit code 1 says that a call was lost, somebody was
    dialed twice, or something did not recover.
    """
    folder = data_dir or Path(tempfile.mkdtemp(prefix="trunkline-chaos-"))
    wanted = Wanted(calls, kills, seed, folder, on_postgresql=postgres)
    say(f"data and logs: {folder}")
    try:
        report = asyncio.run(run(wanted, say))
    except Interrupted as error:
        raise typer.Exit(130) from error
    if page_file is not None:
        page_file.write_text(page(report), encoding="utf-8")
    told = json.dumps(report.as_json(), indent=2) + "\n" if as_json else report.as_text()
    sys.stdout.write(told)
    if report.broken():
        raise typer.Exit(1)
