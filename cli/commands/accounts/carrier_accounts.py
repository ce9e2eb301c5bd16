"""`trunkline carrier-accounts`: the account's own accounts at Twilio, and their tokens."""

from typing import Annotated, Any

import typer

from cli.errors import NotThere
from cli.remote.command import Remote, remote_command
from cli.remote.words import given, when
from trunkline_client.models import CarrierAccountView

app = typer.Typer(
    help="Accounts at the carrier: list, show, create, change, rotate-token, default, disable, "
    "enable, delete.",
    no_args_is_help=True,
    add_completion=False,
)
_CHOSEN = {"isDefault": True}
Which = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its id, name or SID.")]
Callers = Annotated[
    list[str] | None,
    typer.Option("--caller-id", help="A number that is dialed from by it; repeatable."),
]
Region = Annotated[str | None, typer.Option(help="Twilio's region, such as ie1.")]
Edge = Annotated[str | None, typer.Option(help="By which edge it is reached, such as dublin.")]
Token = Annotated[
    str,
    typer.Option(prompt="Auth token", hide_input=True, help="Asked for if it is not given."),
]


@remote_command(app, "list")
def list_(remote: Remote) -> None:
    """List accounts at the carrier. No token is shown."""
    found = list(remote.api.iter_carrier_accounts(take=200))
    remote.screen.many(
        found,
        [one.carrier_account_id for one in found],
        ("account", "name", "sid", "numbers", "", "token of", "former until"),
        map(_row, found),
        empty="There is none: all is dialed by the installation's own.",
    )


def _row(one: CarrierAccountView) -> tuple[str, ...]:
    ends = when(one.former_token_ends_time)
    numbers = str(len(one.caller_ids))
    return (
        one.carrier_account_id,
        one.name,
        one.account_sid,
        numbers,
        _state(one),
        when(one.token_time),
        ends,
    )


def _state(one: CarrierAccountView) -> str:
    if one.disabled_time is not None:
        return "disabled"
    return "default" if one.is_default else ""


@remote_command(app)
def show(remote: Remote, account: Which) -> None:
    """Show one account at the carrier."""
    _show(remote, _found(remote, account))


@remote_command(app)
def create(
    remote: Remote,
    name: Annotated[str, typer.Argument(help="What it is called.")],
    sid: Annotated[str, typer.Option(help="Its SID, AC…")],
    token: Token,
    caller_id: Callers = None,
    region: Region = None,
    edge: Edge = None,
) -> None:
    """Dial from some numbers by another account at Twilio."""
    body = given({"callerIds": caller_id, "region": region, "edge": edge})
    body |= {"name": name, "accountSid": sid, "authToken": token}
    _show(remote, remote.api.create_carrier_account(body))


@remote_command(app)
def change(
    remote: Remote,
    account: Which,
    name: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    caller_id: Callers = None,
    region: Region = None,
    edge: Edge = None,
) -> None:
    """Change what is named; the rest stays."""
    body = given({"name": name, "callerIds": caller_id, "region": region, "edge": edge})
    found = _found(remote, account)
    _show(remote, remote.api.change_carrier_account(found.carrier_account_id, body))


@remote_command(app, "rotate-token")
def rotate_token(
    remote: Remote,
    account: Which,
    token: Token,
    overlap: Annotated[
        str | None, typer.Option(help="How long the former is taken as well, as PT24H.")
    ] = None,
) -> None:
    """Go on with the next token; callbacks signed with the former are taken for a while."""
    body: dict[str, Any] = {"authToken": token, **given({"overlap": overlap})}
    found = _found(remote, account)
    _show(remote, remote.api.rotate_carrier_token(found.carrier_account_id, body))


@remote_command(app)
def default(
    remote: Remote,
    account: Annotated[
        str | None,
        typer.Argument(metavar="[ACCOUNT]", help="Its id, name or SID; none: the installation's."),
    ] = None,
) -> None:
    """Choose which one dials from all numbers that no account has."""
    if account is not None:
        found = _found(remote, account)
        _show(remote, remote.api.change_carrier_account(found.carrier_account_id, _CHOSEN))
        return
    for one in remote.api.iter_carrier_accounts(take=200):
        if one.is_default:
            remote.api.change_carrier_account(one.carrier_account_id, {"isDefault": False})
    remote.screen.say("All other numbers are dialed from by the installation's own account.")


@remote_command(app)
def disable(remote: Remote, account: Which) -> None:
    """Dial nobody by it; calls that wait for its numbers move to others, or wait."""
    found = _found(remote, account)
    _show(remote, remote.api.disable_carrier_account(found.carrier_account_id))


@remote_command(app)
def enable(remote: Remote, account: Which) -> None:
    """Dial by it again."""
    found = _found(remote, account)
    _show(remote, remote.api.enable_carrier_account(found.carrier_account_id))


@remote_command(app)
def delete(remote: Remote, account: Which) -> None:
    """Dial by it no more, and forget its token."""
    found = _found(remote, account)
    remote.api.delete_carrier_account(found.carrier_account_id)
    remote.screen.say(f"{found.name} is deleted.")


def _found(remote: Remote, text: str) -> CarrierAccountView:
    for one in remote.api.iter_carrier_accounts(take=200):
        if text in (one.carrier_account_id, one.name, one.account_sid):
            return one
    raise NotThere(f"There is no account at the carrier {text}.")


def _show(remote: Remote, one: CarrierAccountView) -> None:
    remote.screen.one(
        one,
        one.carrier_account_id,
        {
            "account": one.carrier_account_id,
            "name": one.name,
            "sid": one.account_sid,
            "region": one.region,
            "edge": one.edge,
            "numbers": ", ".join(one.caller_ids),
            "state": _state(one),
            "token of": when(one.token_time),
            "former until": when(one.former_token_ends_time),
        },
    )
