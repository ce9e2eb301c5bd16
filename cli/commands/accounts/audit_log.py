"""`trunkline audit-log`: who changed what."""

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from cli.remote.command import Remote, remote_command
from cli.remote.export import save
from cli.remote.words import given, instant, when
from trunkline_client.models import AuditEntryView

app = typer.Typer(help="The audit log: list, export.", no_args_is_help=True, add_completion=False)
Since = Annotated[str | None, typer.Option(help="From this time on: RFC 3339.")]
Until = Annotated[str | None, typer.Option(help="Before this time.")]
_COLUMNS = ("when", "who", "by", "what", "of", "fields")


@remote_command(app, "list")
def list_(
    remote: Remote,
    action: Annotated[str | None, typer.Option(help="Only this, such as change_agent.")] = None,
    object_id: Annotated[str | None, typer.Option("--of", help="Only of this id.")] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest.")] = 50,
) -> None:
    """List changes, the newest first."""
    filters = given(
        {
            "action": action,
            "object_id": object_id,
            "since": instant(since, "--since"),
            "until": instant(until, "--until"),
        }
    )
    found = list(islice(remote.api.iter_audit_log(take=limit, **filters), limit))
    ids = [str(one.entry_id) for one in found]
    empty = "Nothing was changed yet."
    remote.screen.many(found, ids, _COLUMNS, map(_row, found), empty=empty)


def _row(one: AuditEntryView) -> tuple[str, ...]:
    fields = ", ".join(one.fields)
    return when(one.at), one.actor, one.via, one.action, one.object_id or "", fields


@remote_command(app)
def export(
    remote: Remote,
    output: Annotated[Path | None, typer.Option(help="The file; else on the screen.")] = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Write it as CSV."""
    filters = given({"since": instant(since, "--since"), "until": instant(until, "--until")})
    save(remote.api.export_audit_log(**filters), output)
