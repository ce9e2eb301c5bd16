"""`trunkline queue`: what waits, in its order, and for what."""

from typing import Annotated, Any

import typer

from cli.remote.command import Remote, remote_command
from cli.remote.words import standing, when
from trunkline_client.models import QueuedCallView

app = typer.Typer(add_completion=False)
COLUMNS = ("place", "call", "to", "priority", "status", "waits for", "because", "starts about")


@remote_command(app)
def queue(
    remote: Remote,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
) -> None:
    """List calls that wait or are about to be dialed, with place in line and reason."""
    found = remote.api.list_queue(take=limit)
    remote.screen.many(
        found.calls,
        [one.call_id for one in found.calls],
        COLUMNS,
        map(row, found.calls),
        empty="Nothing waits.",
    )
    if found.total > len(found.calls):
        remote.screen.say(f"{len(found.calls)} of {found.total:,}; --limit shows more.")


def row(call: QueuedCallView) -> tuple[Any, ...]:
    """One line of it."""
    effective = call.effective_priority
    raised = f" → {effective}" if effective not in (None, call.priority) else ""
    return (
        str(call.position or ""),
        call.call_id,
        call.endpoint,
        f"{call.priority}{raised}",
        standing(call.status),
        call.waiting_for or "",
        call.detail or call.reason or "",
        when(call.expected_start or call.next_attempt_at),
    )
