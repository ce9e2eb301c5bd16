"""`trunkline pathways`: what is said on a call."""

from pathlib import Path
from typing import Annotated

import typer

from cli.deferred_command import attribute
from cli.errors import Declined
from cli.remote import lookup
from cli.remote.command import Remote, remote_command
from cli.remote.words import from_file, when
from trunkline_client.models import PathwayView

app = typer.Typer(
    help="Pathways: list, show, check, create, replace, delete.",
    no_args_is_help=True,
    add_completion=False,
)
PathwayName = Annotated[str, typer.Argument(metavar="PATHWAY", help="Its id or name.")]
File = Annotated[Path, typer.Argument(help="JSON with name, kind and definition.")]


@remote_command(app, "list")
def list_(remote: Remote) -> None:
    """List pathways."""
    found = list(remote.api.iter_pathways(take=200))
    remote.screen.many(
        found,
        [one.pathway_id for one in found],
        ("pathway", "name", "kind", "changed"),
        ((one.pathway_id, one.name, one.kind, when(one.updated_time)) for one in found),
        empty="There is no pathway. Make one with `trunkline pathways create FILE`.",
    )


@remote_command(app)
def show(remote: Remote, pathway: PathwayName) -> None:
    """Show one pathway with its definition."""
    _show(remote, lookup.pathway(remote, pathway))


@app.command()
def check(file: File) -> None:
    """Look a pathway through, here, without a server: every fault with its place."""
    said = from_file(file)
    # Loaded when it is needed: it brings all phone numbers of the world.
    check_pathway = attribute("policy.pathways.pathway:check_pathway")
    faults = check_pathway(str(said.get("kind")), said.get("definition"))
    for fault in faults:
        typer.echo(f"{fault.field}: {fault.message} ({fault.code})")
    if faults:
        many = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise Declined(f"{file} has {many}.")
    typer.echo(f"{file} can be used.")


@remote_command(app)
def create(remote: Remote, file: File) -> None:
    """Create a pathway of a JSON file."""
    _show(remote, remote.api.create_pathway(from_file(file)))


@remote_command(app)
def replace(remote: Remote, pathway: PathwayName, file: File) -> None:
    """Replace a pathway; calls that wait use the new one."""
    found = lookup.pathway(remote, pathway)
    _show(remote, remote.api.replace_pathway(found.pathway_id, from_file(file)))


@remote_command(app)
def delete(remote: Remote, pathway: PathwayName) -> None:
    """Delete a pathway that nobody uses."""
    found = lookup.pathway(remote, pathway)
    remote.api.delete_pathway(found.pathway_id)
    remote.screen.say(f"{found.name} is deleted.")


def _show(remote: Remote, one: PathwayView) -> None:
    facts = {"pathway": one.pathway_id, "name": one.name, "kind": one.kind}
    facts |= {"variables": ", ".join(one.definition.get("variables") or ())}
    remote.screen.one(one, one.pathway_id, facts)
    for id, node in (one.definition.get("nodes") or {}).items():
        leads = node.get("next") or node.get("otherwise") or ""
        remote.screen.say(f"  {id}: {node.get('kind')}  {node.get('text') or ''}  → {leads}")
