"""`trunkline campaigns steps`: what follows a campaign's calls."""

from pathlib import Path
from typing import Annotated

import typer

from cli.remote import lookup
from cli.remote.command import Remote
from cli.remote.words import from_file

_HEADER = ("step", "state", "contacts")


def steps(
    remote: Remote,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id or name.")],
    from_: Annotated[
        Path | None, typer.Option("--from", help="A JSON file with the steps, for a draft.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Let nothing follow.")] = False,
) -> None:
    """Show how many contacts stand at which step, or set the steps."""
    id = lookup.campaign_id(remote, campaign)
    if none:
        remote.api.delete_steps(id)
        remote.screen.say("Nothing follows its calls.")
        return
    found = remote.api.replace_steps(id, from_file(from_)) if from_ else remote.api.get_steps(id)
    rows = [
        *((one.step or "its call", one.state, f"{one.contacts:,}") for one in found.contacts),
        *((one.step, f"text {one.state}", f"{one.texts:,}") for one in found.texts),
    ]
    empty = f"Nobody stands anywhere yet; the steps are {', '.join(found.steps)}."
    remote.screen.many(found.contacts, list(found.steps), _HEADER, rows, empty=empty)
