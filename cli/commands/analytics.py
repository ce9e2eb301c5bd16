"""`trunkline analytics`: rates, best hours, the health of caller IDs; and their sums, anew."""

from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from cli.deferred_command import attribute
from cli.errors import Interrupted
from cli.remote import lookup
from cli.remote.command import Remote, remote_command
from cli.remote.export import save
from cli.remote.words import counts, given, instant, length, money, share, when
from trunkline_client.models import GroupBy, GroupView, NumbersView

app = typer.Typer(
    help="Analytics: show, export, best-hours, caller-ids, rebuild.",
    no_args_is_help=True,
    add_completion=False,
)
From = Annotated[str | None, typer.Option("--from", help="RFC 3339. Default: the API's.")]
To = Annotated[str | None, typer.Option("--to", help="RFC 3339. Default: now.")]
By = Annotated[str | None, typer.Option("--by", help=", ".join(get_args(GroupBy)))]
Agent = Annotated[str, typer.Option(help="Of this agent: name or id.")]
Campaign = Annotated[str, typer.Option(help="Of this campaign: name or id.")]
_GROUPS = ("", "scheduled", "attempted", "answer rate", "completed", "outcomes", "cost")
_HOURS = ("hour of the week", "dials", "answered", "rate", "rank")
_CALLERS = ("caller ID", "verdict", "now", "before", "dials now")


def _asked(
    remote: Remote, from_: str | None, to: str | None, by: str | None, agent: str, campaign: str
) -> dict[str, Any]:
    return given(
        {
            "from_": instant(from_, "--from"),
            "to": instant(to, "--to"),
            "group_by": by,
            "agent_id": lookup.agent_id(remote, agent) if agent else None,
            "campaign_id": lookup.campaign_id(remote, campaign) if campaign else None,
        }
    )


@remote_command(app)
def show(
    remote: Remote,
    from_: From = None,
    to: To = None,
    by: By = None,
    agent: Agent = "",
    campaign: Campaign = "",
) -> None:
    """Show the figures of a period, in all or by group."""
    found = remote.api.get_analytics(**_asked(remote, from_, to, by, agent, campaign))
    totals = found.totals
    facts = {
        "from": when(found.from_),
        "to": when(found.to),
        "scheduled": f"{totals.scheduled:,}",
        "attempted": f"{totals.attempted:,}",
        "answer rate": share(totals.answer_rate),
        "completed": f"{totals.completed:,}",
        "average duration": length(totals.average_duration),
        "outcomes": _outcomes(totals),
        "cost": money(totals.cost, found.currency),
    }
    remote.screen.one(found, found.currency, facts)
    if remote.screen.for_people and found.groups:
        remote.screen.say("")
        rows = [_group(one, found.currency) for one in found.groups]
        remote.screen.many(found.groups, [], _GROUPS, rows, empty="")


def _group(one: GroupView, currency: str) -> tuple[str, ...]:
    return (
        one.name or one.key or "-",
        f"{one.scheduled:,}",
        f"{one.attempted:,}",
        share(one.answer_rate),
        f"{one.completed:,}",
        _outcomes(one),
        money(one.cost, currency),
    )


def _outcomes(one: NumbersView | GroupView) -> str:
    return counts({name: found.calls for name, found in one.outcomes.items()})


@remote_command(app)
def export(
    remote: Remote,
    from_: From = None,
    to: To = None,
    by: By = None,
    agent: Agent = "",
    campaign: Campaign = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file. Default: to stdout.")
    ] = None,
) -> None:
    """Write the figures as CSV, a line for each group."""
    save(remote.api.export_analytics(**_asked(remote, from_, to, by, agent, campaign)), output)


@remote_command(app)
def best_hours(
    remote: Remote,
    agent: Agent = "",
    jurisdiction: Annotated[str | None, typer.Option(help="Of people there, as US-CA.")] = None,
) -> None:
    """List at which hours of the week people answer, the best first."""
    agent_id = lookup.agent_id(remote, agent) if agent else None
    found = remote.api.get_best_hours(agent_id=agent_id, jurisdiction=jurisdiction).hours
    known = sorted((one for one in found if one.rank), key=lambda one: one.rank or 0)
    rows = [
        (
            one.hour_of_week,
            f"{one.attempts:,}",
            f"{one.answered:,}",
            share(one.answer_rate),
            str(one.rank),
        )
        for one in known
    ]
    ids = [one.hour_of_week for one in known]
    remote.screen.many(known, ids, _HOURS, rows, empty="There are too few dials to say.")


@remote_command(app)
def caller_ids(remote: Remote) -> None:
    """List which caller IDs are answered less than they were."""
    found = remote.api.get_caller_ids().caller_ids
    rows = [
        (
            one.caller_id,
            f"{one.verdict}{' (flagged)' if one.is_flagged else ''}",
            share(one.recent.answer_rate),
            share(one.before.answer_rate),
            f"{one.recent.attempts:,}",
        )
        for one in found
    ]
    ids = [one.caller_id for one in found]
    remote.screen.many(found, ids, _CALLERS, rows, empty="Nobody was called yet.")


@app.command()
def rebuild() -> None:
    """Count all calls anew, from what they say themselves; the old numbers are shown meanwhile."""
    try:
        attribute("cli.analytics_rebuild:rebuild")()
    except Interrupted as error:
        raise typer.Exit(130) from error
