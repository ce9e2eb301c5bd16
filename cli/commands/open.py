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
PAGES = {"": "", "overview": "", "dnc": "/do-not-call"} | {
    name: f"/{name}" for name in ("calls", "campaigns", "agents", "pathways")
}


@remote_command(app)
def open_(
    remote: Remote,
    thing: Annotated[
        str,
        typer.Argument(
            help="A call, campaign, agent or pathway; or calls, campaigns, agents, pathways, dnc."
        ),
    ] = "",
    show: Annotated[
        bool, typer.Option("--print", help="Only print the address; open no browser.")
    ] = False,
) -> None:
    """Open the dashboard's page of a call, campaign, agent, pathway or list; print its address."""
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
        lambda: f"/campaigns/{lookup.campaign(remote, thing).campaign_id}",
        lambda: f"/agents/{lookup.agent(remote, thing).agent_id}",
        lambda: f"/pathways/{lookup.pathway(remote, thing).pathway_id}",
    )
    for look in looks:
        try:
            return look()
        except (NotFound, NotThere):
            continue
    raise NotThere(f"There is no call, campaign, agent or pathway {thing}.")
