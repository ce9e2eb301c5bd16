"""`trunkline mcp`: for assistants that speak the Model Context Protocol."""

from typing import Annotated

import typer

from cli.deferred_command import attribute
from cli.errors import say
from cli.options import Host
from cli.remote.command import Key, Profile, Url
from cli.remote.profiles import target

app = typer.Typer(add_completion=False)
#: Of a target whose key is never used: each request brings its own.
_NO_KEY = "-"


@app.command()
def mcp(
    http: Annotated[
        bool, typer.Option("--http", help="Listen for HTTP. Default: standard input and output.")
    ] = False,
    host: Host = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="To listen on; 0 means any free one.")
    ] = 8020,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name under which it is reached, besides local ones; repeatable."),
    ] = None,
    profile: Profile = "",
    url: Url = "",
    key: Key = "",
) -> None:
    """Serve an assistant: it asks, schedules and ends calls, and a person confirms.

    Over standard input and output the key is that of the profile. Over HTTP every request brings
    its own as `Authorization: Bearer`. What the key may not do is not offered.
    """
    where = target(url=url, key=_NO_KEY if http else key, profile=profile)
    if http:
        serve = attribute("cli.assistants.transports:serve_http")
        serve(where.url, host, port, allow_host or [], lambda at: say(f"Serving at {at}"))
    else:
        attribute("cli.assistants.transports:serve_stdio")(where.url, where.key)
