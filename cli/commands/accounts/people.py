"""`trunkline people`: who works in the account, in which role, and who is kept out."""

from typing import Annotated

import typer

from cli.errors import NotThere
from cli.remote.command import Remote, remote_command
from cli.remote.words import given, when
from trunkline_client.models import MemberMade, MemberView

app = typer.Typer(
    help="People: list, invite, role, disable, enable, sign-out, delete, reset.",
    no_args_is_help=True,
    add_completion=False,
)
Who = Annotated[str, typer.Argument(metavar="WHO", help="Their mail address, or id.")]
Role = Annotated[str, typer.Option(help="viewer, operator or admin.")]
_COLUMNS = ("person", "name", "address", "role", "", "signs in by", "last seen")


@remote_command(app, "list")
def list_(
    remote: Remote,
    disabled: Annotated[
        bool, typer.Option("--disabled", help="Those who are kept out, too.")
    ] = False,
) -> None:
    """List the account's people, by name."""
    found = list(remote.api.iter_people(include_disabled=disabled or None, take=200))
    remote.screen.many(
        found,
        [one.member_id for one in found],
        _COLUMNS,
        map(_row, found),
        empty="There is nobody but keys: invite somebody.",
    )


def _row(one: MemberView) -> tuple[str, ...]:
    return (
        one.member_id,
        one.name,
        one.email,
        one.role,
        one.status,
        ", ".join(way.replace("_", " ") for way in one.signs_in_by) or "nothing",
        when(one.last_seen_time) or "not yet",
    )


@remote_command(app)
def invite(
    remote: Remote,
    email: Annotated[str, typer.Argument(help="Their mail address.")],
    role: Role,
    name: Annotated[str | None, typer.Option(help="How they are called.")] = None,
) -> None:
    """Make a link with which somebody chooses a password and comes in. It is shown this once."""
    body = {"email": email, "role": role, **given({"name": name})}
    _show_link(remote, remote.api.invite_person(body))


@remote_command(app)
def role(
    remote: Remote,
    who: Who,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="viewer, operator or admin.")],
) -> None:
    """Give another role; their sessions end."""
    _show(remote, remote.api.change_person(_found(remote, who).member_id, {"role": role}))


@remote_command(app)
def disable(remote: Remote, who: Who) -> None:
    """Keep somebody out, at once and in all sessions."""
    _show(remote, remote.api.disable_person(_found(remote, who).member_id))


@remote_command(app)
def enable(remote: Remote, who: Who) -> None:
    """Let somebody in again."""
    _show(remote, remote.api.enable_person(_found(remote, who).member_id))


@remote_command(app, "sign-out")
def sign_out(remote: Remote, who: Who) -> None:
    """End all of somebody's sessions; they may sign in again."""
    _show(remote, remote.api.sign_person_out(_found(remote, who).member_id))


@remote_command(app)
def delete(remote: Remote, who: Who) -> None:
    """Delete somebody for good; the audit log keeps what they did."""
    found = _found(remote, who)
    remote.api.delete_person(found.member_id)
    remote.screen.say(f"{found.name} is deleted, and signed out everywhere.")


@remote_command(app)
def reset(remote: Remote, who: Who) -> None:
    """Make a link with which they choose another password; the former opens nothing any more."""
    _show_link(remote, remote.api.reset_person(_found(remote, who).member_id))


def _found(remote: Remote, text: str) -> MemberView:
    for one in remote.api.iter_people(include_disabled=True, take=200):
        if text.lower() in (one.member_id, one.email):
            return one
    raise NotThere(f"There is nobody {text} in the account.")


def _facts(one: MemberView | MemberMade) -> dict[str, str]:
    return {
        "person": one.member_id,
        "name": one.name,
        "address": one.email,
        "role": one.role,
        "status": one.status,
    }


def _show(remote: Remote, one: MemberView) -> None:
    remote.screen.one(one, one.member_id, _facts(one))


def _show_link(remote: Remote, made: MemberMade) -> None:
    facts = {**_facts(made), "link": made.link, "link until": when(made.link_ends_time)}
    remote.screen.one(made, made.member_id, facts)
    remote.screen.say("Give them the link now: it is not shown again, and works once.")
