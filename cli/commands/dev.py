"""`trunkline dev`: the local stack in the foreground."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli.configured import configured
from cli.dev_stack import foreground
from cli.dev_stack.ports import Ports
from cli.dev_stack.stack import StackOptions
from cli.options import Host, Speed
from cli.rule_book import rule_book

app = typer.Typer(add_completion=False)


def _port(what: str) -> object:
    return typer.Option(min=0, max=65535, help=f"Port of {what}; 0 means any free one.")


@app.command()
def dev(
    data_dir: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path(".trunkline"),
    host: Host = "127.0.0.1",
    api_port: Annotated[int, _port("the API")] = 8000,
    temporal_port: Annotated[int, _port("Temporal")] = 7233,
    ui_port: Annotated[int, _port("Temporal's Web UI")] = 8233,
    carrier_port: Annotated[int, _port("the carrier simulator")] = 8010,
    carrier_speed: Speed = 1.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Say in one line of JSON when all is up, for programs.")
    ] = False,
    database_url: Annotated[
        str | None, typer.Option(help="Instead of the SQLite file in the data directory.")
    ] = None,
) -> None:
    """Run the whole stack here, against a simulated carrier, until Ctrl-C."""
    settings = configured()
    rule_book(settings)
    ports = Ports(api=api_port, temporal=temporal_port, ui=ui_port, carrier=carrier_port)
    options = StackOptions(data_dir, host, ports, carrier_speed, settings.workers, database_url)
    asyncio.run(foreground.run(options, as_json=as_json))
