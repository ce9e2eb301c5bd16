"""`trunkline dnc`: the numbers that are not to be called."""

from pathlib import Path
from typing import Annotated

import typer

from cli.errors import NotThere
from cli.remote.command import Remote, remote_command
from cli.remote.upload import content_type, pieces, tell
from cli.remote.words import given, moment, when
from trunkline_client.models import SuppressionView

app = typer.Typer(
    help="The do-not-call list: add, remove, check, import, list.",
    no_args_is_help=True,
    add_completion=False,
)
Number = Annotated[str, typer.Argument(help="In any spelling.")]
_COLUMNS = ("entry", "number", "for", "by", "reason", "since", "until")


@remote_command(app)
def add(
    remote: Remote,
    number: Number,
    reason: Annotated[str | None, typer.Option(help="Kept with the entry.")] = None,
    scope: Annotated[
        str | None, typer.Option(help="agent, campaign or purpose. Default: all calls.")
    ] = None,
    scope_id: Annotated[str | None, typer.Option(help="Which one.")] = None,
    until: Annotated[str | None, typer.Option(help="When it ends: RFC 3339.")] = None,
    person: Annotated[
        bool,
        typer.Option("--person", help="The person: also by all numbers that calls list with it."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say which calls would end.")
    ] = False,
) -> None:
    """Put a number on the list. Calls to it that wait end at once."""
    said = {
        "endpoint": number,
        "reason": reason,
        "scope": scope,
        "scopeId": scope_id,
        "expiresTime": moment(until, "--until"),
        "ofPerson": True if person else None,
    }
    if dry_run:
        moved = remote.api.dry_add_suppression(given(said))
        remote.screen.one(moved, str(moved.moved), {"calls that would end": str(moved.moved)})
        return
    done = remote.api.add_suppression(given(said))
    stopped = len(done.stopped_calls)
    facts = {"entry": done.suppression_id, "number": done.endpoint, "calls stopped": stopped}
    remote.screen.one(done, done.suppression_id, facts)


@remote_command(app)
def remove(
    remote: Remote,
    entry: Annotated[str, typer.Argument(help="An entry's id, or a number.")],
) -> None:
    """Take an entry back, or all of a number that hold for all calls. They stay on record."""
    ids = [entry] if _is_id(entry) else _in_force(remote, entry)
    for id in ids:
        done = remote.api.remove_suppression(id)
        remote.screen.event(done)
        remote.screen.say(f"{done.suppression_id}  {done.endpoint}  is taken back.")


def _is_id(text: str) -> bool:
    return text.count("-") == 4 and any(one.isalpha() for one in text)


def _in_force(remote: Remote, number: str) -> list[str]:
    found = remote.api.iter_suppressions(endpoint=number, in_force=True)
    ids = [one.suppression_id for one in found if one.scope == "all"]
    if not ids:
        raise NotThere("No entry in force holds all calls to this number.")
    return ids


@remote_command(app)
def check(remote: Remote, number: Number) -> None:
    """Say whether a number is on the list. The exit code is 1 when it is."""
    found = list(remote.api.iter_suppressions(endpoint=number, in_force=True))
    _list(remote, found, "It is not on the list.")
    if found:
        raise typer.Exit(1)


@remote_command(app, "list")
def list_(
    remote: Remote,
    everything: Annotated[
        bool, typer.Option("--all", help="Entries too that were taken back or have ended.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest.")] = 50,
) -> None:
    """List the entries in force, the newest first."""
    in_force = None if everything else True
    found = remote.api.list_suppressions(take=limit, in_force=in_force)
    _list(remote, found.suppressions, "Nobody is on the list.")
    if found.total > len(found.suppressions):
        remote.screen.say(f"{len(found.suppressions)} of {found.total:,}; --limit shows more.")


def _list(remote: Remote, found: list[SuppressionView], empty: str) -> None:
    rows = [
        (
            one.suppression_id,
            one.endpoint or "erased",
            f"{one.scope} {one.scope_id or ''}".strip(),
            one.source,
            one.reason or "",
            when(one.created_time),
            when(one.removed_time or one.expires_time),
        )
        for one in found
    ]
    ids = [one.suppression_id for one in found]
    remote.screen.many(found, ids, _COLUMNS, rows, empty=empty)


@remote_command(app)
def import_registry(
    remote: Remote,
    registry: Annotated[str, typer.Argument(help="Its name, such as us.tx.dnc or litigators.")],
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.")],
    scrubbed: Annotated[str, typer.Option(help="When it was in this state: RFC 3339.")],
    phone_column: Annotated[str | None, typer.Option(help="Default: found out.")] = None,
) -> None:
    """Import a registry, a state's list or one of litigators; what it had before is replaced."""
    with pieces(remote.screen, file) as content:
        done = remote.api.import_registry(
            registry,
            content,
            scrubbed_time=scrubbed,
            content_type=content_type(file),
            phone_column=phone_column,
        )
    tell(remote.screen, done)


@remote_command(app, "import")
def import_(
    remote: Remote,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.")],
    phone_column: Annotated[str | None, typer.Option(help="Default: found out.")] = None,
    country: Annotated[
        str | None, typer.Option(help="ISO 3166: how numbers without + are read.")
    ] = None,
) -> None:
    """Put every number of a file on the list, for all calls."""
    with pieces(remote.screen, file) as content:
        done = remote.api.import_suppressions(
            content,
            content_type=content_type(file),
            phone_column=phone_column,
            default_country=country,
        )
    tell(remote.screen, done)
