"""`trunkline single-sign-on`: the provider by which the account's people sign in."""

from typing import Annotated, Any

import typer

from cli.remote.command import Remote, remote_command
from cli.remote.words import given
from trunkline_client.models import SignOnView

app = typer.Typer(
    help="Single sign-on: show, set, remove.", no_args_is_help=True, add_completion=False
)


@remote_command(app)
def show(remote: Remote) -> None:
    """Show the provider, and what it has to be told of us. No secret is shown."""
    _show(remote, remote.api.get_single_sign_on())


@remote_command(app, "set")
def set_(
    remote: Remote,
    issuer: Annotated[str, typer.Argument(help="As its own configuration says it.")],
    client_id: Annotated[str, typer.Option(help="Who we are there.")],
    secret: Annotated[
        str | None,
        typer.Option(envvar="CLIENT_SECRET", help="Left out: the one that is kept, or none."),
    ] = None,
    domain: Annotated[
        str | None, typer.Option(help="Whose people may join without an invitation.")
    ] = None,
    domain_role: Annotated[str | None, typer.Option(help="As what they join: viewer.")] = None,
    required: Annotated[
        bool, typer.Option("--required", help="Nobody signs in with a password.")
    ] = False,
) -> None:
    """Let people sign in by a provider that speaks OpenID Connect."""
    said = {"clientSecret": secret, "domain": domain, "domainRole": domain_role}
    body: dict[str, Any] = {"issuer": issuer, "clientId": client_id, "isRequired": required}
    _show(remote, remote.api.set_single_sign_on({**body, **given(said)}))


@remote_command(app)
def remove(remote: Remote) -> None:
    """Let people sign in with passwords only."""
    remote.api.remove_single_sign_on()
    remote.screen.say("Single sign-on is removed.")


def _show(remote: Remote, one: SignOnView) -> None:
    facts = {
        "issuer": one.issuer,
        "client": one.client_id,
        "secret": "kept" if one.has_secret else "none",
        "comes back to": one.redirect_uri,
        "people begin at": one.sign_in_url,
        "joins": f"{one.domain} as {one.domain_role}" if one.domain else "who is invited",
        "passwords": "open nothing" if one.is_required else "work, too",
    }
    remote.screen.one(one, one.sign_on_id, facts)
