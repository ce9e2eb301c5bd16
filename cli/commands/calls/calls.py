"""`trunkline calls`: those that wait, are under way or are over."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.commands.calls.call import WELL, show
from cli.live.call_watch import watch as watch_call
from cli.remote import lookup
from cli.remote.command import Remote, remote_command
from cli.remote.export import write_calls
from cli.remote.words import given, instant, moment, pairs, standing, when
from trunkline_client.models import CallDetail, CallView

app = typer.Typer(
    help="Calls: list, show, clearances, watch, cancel, reschedule, export.",
    no_args_is_help=True,
    add_completion=False,
)
CallId = Annotated[str, typer.Argument(metavar="CALL", help="The call's id.")]
CallIds = Annotated[list[str], typer.Argument(metavar="CALL...", help="Ids of calls.")]
Status = Annotated[
    list[str] | None, typer.Option(help="Created, Queued, Pending, InProgress, …; repeatable.")
]
Agent = Annotated[str, typer.Option(help="Of this agent: name or id.")]
Campaign = Annotated[str, typer.Option(help="Of this campaign: name or id.")]
Outcome = Annotated[str | None, typer.Option(help="With this outcome, such as no_answer.")]
Number = Annotated[str | None, typer.Option(help="To this number, in any spelling.")]
Since = Annotated[str | None, typer.Option(help="Created at or after: RFC 3339.")]
Until = Annotated[str | None, typer.Option(help="Created before: RFC 3339.")]
Data = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="With this in its additionalData; repeatable."),
]
_COLUMNS = ("call", "to", "status", "because", "tries", "created")


def _filters(
    remote: Remote,
    status: list[str] | None,
    agent: str,
    campaign: str,
    outcome: str | None,
    number: str | None,
    since: str | None,
    until: str | None,
    data: list[str] | None,
) -> dict[str, Any]:
    return given(
        {
            "status": status or None,
            "agent_id": lookup.agent_id(remote, agent) if agent else None,
            "campaign_id": lookup.campaign_id(remote, campaign) if campaign else None,
            "outcome": outcome,
            "endpoint": number,
            "from_date": instant(since, "--since"),
            "to_date": instant(until, "--until"),
            "additional_data": pairs(data or (), "--data") or None,
        }
    )


@remote_command(app, "list")
def list_(
    remote: Remote,
    status: Status = None,
    agent: Agent = "",
    campaign: Campaign = "",
    outcome: Outcome = None,
    number: Number = None,
    since: Since = None,
    until: Until = None,
    data: Data = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest.")] = 20,
) -> None:
    """List calls, the newest first."""
    filters = _filters(remote, status, agent, campaign, outcome, number, since, until, data)
    found = remote.api.list_calls(take=limit, **filters)
    remote.screen.many(
        found.calls,
        [one.call_id for one in found.calls],
        _COLUMNS,
        map(_row, found.calls),
        empty="There is no such call. Make one with `trunkline call NUMBER`.",
    )
    if found.total > len(found.calls):
        remote.screen.say(f"{len(found.calls)} of {found.total:,}; --limit shows more.")


def _row(call: CallView) -> tuple[Any, ...]:
    return (
        call.call_id,
        call.endpoint,
        standing(call.status, call.outcome),
        call.detail or call.reason or "",
        str(call.attempt_count),
        when(call.created_time),
    )


@remote_command(app)
def clearances(remote: Remote, call: CallId) -> None:
    """Show what is known of a call's number, whether it may be dialed, and what asking cost."""
    found = remote.api.call_clearances(call)
    remote.screen.many(
        found.requirements,
        [one.rule for one in found.requirements],
        ("demand", "stands", "answer", "detail", "good until"),
        (
            (one.rule, standing(one.standing), one.verdict, one.detail, when(one.fresh_until))
            for one in found.requirements
        ),
        empty="The call's agent demands to know nothing of numbers.",
    )


@remote_command(app, "show")
def show_(remote: Remote, call: CallId) -> None:
    """Show one call: where it stands, every attempt, every decision and its reason."""
    found = remote.api.get_call(call)
    show(remote, found)
    if remote.screen.for_people:
        _show_more(remote, found)


def _show_more(remote: Remote, call: CallDetail) -> None:
    screen = remote.screen
    screen.facts(
        {
            "created": when(call.created_time),
            "ended": when(call.completed_time),
            "deadline": when(call.call_deadline),
            "priority": call.priority,
            "position": call.position,
            "starts about": when(call.expected_start),
            "context": call.context,
            "data": call.additional_data,
            "said": (call.result or {}).get("summary"),
            "Temporal": call.links.temporal_ui if call.links else None,
        }
    )
    screen.say("\nAttempts")
    for one in call.attempts:
        answer = one.result or one.state
        screen.say(f"  {one.number}  {when(one.dialed_at)}  {answer}  {one.carrier_sid or ''}")
    screen.say("\nDecisions")
    for decision in call.decisions:
        screen.say(f"  {when(decision.at)}  {decision.kind}: {decision.detail} ({decision.reason})")


@remote_command(app)
def watch(remote: Remote, call: CallId) -> None:
    """Show a call until its end. The exit code is 0 with the status Completed, else 1."""
    if watch_call(remote, call).status != WELL:
        raise typer.Exit(1)


@remote_command(app)
def cancel(remote: Remote, calls: CallIds) -> None:
    """Cancel calls that wait or ring. With somebody on the line it is refused: see hangup."""
    for one in calls:
        _changed(remote, remote.api.cancel_call(one))


@remote_command(app)
def hangup(remote: Remote, call: CallId) -> None:
    """Hang up a call that somebody is on."""
    _changed(remote, remote.api.hang_up_call(call))


@remote_command(app)
def reschedule(
    remote: Remote,
    call: CallId,
    at: Annotated[str, typer.Option("--at", help="Earliest time: RFC 3339, or +2h from now.")],
) -> None:
    """Give a call that waits another earliest time."""
    said = {"notBefore": moment(at, "--at")}
    _changed(remote, remote.api.reschedule_call(call, said))


@remote_command(app)
def change(
    remote: Remote,
    call: CallId,
    priority: Annotated[int | None, typer.Option(help="0 to 10, higher first.")] = None,
    deadline: Annotated[str | None, typer.Option(help="Latest time to dial.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A variable; replaces all of them."),
    ] = None,
) -> None:
    """Change a call that waits."""
    said = {
        "priority": priority,
        "callDeadline": moment(deadline, "--deadline"),
        "context": pairs(set_, "--set") if set_ else None,
    }
    _changed(remote, remote.api.change_call(call, given(said)))


def _changed(remote: Remote, call: CallView) -> None:
    screen = remote.screen
    screen.event(call)
    if screen.quiet:
        screen.write(call.call_id)
    else:
        asked = " (asked for)" if call.cancel_requested and not call.outcome else ""
        screen.say(f"{call.call_id}  {call.outcome or call.status}{asked}  {call.detail or ''}")


@remote_command(app)
def export(
    remote: Remote,
    status: Status = None,
    agent: Agent = "",
    campaign: Campaign = "",
    outcome: Outcome = None,
    number: Number = None,
    since: Since = None,
    until: Until = None,
    data: Data = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file. Default: to stdout.")
    ] = None,
) -> None:
    """Write calls as CSV, or with --json as one JSON object a line."""
    write_calls(
        remote,
        _filters(remote, status, agent, campaign, outcome, number, since, until, data),
        output,
    )


@remote_command(app)
def recording(
    remote: Remote,
    call: CallId,
    output: Annotated[Path, typer.Option("--output", "-o", help="A WAV file.")],
    attempt: Annotated[int | None, typer.Option(help="Default: the last that has one.")] = None,
) -> None:
    """Fetch the sound of a call."""
    found = remote.api.list_recordings(call).recordings
    number = attempt or (found[-1].attempt if found else 1)
    output.write_bytes(remote.api.hear_recording(call, number))
    remote.screen.say(f"{output}: attempt {number}.")
