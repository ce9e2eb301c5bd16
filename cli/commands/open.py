"""`trunkline open`: the page of a thing."""

import webbrowser
from collections.abc import Callable
from typing import Annotated

import typer

from cli.errors import NotThere
from cli.remote import lookup
from cli.remote.command import Remote, remote_command
from trunkline_client import NotFound

app = typer.Typer(add_completion=False)
#: Pages by the words people have for them.
PAGES = {"": "", "overview": "", "calls": "/calls", "campaigns": "/campaigns"} | {
    "dnc": "/do-not-call"
}


@remote_command(app)
def open_(
    remote: Remote,
    thing: Annotated[
        str, typer.Argument(help="A call's id, a campaign, or: calls, campaigns, dnc.")
    ] = "",
    show: Annotated[
        bool, typer.Option("--print", help="Only print the address; open no browser.")
    ] = False,
) -> None:
    """Open the dashboard's page of a call, a campaign or a list; its address is printed."""
    page = PAGES.get(thing)
    if page is None:
        page = _page(remote, thing)
    address = f"{remote.target.url}/dashboard{page}"
    remote.screen.write(address)
    if not show and remote.screen.for_people:
        webbrowser.open(address)


def _page(remote: Remote, thing: str) -> str:
    looks: tuple[Callable[[], str], ...] = (
        lambda: f"/calls/{remote.api.get_call(thing).call_id}",
        lambda: f"/campaigns/{lookup.campaign_id(remote, thing)}",
    )
    for look in looks:
        try:
            return look()
        except (NotFound, NotThere):
            continue
    raise NotThere(f"There is neither a call nor a campaign {thing}.")
