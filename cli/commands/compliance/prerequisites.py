"""`trunkline prerequisites`: what rules ask of the account itself, and what it has said."""

from typing import Annotated

import typer

from cli.remote.command import Remote, remote_command
from cli.remote.words import given, moment, when
from trunkline_client.models import AcknowledgementView, MovesView

app = typer.Typer(
    help="Prerequisites: list, acknowledge, withdraw.",
    no_args_is_help=True,
    add_completion=False,
)
_COLUMNS = ("prerequisite", "met", "asked by", "where", "reference", "until", "by")
Named = Annotated[str, typer.Argument(metavar="PREREQUISITE", help="As `list` calls it.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only say which waiting calls would move.")]


@remote_command(app, "list")
def list_(remote: Remote) -> None:
    """List what rules ask of the account, such as a registration, and what it has said."""
    found = remote.api.list_prerequisites().prerequisites
    rows = []
    for one in found:
        said = one.acknowledgement
        rows.append(
            (
                one.prerequisite,
                "yes" if one.is_met else "no",
                ", ".join(rule.rule_id for rule in one.rules),
                ", ".join(rule.jurisdiction for rule in one.rules),
                (said.reference or "" if said else "") or ("needed" if one.needs_reference else ""),
                when(said.expires_time) if said else "",
                said.by if said else "",
            )
        )
    ids = [one.prerequisite for one in found]
    remote.screen.many(found, ids, _COLUMNS, rows, empty="No rule asks for any.")


@remote_command(app)
def acknowledge(
    remote: Remote,
    prerequisite: Named,
    reference: Annotated[str | None, typer.Option(help="Its number, if it has one.")] = None,
    until: Annotated[str | None, typer.Option(help="When it expires: RFC 3339.")] = None,
    note: Annotated[str | None, typer.Option(help="Kept with it.")] = None,
    dry_run: Dry = False,
) -> None:
    """Say that a prerequisite is met; it is kept with the key and the time."""
    said = {
        "prerequisite": prerequisite,
        "reference": reference,
        "note": note,
        "expiresTime": moment(until, "--until"),
    }
    if dry_run:
        _tell_moves(remote, remote.api.dry_add_acknowledgement(given(said)))
    else:
        _tell(remote, remote.api.add_acknowledgement(given(said)))


@remote_command(app)
def withdraw(remote: Remote, prerequisite: Named, dry_run: Dry = False) -> None:
    """Say that it is met no longer. The record stays."""
    if dry_run:
        _tell_moves(remote, remote.api.dry_withdraw_acknowledgement(prerequisite))
    else:
        _tell(remote, remote.api.withdraw_acknowledgement(prerequisite))


def _tell(remote: Remote, found: AcknowledgementView) -> None:
    remote.screen.one(
        found,
        found.prerequisite,
        {
            "prerequisite": found.prerequisite,
            "reference": found.reference,
            "note": found.note,
            "since": when(found.at),
            "until": when(found.expires_time),
            "by": found.by,
            "withdrawn": when(found.ended_at),
        },
    )


def _tell_moves(remote: Remote, moves: MovesView) -> None:
    facts = {"looked at": str(moves.looked_at), "would move": str(moves.moved)}
    remote.screen.one(moves, str(moves.moved), facts)
