"""The command `trunkline`: the table of its commands, each in the file of its name."""

from typing import Annotated

import typer
from typer.core import TyperGroup
from typer.main import get_group

from cli.deferred_command import DeferredCommand, attribute
from cli.errors import in_one_sentence

#: Each help is the command's own docstring: what is listed here is read without its module.
COMMANDS = (
    DeferredCommand(
        "call",
        "cli.commands.calls.call:app",
        "Call one person.",
    ),
    DeferredCommand(
        "calls",
        "cli.commands.calls.calls:app",
        "Calls: list, show, watch, cancel, reschedule, export.",
    ),
    DeferredCommand(
        "queue",
        "cli.commands.calls.queue:app",
        "List calls that wait or are about to be dialed, with their place in line and the reason.",
    ),
    DeferredCommand(
        "campaigns",
        "cli.commands.campaigns.campaigns:app",
        "Campaigns: create, upload, preflight, start, watch, pause, cancel, redial, export.",
    ),
    DeferredCommand(
        "agents",
        "cli.commands.accounts.agents:app",
        "Agents: list, show, create, change, delete.",
    ),
    DeferredCommand(
        "pathways",
        "cli.commands.accounts.pathways:app",
        "Pathways: list, show, check, create, replace, delete.",
    ),
    DeferredCommand(
        "dnc",
        "cli.commands.compliance.dnc:app",
        "The do-not-call list: add, remove, check, import, list.",
    ),
    DeferredCommand(
        "consents",
        "cli.commands.compliance.consents:app",
        "Consents: add, list, revoke, import.",
    ),
    DeferredCommand(
        "webhooks",
        "cli.commands.webhooks.webhooks:app",
        "Webhooks: list, show, create, change, test, replay, deliveries, listen.",
    ),
    DeferredCommand(
        "account",
        "cli.commands.accounts.account:app",
        "The account of the key: show, change, probe.",
    ),
    DeferredCommand(
        "profiles",
        "cli.commands.accounts.profiles:app",
        "The servers one speaks to: list, add, use, remove.",
    ),
    DeferredCommand(
        "open",
        "cli.commands.open:app",
        "Open the dashboard's page of a call, of a campaign, or the first page; prints its address.",
    ),
    DeferredCommand(
        "top",
        "cli.commands.top:app",
        "Show queue, slots and outcomes, again and again, until Ctrl-C.",
    ),
    DeferredCommand(
        "doctor",
        "cli.commands.doctor:app",
        "Look at all that is needed, and say how to mend what is not well.",
    ),
    DeferredCommand(
        "completion",
        "cli.commands.completion:app",
        "Print what a shell has to read to complete commands: add it to the shell's own start.",
    ),
    DeferredCommand(
        "dev",
        "cli.commands.dev:app",
        "Run the whole stack here, against a simulated carrier, until Ctrl-C.",
    ),
    DeferredCommand(
        "demo",
        "cli.commands.demo:app",
        "Call the contacts of examples/contacts.csv on a stack of its own, and check each outcome.",
    ),
    DeferredCommand(
        "api",
        "cli.commands.api:app",
        "Run the API alone, as TRUNKLINE_* says.",
    ),
    DeferredCommand(
        "worker",
        "cli.commands.worker:app",
        "Run a worker alone, as TRUNKLINE_* says.",
    ),
    DeferredCommand(
        "carrier",
        "cli.commands.carrier:app",
        "Run the simulated carrier alone; its customer is the account of TRUNKLINE_TWILIO_*.",
    ),
    DeferredCommand(
        "migrate",
        "cli.commands.migrate:app",
        "Bring the database of TRUNKLINE_DATABASE_URL to this version's schema.",
    ),
    DeferredCommand(
        "attributes",
        "cli.commands.attributes:app",
        "Create Trunkline's search attributes in the Temporal namespace, where missing.",
    ),
    DeferredCommand(
        "rules",
        "cli.commands.compliance.rules:app",
        "The calling rules at hand.",
    ),
    DeferredCommand(
        "analytics",
        "cli.commands.analytics:app",
        "Analytics: show, export, best-hours, caller-ids, rebuild.",
    ),
)

app = typer.Typer(no_args_is_help=True, add_completion=False)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"trunkline {attribute('release:version')()}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_say_version,
            is_eager=True,
            help="Say which version this is, and end.",
        ),
    ] = False,
) -> None:
    """Durable outbound calling on Temporal."""


def trunkline() -> TyperGroup:
    """The command with its subcommands."""
    group = get_group(app)
    for command in COMMANDS:
        group.add_command(command)
    return group


def main() -> None:
    """Run `trunkline`."""
    in_one_sentence(trunkline())


if __name__ == "__main__":
    main()
