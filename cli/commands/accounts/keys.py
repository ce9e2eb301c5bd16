"""`trunkline keys`: who may ask, and for what."""

from typing import Annotated

import typer

from cli.remote.command import Remote, remote_command
from cli.remote.words import given, instant, when
from trunkline_client.models import KeyMade, KeyView

app = typer.Typer(
    help="Keys: list, create, revoke, rotate.", no_args_is_help=True, add_completion=False
)
KeyId = Annotated[str, typer.Argument(metavar="KEY", help="Its id, as `keys list` shows it.")]
Expires = Annotated[
    str | None, typer.Option(help="When it ends: RFC 3339, or from now such as +90d.")
]
_COLUMNS = ("key", "name", "begins", "scopes", "made by", "ends", "last used", "")


@remote_command(app, "list")
def list_(
    remote: Remote,
    ended: Annotated[
        bool, typer.Option("--ended", help="Those that are revoked or over, too.")
    ] = False,
) -> None:
    """List the account's keys, the newest first."""
    found = list(remote.api.iter_keys(include_ended=ended or None, take=200))
    remote.screen.many(
        found,
        [one.key_id for one in found],
        _COLUMNS,
        map(_row, found),
        empty="There is no key.",
    )


def _row(one: KeyView) -> tuple[str, ...]:
    return (
        one.key_id,
        one.name,
        one.prefix,
        ", ".join(one.scopes),
        one.created_by,
        when(one.expires_time) or "never",
        when(one.last_used_time) or "not yet",
        _standing(one),
    )


def _standing(one: KeyView) -> str:
    if one.revoked_time is not None:
        return f"revoked {when(one.revoked_time)}"
    return "replaced" if one.replaced_by else ""


@remote_command(app)
def create(
    remote: Remote,
    name: Annotated[str, typer.Argument(help="By which people know it again.")],
    scope: Annotated[
        list[str], typer.Option("--scope", help="Such as calls:write, calls:* or *; repeatable.")
    ],
    expires: Expires = None,
) -> None:
    """Make a key. Its secret is shown this once."""
    said = {"name": name, "scopes": scope, "expiresTime": instant(expires, "--expires")}
    _show(remote, remote.api.create_key(given(said)))


@remote_command(app)
def revoke(remote: Remote, key_id: KeyId) -> None:
    """End a key at once, and the sessions that were opened with it."""
    done = remote.api.revoke_key(key_id)
    remote.screen.one(done, done.key_id, {"key": done.key_id, "revoked": when(done.revoked_time)})


@remote_command(app)
def rotate(
    remote: Remote,
    key_id: KeyId,
    overlap: Annotated[
        str | None, typer.Option(help="ISO 8601: how long the old key still works. A day.")
    ] = None,
    expires: Expires = None,
) -> None:
    """Make a key that takes this one's place. Its secret is shown this once."""
    said = given({"overlap": overlap, "expiresTime": instant(expires, "--expires")})
    _show(remote, remote.api.rotate_key(key_id, said or None))


def _show(remote: Remote, made: KeyMade) -> None:
    facts = {
        "key": made.key_id,
        "name": made.name,
        "scopes": ", ".join(made.scopes),
        "ends": when(made.expires_time) or "never",
        "secret": made.secret,
    }
    remote.screen.one(made, made.key_id, facts)
    remote.screen.say("Keep the secret now: it is not shown again.")
