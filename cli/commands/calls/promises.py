"""`trunkline promises`: who is to be called back, and how many were."""

from typing import Annotated, Any

import typer

from cli.remote.command import Remote, remote_command
from cli.remote.words import when
from trunkline_client.models import PromiseView

app = typer.Typer(
    help="Promises to call back: list, make, figures.", no_args_is_help=True, add_completion=False
)
COLUMNS = ("call", "promised for", "clock of", "comes back", "state", "because", "asked by")


@remote_command(app, "list")
def list_(
    remote: Remote,
    every: Annotated[bool, typer.Option("--all", help="Also those that are settled.")] = False,
    call: Annotated[str | None, typer.Option(help="Those of one call.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
) -> None:
    """List open promises, the next one first."""
    found = remote.api.list_promises(all=every or None, call_id=call, take=limit)
    remote.screen.many(
        found.promises,
        [one.promise_id for one in found.promises],
        COLUMNS,
        map(row, found.promises),
        empty="No promise is open.",
    )


@remote_command(app)
def make(
    remote: Remote,
    call: Annotated[str, typer.Argument(help="Id of a call.")],
    at: Annotated[
        str,
        typer.Argument(help="RFC 3339; without an offset by the callee's clock: 2027-03-02T16:00."),
    ],
) -> None:
    """Promise that a call comes back at another time."""
    show(remote, remote.api.promise_call(call, {"at": at}))


@remote_command(app)
def figures(
    remote: Remote,
    days: Annotated[int, typer.Option(min=1, max=366, help="Settled within so many.")] = 30,
) -> None:
    """Show how many promises were kept and missed."""
    found = remote.api.promise_figures(days=days)
    share = "none was due" if found.kept_share is None else f"{100 * found.kept_share:.1f} %"
    facts = {
        "since": when(found.since),
        "kept": f"{found.kept:,} ({share})",
        "missed": f"{found.missed:,}",
        "withdrawn": f"{found.withdrawn:,}",
        "open": f"{found.open:,}",
    }
    remote.screen.one(found, share, facts)


def show(remote: Remote, made: PromiseView) -> None:
    """A promise in a few lines."""
    facts = {
        "promise": made.promise_id,
        "call": made.call_id,
        "promised for": when(made.promised_at),
        "by the clock of": made.assumed_timezone or "as said",
        "comes back": when(made.due_at),
        "because": made.reason,
    }
    remote.screen.one(made, made.promise_id, facts)


def row(one: PromiseView) -> tuple[Any, ...]:
    """One line of the list."""
    return (
        one.call_id,
        when(one.promised_at),
        one.assumed_timezone or "",
        when(one.dialed_at or one.due_at),
        one.state,
        one.reason or "",
        one.source,
    )
