"""`trunkline campaigns clearances`: what was asked about a campaign's numbers, and asking ahead."""

from typing import Annotated

import typer

from cli.remote import lookup
from cli.remote.command import Remote
from cli.remote.words import money

CampaignName = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id or name.")]


def clearances(
    remote: Remote,
    campaign: CampaignName,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask now what its contacts still to come will need.")
    ] = False,
) -> None:
    """Show what was asked about its numbers before dialing, and what that cost."""
    id = lookup.campaign_id(remote, campaign)
    wanted = _ask(remote, id) if ask else {}
    found = remote.api.campaign_clearances(id)
    facts = {"asked": found.requests, "answered": found.answered, "cost": money(found.cost)}
    remote.screen.one(found, id, {**wanted, **facts})


def _ask(remote: Remote, id: str) -> dict[str, object]:
    contacts, wanted, after = 0, 0, 0
    while True:
        told = remote.api.ask_campaign_clearances(id, after=after)
        contacts, wanted = contacts + told.contacts, wanted + told.wanted
        if told.next is None:
            return {"contacts still to come": contacts, "questions to be asked": wanted}
        after = told.next
