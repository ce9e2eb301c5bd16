"""`trunkline campaigns split`: ways of calling that are tried beside each other."""

from pathlib import Path
from typing import Annotated

import typer

from cli.remote import lookup
from cli.remote.command import Remote
from cli.remote.words import from_file
from trunkline_client.models import SplitView, VariantView

_HEADER = ("variant", "share", "calls", "ended", "went well", "rate", "95 %", "ahead", "best")


def split(
    remote: Remote,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id or name.")],
    from_: Annotated[
        Path | None, typer.Option("--from", help="A JSON file with the variants, for a draft.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Take its variants away.")] = False,
) -> None:
    """Show how its variants compare, or set them."""
    id = lookup.campaign_id(remote, campaign)
    if none:
        remote.api.delete_split(id)
        remote.screen.say("Everybody is called in one way.")
        return
    found = remote.api.replace_split(id, from_file(from_)) if from_ else remote.api.get_split(id)
    names = [one.name for one in found.variants]
    remote.screen.many(found.variants, names, _HEADER, map(_row, found.variants), empty="")
    remote.screen.say(_verdict(found))


def _row(one: VariantView) -> tuple[str, ...]:
    ahead = one.difference
    return (
        one.name,
        f"{one.share:.0%}",
        f"{one.calls:,}",
        f"{one.ended:,}",
        f"{one.successes:,}",
        "" if one.rate is None else f"{one.rate:.1%}",
        f"{one.interval.low:.1%} to {one.interval.high:.1%}",
        "" if ahead is None else f"{100 * ahead.low:+.1f} to {100 * ahead.high:+.1f}",
        f"{one.chance_to_be_best:.0%}",
    )


def _verdict(found: SplitView) -> str:
    if found.leader is None:
        return "Chance explains what is seen so far."
    return f"{found.leader} does better than chance explains."
