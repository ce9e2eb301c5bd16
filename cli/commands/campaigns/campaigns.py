"""`trunkline campaigns`: lists of people, called under shared limits."""

import json
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.commands.campaigns import course
from cli.errors import Unusable
from cli.remote import lookup
from cli.remote.command import Remote, remote_command
from cli.remote.upload import content_type, hint, pieces, tell
from cli.remote.words import from_file, given, moment, pairs, standing, when
from trunkline_client.models import CampaignCopy, CampaignCreated, CampaignView, LoadedView

app = typer.Typer(
    help="Campaigns: create, upload, mend, preflight, forecast, start, watch, redial, export.",
    no_args_is_help=True,
    add_completion=False,
)
CampaignName = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id or name.")]
Most = Annotated[int | None, typer.Option("--max-concurrent", help="Calls at once.")]
Pace = Annotated[int | None, typer.Option("--calls-per-minute", help="Dials a minute.")]
Priority = Annotated[int | None, typer.Option(help="0 to 10, higher first.")]
NotBefore = Annotated[str | None, typer.Option(help="Earliest time: RFC 3339, or +2h from now.")]
Deadline = Annotated[str | None, typer.Option(help="Latest time to dial, written like that.")]
Window = Annotated[
    str | None, typer.Option(help="On the recipients' clocks, as mon-fri@09:00-17:00.")
]
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@remote_command(app, "list")
def list_(
    remote: Remote,
    status: Annotated[str | None, typer.Option(help="Draft, Running, Paused, …")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest.")] = 20,
) -> None:
    """List campaigns, the newest first."""
    found = remote.api.list_campaigns(take=limit, **given({"status": status}))
    remote.screen.many(
        found.campaigns,
        [one.campaign_id for one in found.campaigns],
        ("campaign", "name", "status", "created"),
        map(_row, found.campaigns),
        empty="There is no campaign. Make one with `trunkline campaigns create NAME`.",
    )


def _row(one: CampaignView) -> tuple[Any, ...]:
    return one.campaign_id, one.name, standing(one.status), when(one.created_time)


@remote_command(app)
def create(
    remote: Remote,
    name: Annotated[str, typer.Argument(help="What it is called.")],
    agent: Annotated[str, typer.Option(help="Name or id. Default: the only one.")] = "",
    pathway: Annotated[str | None, typer.Option(help="Name or id. Default: the agent's.")] = None,
    max_concurrent: Most = None,
    calls_per_minute: Pace = None,
    priority: Priority = None,
    timezone: Annotated[str | None, typer.Option(help="Of wall times.")] = None,
    not_before: NotBefore = None,
    deadline: Deadline = None,
    window: Window = None,
    from_: Annotated[
        Path | None, typer.Option("--from", help="A JSON file with more fields of the request.")
    ] = None,
) -> None:
    """Create a draft. Fill it with upload, look at it with preflight, then start it."""
    said = {
        "name": name,
        "agentId": lookup.agent_id(remote, agent),
        "pathwayId": lookup.pathway_id(remote, pathway) if pathway else None,
        "timezone": timezone,
        **_limits(max_concurrent, calls_per_minute, priority, not_before, deadline, window),
    }
    body = {**(from_file(from_) if from_ else {}), **given(said)}
    made = remote.api.create_campaign(body)
    _show(remote, made)
    remote.screen.say(f"Next: `trunkline campaigns upload {shlex.quote(name)} FILE`, CSV or XLSX.")


def _limits(
    max_concurrent: int | None,
    calls_per_minute: int | None,
    priority: int | None,
    not_before: str | None,
    deadline: str | None,
    window: str | None,
) -> dict[str, Any]:
    schedule = given(
        {
            "notBefore": moment(not_before, "--not-before"),
            "callDeadline": moment(deadline, "--deadline"),
            "window": _window(window) if window else None,
        }
    )
    return {
        "maxConcurrent": max_concurrent,
        "callsPerMinute": calls_per_minute,
        "priority": priority,
        "schedule": schedule or None,
    }


def _window(text: str) -> dict[str, Any]:
    """`mon-fri@09:00-17:00`; without days, every day."""
    days, _, hours = text.rpartition("@")
    start, divided, end = hours.partition("-")
    first, _, last = days.partition("-")
    if not divided or any(day and day not in _DAYS for day in (first, last)):
        raise Unusable("--window takes days and hours, such as mon-fri@09:00-17:00.")
    chosen = list(_DAYS[_DAYS.index(first) : _DAYS.index(last or first) + 1]) if first else None
    return given({"days": chosen, "start": start, "end": end})


@remote_command(app)
def change(
    remote: Remote,
    campaign: CampaignName,
    max_concurrent: Most = None,
    calls_per_minute: Pace = None,
    priority: Priority = None,
    not_before: NotBefore = None,
    deadline: Deadline = None,
    window: Window = None,
) -> None:
    """Change limits and times, also while it runs."""
    id = lookup.campaign_id(remote, campaign)
    said = _limits(max_concurrent, calls_per_minute, priority, not_before, deadline, window)
    _show(remote, remote.api.change_campaign(id, given(said)))


@remote_command(app)
def upload(
    remote: Remote,
    campaign: CampaignName,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.")],
    phone_column: Annotated[
        str | None, typer.Option(help="Which column holds the numbers. Default: found out.")
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[TYPE:]COLUMN",
            help="A column with another number of the same person; repeatable, in order.",
        ),
    ] = None,
    country: Annotated[
        str | None, typer.Option(help="ISO 3166: how numbers without + are read.")
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=VARIABLE", help="What a column fills; repeatable."),
    ] = None,
) -> None:
    """Add the contacts of a file, and say how it was read. A bad row rejects only itself."""
    id = lookup.campaign_id(remote, campaign)
    mapped = pairs(map_ or (), "--map")
    with pieces(remote.screen, file) as content:
        done = remote.api.upload_contacts(
            id,
            content,
            content_type=content_type(file),
            phone_column=phone_column,
            other_columns=also,
            default_country=country,
            column_map=_json(mapped),
        )
    tell(remote.screen, done)
    _say_next(remote, campaign, done, country)


def _say_next(remote: Remote, campaign: str, done: LoadedView, country: str | None) -> None:
    """The way on: what was rejected, then the look ahead, then the start."""
    name, say = shlex.quote(campaign), remote.screen.say
    if done.rejected:
        if known := hint((one.code for one in done.errors), country):
            say(known)
        say(
            f"Mend them: `trunkline campaigns mend {name}`, or as a file: "
            f"`trunkline campaigns errors {name}`."
        )
    if done.accepted:
        say(f"See what would happen: `trunkline campaigns preflight {name}`.")


def _json(mapped: dict[str, str]) -> str | None:
    return json.dumps(mapped) if mapped else None


@remote_command(app)
def duplicate(
    remote: Remote,
    campaign: CampaignName,
    name: Annotated[str | None, typer.Option(help="What the new one is called.")] = None,
    contacts: Annotated[
        bool, typer.Option("--contacts/--no-contacts", help="With its contacts.")
    ] = True,
) -> None:
    """Make a new draft like it."""
    id = lookup.campaign_id(remote, campaign)
    said = given({"name": name, "contacts": None if contacts else False})
    _show(remote, remote.api.duplicate_campaign(id, said))


@remote_command(app)
def redial(
    remote: Remote,
    campaign: CampaignName,
    outcome: Annotated[list[str], typer.Option(help="Such as no_answer or busy; repeatable.")],
    name: Annotated[str | None, typer.Option(help="What the new one is called.")] = None,
    segment: course.Segment = None,
) -> None:
    """Make a new draft of those whose calls ended with these outcomes."""
    id = lookup.campaign_id(remote, campaign)
    only = pairs(segment or (), "--segment") or None
    said = given({"outcomes": outcome, "name": name, "segment": only})
    made = remote.api.redial_campaign(id, said)
    _show(remote, made)
    remote.screen.say(f"Start it: `trunkline campaigns start {made.campaign_id} --watch`.")


@remote_command(app)
def delete(remote: Remote, campaign: CampaignName) -> None:
    """Delete a draft."""
    found = lookup.campaign(remote, campaign)
    remote.api.delete_campaign(found.campaign_id)
    remote.screen.say(f"{found.name} is deleted.")


def _show(remote: Remote, found: CampaignView | CampaignCopy | CampaignCreated) -> None:
    facts = {
        "campaign": found.campaign_id,
        "name": found.name,
        "status": standing(found.status),
        "contacts": _contacts(found),
        "at once": found.max_concurrent,
        "a minute": found.calls_per_minute,
    }
    remote.screen.one(found, found.campaign_id, facts)


def _contacts(found: CampaignView | CampaignCopy | CampaignCreated) -> int | None:
    if isinstance(found, CampaignCreated):
        return found.contacts.accepted
    return found.contacts if isinstance(found, CampaignCopy) else None


course.register(app)
