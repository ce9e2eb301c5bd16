"""The command `trunkline`: the table of its commands, each in a file of its name."""

import os
from typing import Annotated

import typer
from typer.core import TyperGroup
from typer.main import get_group

from cli.deferred_command import DeferredCommand, attribute
from cli.errors import in_one_sentence

#: Name, module, and help, which is how the command's own begins: what is listed here is read
#: without its module. First what asks a server, then what runs one.
_TABLE = (
    ("call", "calls.call", "Call one person."),
    ("calls", "calls.calls", "Calls: list, show, clearances, watch, cancel, reschedule, export."),
    (
        "queue",
        "calls.queue",
        "List calls that wait or are about to be dialed, with place in line and reason.",
    ),
    ("promises", "calls.promises", "Promises to call back: list, make, figures."),
    (
        "campaigns",
        "campaigns.campaigns",
        "Campaigns: create, upload, mend, preflight, forecast, start, watch, redial, export.",
    ),
    ("agents", "accounts.agents", "Agents: list, show, create, change, delete."),
    (
        "pathways",
        "accounts.pathways",
        "Pathways: list, show, check, rehearse, create, replace, delete.",
    ),
    (
        "transfers",
        "accounts.transfers",
        "Transfers: targets, add, change, remove, list, figures, ask, abandonment.",
    ),
    ("dnc", "compliance.dnc", "The do-not-call list: add, remove, check, import, list."),
    ("consents", "compliance.consents", "Consents: add, list, revoke, import."),
    ("rules", "compliance.rules", "The calling rules at hand."),
    (
        "prerequisites",
        "compliance.prerequisites",
        "Prerequisites: list, acknowledge, withdraw.",
    ),
    (
        "webhooks",
        "webhooks.webhooks",
        "Webhooks: list, show, create, change, test, send-waiting, replay, deliveries, listen.",
    ),
    ("analytics", "analytics", "Analytics: show, export, best-hours, caller-ids, rebuild."),
    ("account", "accounts.account", "The account of the key: show, change, probe."),
    (
        "people",
        "accounts.people",
        "People: list, invite, role, disable, enable, sign-out, delete, reset.",
    ),
    ("single-sign-on", "accounts.single_sign_on", "Single sign-on: show, set, remove."),
    ("keys", "accounts.keys", "Keys: list, create, revoke, rotate."),
    ("audit-log", "accounts.audit_log", "The audit log: list, export."),
    (
        "carrier-accounts",
        "accounts.carrier_accounts",
        "Accounts at the carrier: list, show, create, change, rotate-token, default, disable, "
        "enable, delete.",
    ),
    ("caller-ids", "accounts.caller_ids", "Caller IDs: list, listed, import, return."),
    (
        "open",
        "open",
        "Open the dashboard's page of a call, campaign, agent, pathway or list; print its address.",
    ),
    ("top", "top", "Show queue, slots and outcomes, again and again, until Ctrl-C."),
    (
        "mcp",
        "mcp",
        "Serve an assistant: it asks, schedules and ends calls, and a person confirms.",
    ),
    ("profiles", "accounts.profiles", "The servers one speaks to: list, add, use, remove."),
    ("doctor", "doctor", "Look at all that is needed, and say how to mend what is not well."),
    (
        "completion",
        "completion",
        "Print what a shell has to read to complete commands: add it to the shell's own start.",
    ),
    ("dev", "dev", "Run the whole stack here, against a simulated carrier, until Ctrl-C."),
    (
        "demo",
        "demo",
        "Call the contacts of examples/contacts.csv on a stack of its own, and check each outcome.",
    ),
    (
        "chaos",
        "chaos",
        "Make calls while processes are killed and cut off; check that every promise holds.",
    ),
    ("api", "api", "Run the API alone, as TRUNKLINE_* says."),
    ("worker", "worker", "Run a worker alone, as TRUNKLINE_* says."),
    (
        "carrier",
        "carrier",
        "Run the simulated carrier alone; its customer is the account of TRUNKLINE_TWILIO_*.",
    ),
    (
        "migrate",
        "migrate",
        "Bring the database of TRUNKLINE_DATABASE_URL to this version's schema.",
    ),
    ("secrets", "secrets", "Keys under which secrets are sealed: key, reseal."),
    (
        "backup",
        "recovery.backup",
        "Copy the database of TRUNKLINE_DATABASE_URL to a file, while everything runs.",
    ),
    (
        "restore",
        "recovery.restore",
        "Put a copy in the place of the database of TRUNKLINE_DATABASE_URL; no worker may run.",
    ),
    (
        "reconcile",
        "recovery.reconcile",
        "After a restore and before any worker: write down what Temporal and the carrier know.",
    ),
    (
        "attributes",
        "attributes",
        "Create Trunkline's search attributes in the Temporal namespace, where missing.",
    ),
)
COMMANDS = tuple(
    DeferredCommand(name, f"cli.commands.{module}:app", help) for name, module, help in _TABLE
)

#: In which a shell asks: see `cli.commands.completion`.
COMPLETE = "_TRUNKLINE_COMPLETE"
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
    """Run `trunkline`, or complete it for a shell that asks."""
    if COMPLETE in os.environ:
        attribute("typer.completion:completion_init")()
    in_one_sentence(trunkline())


if __name__ == "__main__":
    main()
