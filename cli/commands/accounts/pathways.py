"""`trunkline pathways`: what is said on a call."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.deferred_command import attribute
from cli.errors import Declined, Unusable
from cli.live import rehearsal
from cli.remote import lookup
from cli.remote.command import Remote, remote_command
from cli.remote.screen import as_json
from cli.remote.words import from_file, given, pairs, when
from trunkline_client.models import PathwayView, RehearsalView

app = typer.Typer(
    help="Pathways: list, show, check, rehearse, create, replace, delete.",
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
def rehearse(
    remote: Remote,
    pathway: Annotated[str, typer.Argument(help="Its id or name.")] = "",
    draft: Annotated[
        Path | None, typer.Option(help="In its place: JSON with kind and definition, not saved.")
    ] = None,
    context: Annotated[
        list[str] | None,
        typer.Option(
            "--context", "--set", metavar="NAME=VALUE", help="A variable of it; repeatable."
        ),
    ] = None,
    steps: Annotated[
        str | None,
        typer.Option(help="What the callee does, such as 1,say:yes,silence,hang_up or machine."),
    ] = None,
    agent: Annotated[str, typer.Option(help="Whose identity and voicemail hold: name or id.")] = "",
    notice: Annotated[
        list[str] | None,
        typer.Option(help="Said first: identity, ai, opt_out and so on; repeatable."),
    ] = None,
) -> None:
    """Walk a pathway as somebody who is called would. Nobody is.

    Without --steps, at a terminal, each step is asked for: keys, or what you say.
    """
    said: dict[str, Any] = {
        "context": pairs(context or (), "--context"),
        "agentId": lookup.agent_id(remote, agent) if agent else None,
        "notices": notice,
    }
    ask = _asking(remote, pathway, draft, given(said))
    if steps is None and remote.screen.for_people and sys.stdin.isatty():
        rehearsal.rehearse(remote.screen, ask)
        return
    found = ask(rehearsal.split_steps(steps or ""))
    if remote.screen.json:
        remote.screen.write(as_json(found))
    elif remote.screen.quiet:
        remote.screen.write(found.outcome or "")
    else:
        rehearsal.show(remote.screen, found)


def _asking(
    remote: Remote, pathway: str, draft: Path | None, said: dict[str, Any]
) -> rehearsal.Ask:
    """The walk of a pathway, or of what is in a file, by its steps."""
    if (draft is None) == (not pathway):
        raise Unusable("Name a pathway, or a file with --draft.")
    if draft is not None:
        file = from_file(draft)
        body = {**said, "kind": file.get("kind"), "definition": file.get("definition")}
        return lambda steps: remote.api.rehearse_draft({**body, "steps": list(steps)})
    found = lookup.pathway_id(remote, pathway)

    def ask(steps: Sequence[str]) -> RehearsalView:
        return remote.api.rehearse_pathway(found, {**said, "steps": list(steps)})

    return ask


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
