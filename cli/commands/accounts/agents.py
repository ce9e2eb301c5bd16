"""`trunkline agents`: who calls, from which numbers, when, and how it tries again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.errors import Unusable
from cli.remote import lookup
from cli.remote.command import Remote, remote_command
from cli.remote.words import from_file, given
from trunkline_client.models import AgentView

app = typer.Typer(
    help="Agents: list, show, create, change, delete.", no_args_is_help=True, add_completion=False
)
AgentName = Annotated[str, typer.Argument(metavar="AGENT", help="Its id or name.")]
Zone = Annotated[str | None, typer.Option(help="Such as America/New_York.")]
Callers = Annotated[
    list[str] | None, typer.Option("--caller-id", help="A number it may show; repeatable.")
]
PathwayName = Annotated[str | None, typer.Option("--pathway", help="What it says: name or id.")]
Purpose = Annotated[str | None, typer.Option(help="What its calls are for, such as reminder.")]
Identity = Annotated[str | None, typer.Option("--identity", help="Who calls, as people are told.")]
Callback = Annotated[str | None, typer.Option(help="A number at which that one is reached.")]
Most = Annotated[int | None, typer.Option("--max-concurrent", help="Calls at once.")]
Pace = Annotated[int | None, typer.Option("--calls-per-minute", help="Dials a minute.")]
Heals = Annotated[
    bool | None,
    typer.Option(
        "--rest-numbers/--no-rest-numbers",
        help="Rest numbers that people have begun to let ring, and try them again later.",
    ),
]
BestTimes = Annotated[
    str | None,
    typer.Option(help="Times that are tried first: business or consumers; none: none."),
]
CallReason = Annotated[
    str | None,
    typer.Option(help="What phones show as the reason; 64 characters at most, empty: nothing."),
]
File = Annotated[
    Path | None, typer.Option("--from", help="A JSON file with more fields of the request.")
]


@remote_command(app, "list")
def list_(remote: Remote) -> None:
    """List agents."""
    found = list(remote.api.iter_agents(take=200))
    remote.screen.many(
        found,
        [one.agent_id for one in found],
        ("agent", "name", "calls from", "purpose", "zone", ""),
        map(_row, found),
        empty="There is no agent. Make one with `trunkline agents create NAME`.",
    )


def _row(one: AgentView) -> tuple[str, ...]:
    state = "" if one.is_enabled else "disabled"
    callers = ", ".join(one.caller_ids)
    return one.agent_id, one.name, callers, one.purpose or "any", one.timezone, state


@remote_command(app)
def show(remote: Remote, agent: AgentName) -> None:
    """Show one agent."""
    _show(remote, lookup.agent(remote, agent))


@remote_command(app)
def create(
    remote: Remote,
    name: Annotated[str, typer.Argument(help="What it is called.")],
    timezone: Zone = None,
    caller_id: Callers = None,
    pathway: PathwayName = None,
    purpose: Purpose = None,
    identity: Identity = None,
    callback: Callback = None,
    max_concurrent: Most = None,
    calls_per_minute: Pace = None,
    best_times: BestTimes = None,
    call_reason: CallReason = None,
    from_: File = None,
) -> None:
    """Create an agent."""
    fields = _fields(remote, timezone, caller_id, pathway, purpose, identity, callback)
    fields |= {"name": name, "maxConcurrent": max_concurrent, "callsPerMinute": calls_per_minute}
    fields |= {"bestTimes": best_times, "callReason": call_reason}
    body = {**(from_file(from_) if from_ else {}), **given(fields), **_emptied(fields)}
    _show(remote, remote.api.create_agent(body))


@remote_command(app)
def change(
    remote: Remote,
    agent: AgentName,
    name: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    timezone: Zone = None,
    caller_id: Callers = None,
    heals: Heals = None,
    pathway: PathwayName = None,
    purpose: Purpose = None,
    identity: Identity = None,
    callback: Callback = None,
    max_concurrent: Most = None,
    calls_per_minute: Pace = None,
    best_times: BestTimes = None,
    call_reason: CallReason = None,
    enabled: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Disabled, its calls wait.")
    ] = None,
    from_: File = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say which calls would move.")
    ] = False,
) -> None:
    """Change what is named; the rest stays."""
    found = lookup.agent(remote, agent)
    fields = _fields(remote, timezone, caller_id, pathway, purpose, identity, callback)
    fields |= {"name": name, "isEnabled": enabled, "healsCallerIds": heals}
    fields |= {"maxConcurrent": max_concurrent, "callsPerMinute": calls_per_minute}
    fields |= {"bestTimes": best_times, "callReason": call_reason}
    body = {**(from_file(from_) if from_ else {}), **given(fields), **_emptied(fields)}
    if dry_run:
        moved = remote.api.dry_change_agent(found.agent_id, body)
        said = f"{moved.moved} of {moved.looked_at}"
        remote.screen.one(moved, str(moved.moved), {"calls that would move": said})
        return
    _show(remote, remote.api.change_agent(found.agent_id, body))


def _emptied(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is taken away by its word for nothing."""
    words = {"bestTimes": "none", "callReason": ""}
    return {name: None for name, word in words.items() if fields[name] == word}


def _fields(
    remote: Remote,
    timezone: str | None,
    caller_id: list[str] | None,
    pathway: str | None,
    purpose: str | None,
    identity: str | None,
    callback: str | None,
) -> dict[str, Any]:
    if callback and not identity:
        raise Unusable("--callback needs --identity: both say who calls.")
    who = given({"name": identity, "callbackNumber": callback})
    return {
        "timezone": timezone,
        "callerIds": caller_id or None,
        "pathwayId": lookup.pathway_id(remote, pathway) if pathway else None,
        "purpose": purpose,
        "identity": who or None,
    }


@remote_command(app)
def delete(remote: Remote, agent: AgentName) -> None:
    """Delete an agent. Its calls that wait end as canceled; all stay readable."""
    found = lookup.agent(remote, agent)
    remote.api.delete_agent(found.agent_id)
    remote.screen.say(f"{found.name} is deleted.")


def _show(remote: Remote, one: AgentView) -> None:
    identity = one.identity or {}
    remote.screen.one(
        one,
        one.agent_id,
        {
            "agent": one.agent_id,
            "name": one.name,
            "enabled": "yes" if one.is_enabled else "no",
            "calls from": ", ".join(one.caller_ids),
            "pathway": one.pathway_id,
            "purpose": one.purpose,
            "voice": one.voice,
            "identity": " ".join(
                str(identity[name]) for name in ("name", "callbackNumber") if name in identity
            ),
            "tried first": one.best_times,
            "phones show": one.call_reason,
            "zone": one.timezone,
            "business hours": _hours(one.business_hours),
            "retry": _said(one.retry),
            "voicemail": _said(one.voicemail),
            "rings for": f"{one.ring_timeout} s",
            "talks for": f"{one.max_duration} s",
            "recorded": "yes" if one.recording else "no",
            "at once": one.max_concurrent,
            "a minute": one.calls_per_minute,
            "hung up early within": one.hung_up_early_seconds,
            "who calls back": _said(one.inbound),
        },
    )


def _hours(spec: Mapping[str, Any] | None) -> str:
    """As `mon 09:00-12:00 13:00-17:30, sat 22:00-02:00`."""
    if spec is None:
        return "always"
    days = (
        " ".join([day, *(f"{one['start']}-{one['end']}" for one in spans)])
        for day, spans in spec.items()
        if spans
    )
    return ", ".join(days) or "never"


def _said(spec: Mapping[str, Any] | None) -> str:
    return ", ".join(f"{name} {value}" for name, value in (spec or {}).items())
