"""`trunkline profiles`: the servers one speaks to, each with its key."""

from typing import Annotated

import typer

from cli.errors import Unusable
from cli.remote.profiles import Profiles, Target, target
from cli.remote.screen import Screen, table
from trunkline_client import Trunkline, TrunklineError

app = typer.Typer(
    help="The servers one speaks to: list, add, use, remove.",
    no_args_is_help=True,
    add_completion=False,
)
Name = Annotated[str, typer.Argument(help="What the profile is called.")]


@app.command("list")
def list_() -> None:
    """List profiles, and say which server is asked in this folder. No key is shown."""
    found = Profiles.load()
    screen = Screen()
    if found.targets:
        rows = [
            ("*" if name == found.chosen else "", name, one.url)
            for name, one in found.targets.items()
        ]
        screen.console.print(table(("", "profile", "address"), rows))
    try:
        now = target()
    except Unusable as error:
        screen.say(str(error))
    else:
        screen.say(f"Here commands ask {now.url} ({now.origin}).")


@app.command()
def add(
    name: Name,
    url: Annotated[str, typer.Argument(help="Where the API is.")],
    key: Annotated[
        str,
        typer.Option(prompt="API key", hide_input=True, help="Asked for if it is not given."),
    ],
    use: Annotated[bool, typer.Option("--use", help="For all commands from now on.")] = False,
) -> None:
    """Keep an address with its key, readable by you alone; it is tried first."""
    _try(url, key)
    found = Profiles.load()
    found.targets[name] = Target(url.rstrip("/"), key)
    if use:
        found.chosen = name
    found.save()
    typer.echo(f"{name} is kept in {found.path}.")


def _try(url: str, key: str) -> None:
    try:
        with Trunkline(url, key) as client:
            client.get_account()
    except TrunklineError as error:
        raise Unusable(f"{url} does not take this key: {str(error).rstrip('.')}.") from error


@app.command()
def use(
    name: Annotated[str, typer.Argument(help="A profile; without it, none from now on.")] = "",
) -> None:
    """Let all commands use a profile that name none. Without a name: what runs here."""
    found = Profiles.load()
    if name:
        found.named(name)
    found.chosen = name
    found.save()
    typer.echo(f"{name or 'No profile'} is used from now on.")


@app.command()
def remove(name: Name) -> None:
    """Forget a profile and its key."""
    found = Profiles.load()
    found.named(name)
    del found.targets[name]
    found.chosen = "" if found.chosen == name else found.chosen
    found.save()
    typer.echo(f"{name} is forgotten.")
