"""The command `trunkline`: every subcommand says what it does in its docstring."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from cli import analytics as analytics_command
from cli import dev as dev_command
from cli import rules as rules_command
from cli.configured import configured, readable_rules
from cli.demo import demo as demo_command
from cli.dev_stack import processes
from cli.dev_stack.ports import Ports, claim_named
from cli.dev_stack.stack import StackOptions
from cli.errors import Interrupted, Unusable, in_one_sentence

app = typer.Typer(
    help="Durable outbound calling on Temporal.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(rules_command.app, name="rules")
app.add_typer(analytics_command.app, name="analytics")

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Speed = Annotated[float, typer.Option(min=0.01, help="Simulated seconds per real second.")]


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
) -> None:
    """Run the whole stack here, against a simulated carrier, until Ctrl-C."""
    readable_rules(configured())
    ports = Ports(api=api_port, temporal=temporal_port, ui=ui_port, carrier=carrier_port)
    asyncio.run(dev_command.run(StackOptions(data_dir, host, ports, carrier_speed)))


@app.command()
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the data beyond the next demo.")
    ] = False,
    contacts: Annotated[
        Path, typer.Option(help="CSV with the columns phone, name and any others.")
    ] = demo_command.CONTACTS,
) -> None:
    """Call the contacts of examples/contacts.csv on a stack of its own, and check each outcome."""
    try:
        as_dictated = asyncio.run(demo_command.run(contacts, keep=keep))
    except Interrupted as error:
        raise typer.Exit(130) from error
    if not as_dictated:
        raise typer.Exit(1)


@app.command()
def api() -> None:
    """Run the API alone, as TRUNKLINE_* says."""
    settings = configured()
    if settings.api_port:
        option = "TRUNKLINE_API_PORT"
        claim_named(settings.api_host, settings.api_port, option, "TRUNKLINE_API_HOST").close()
    _become(processes.api_command())


@app.command()
def worker() -> None:
    """Run a worker alone, as TRUNKLINE_* says."""
    configured()
    _become(processes.worker_command())


@app.command()
def carrier(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8010,
    state: Annotated[Path | None, typer.Option(help="Journal; without it, memory only.")] = None,
    speed: Speed = 1.0,
) -> None:
    """Run the simulated carrier alone; its customer is the account of TRUNKLINE_TWILIO_*."""
    settings = configured()
    token = settings.twilio_auth_token.get_secret_value()
    if not settings.twilio_account_sid or not token:
        raise Unusable("Set TRUNKLINE_TWILIO_ACCOUNT_SID and TRUNKLINE_TWILIO_AUTH_TOKEN first.")
    claim_named(host, port, "--port").close()
    account = {"account_sid": settings.twilio_account_sid, "auth_token": token}
    _become(processes.carrier_command(host, port, **account, state=state, speed=speed))


@app.command()
def migrate() -> None:
    """Bring the database of TRUNKLINE_DATABASE_URL to this version's schema."""
    configured()
    _become(processes.migrate_command())


@app.command()
def attributes() -> None:
    """Create Trunkline's search attributes in the Temporal namespace, where missing."""
    configured()
    _become(processes.attributes_command())


def _become(command: tuple[str, ...]) -> None:
    os.execve(command[0], command, processes.with_sources(os.environ))


def main() -> None:
    """Run `trunkline`."""
    in_one_sentence(app)


if __name__ == "__main__":
    main()
