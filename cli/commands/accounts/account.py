"""`trunkline account`: the limits, what was spent, and whether the carrier takes calls."""

from typing import Annotated

import typer

from cli.remote.command import Remote, remote_command
from cli.remote.words import given, money, when
from trunkline_client.models import AccountView

app = typer.Typer(
    help="The account of the key: show, change, probe.", no_args_is_help=True, add_completion=False
)


@remote_command(app)
def show(remote: Remote) -> None:
    """Show plan, limits, what was spent, and a pause of dialing."""
    _show(remote, remote.api.get_account())


@remote_command(app)
def change(
    remote: Remote,
    max_concurrent: Annotated[int | None, typer.Option(help="Calls at once.")] = None,
    calls_per_minute: Annotated[int | None, typer.Option(help="Dials a minute.")] = None,
    spend_limit: Annotated[
        int | None, typer.Option(help="In millionths of the account's currency.")
    ] = None,
    sector: Annotated[
        str | None, typer.Option(help="bank, lender, insurer, securities or other.")
    ] = None,
) -> None:
    """Change the limits that are named."""
    said = {
        "maxConcurrent": max_concurrent,
        "callsPerMinute": calls_per_minute,
        "spendLimit": spend_limit,
        "sector": sector,
    }
    _show(remote, remote.api.change_account(given(said)))


@remote_command(app)
def probe(remote: Remote) -> None:
    """While dialing is paused: let the next call in line try at once."""
    _show(remote, remote.api.try_dialing_now())


def _show(remote: Remote, one: AccountView) -> None:
    pause = one.dialing_pause
    currency = str(one.rates.get("currency") or "")
    remote.screen.one(
        one,
        one.account_id,
        {
            "account": one.account_id,
            "name": one.name,
            "plan": one.plan,
            "at once": one.max_concurrent,
            "a minute": one.calls_per_minute,
            "spent": money(one.spent, currency),
            "spend limit": money(one.spend_limit, currency),
            "sector": one.sector,
            "waivers": ", ".join(waiver.rule for waiver in one.waivers),
            "dialing is paused": f"since {when(pause.since)}: {pause.cause}" if pause else "",
        },
    )
