"""The commands of `trunkline campaigns` about one that is made: from its preflight to its end."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.commands.campaigns.clearances import clearances
from cli.commands.campaigns.forecast import forecast
from cli.commands.campaigns.goal import goal, standing_of_goal
from cli.commands.campaigns.mend import mend
from cli.commands.campaigns.split import split
from cli.commands.campaigns.steps import steps
from cli.live.campaign_watch import ended, total
from cli.live.campaign_watch import watch as watch_campaign
from cli.remote import lookup
from cli.remote.command import Remote, remote_command
from cli.remote.export import CONTACTS, save, write, write_calls
from cli.remote.words import counts, given, money, pairs, standing, when
from trunkline_client.models import CampaignDetail, CampaignView

CampaignName = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id or name.")]
Segment = Annotated[
    list[str] | None,
    typer.Option(metavar="COLUMN=VALUE", help="Only those with this in their context; repeatable."),
]
Watch = Annotated[bool, typer.Option("--watch", help="Show it until its end.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="A file. Default: to stdout.")]
_ZONES = ("zone", "contacts", "ready", "later", "refused", "will miss", "next")


def show(remote: Remote, campaign: CampaignName) -> None:
    """Show a campaign with its progress."""
    _detail(remote, remote.api.get_campaign(lookup.campaign_id(remote, campaign)))


def preflight(remote: Remote, campaign: CampaignName) -> None:
    """Say what would happen if it started now; nothing is changed."""
    id = lookup.campaign_id(remote, campaign)
    told = remote.api.preflight_campaign(id, take=1)
    facts = {
        "contacts": f"{told.contacts:,}: {told.ready:,} ready, {told.later:,} later, "
        f"{told.refused:,} refused, {told.invalid:,} invalid",
        "reasons": counts(told.reasons),
        "first call": when(told.next_at),
        "done by": when(told.ends_at),
        "too late": f"{told.will_miss:,} will miss the deadline" if told.will_miss else "",
        "mind": " ".join(told.notes),
    }
    remote.screen.one(told, id, facts)
    if remote.screen.for_people and told.zones:
        remote.screen.say("")
        rows = [
            (
                ", ".join(one.timezones) or "unknown",
                *(f"{n:,}" for n in (one.contacts, one.ready, one.later, one.refused)),
                f"{one.will_miss:,}",
                when(one.next_at),
            )
            for one in told.zones
        ]
        remote.screen.many(told.zones, [], _ZONES, rows, empty="")
    if told.ready + told.later:
        remote.screen.say(
            f"\nStart it: `trunkline campaigns start {shlex.quote(campaign)} --watch`."
        )


def errors(remote: Remote, campaign: CampaignName, output: Output = None) -> None:
    """Fetch the rows that were rejected, and why, as CSV: mend it and upload it again."""
    id = lookup.campaign_id(remote, campaign)
    save(remote.api.download_errors(id), output)


def start(
    remote: Remote, campaign: CampaignName, segment: Segment = None, watch: Watch = False
) -> None:
    """Start it, all of it or a segment."""
    id = lookup.campaign_id(remote, campaign)
    only = pairs(segment or (), "--segment") or None
    _moved(remote, remote.api.start_campaign(id, given({"segment": only})), watch)
    if not watch:
        remote.screen.say(f"Watch it: `trunkline campaigns watch {shlex.quote(campaign)}`.")


def watch(remote: Remote, campaign: CampaignName) -> None:
    """Show it until its end. The exit code is 0 when it is completed, 1 when it was canceled."""
    _watched(remote, lookup.campaign_id(remote, campaign))


def pause(
    remote: Remote,
    campaign: CampaignName,
    reason: Annotated[str | None, typer.Option(help="Shown to others.")] = None,
) -> None:
    """Dial nobody any more; calls under way go on to their end."""
    id = lookup.campaign_id(remote, campaign)
    _moved(remote, remote.api.pause_campaign(id, given({"detail": reason})))


def resume(remote: Remote, campaign: CampaignName, watch: Watch = False) -> None:
    """Go on."""
    id = lookup.campaign_id(remote, campaign)
    _moved(remote, remote.api.resume_campaign(id), watch)


def cancel(remote: Remote, campaign: CampaignName) -> None:
    """End it; who is on the line goes on to the end."""
    id = lookup.campaign_id(remote, campaign)
    _moved(remote, remote.api.cancel_campaign(id))


def export(
    remote: Remote,
    campaign: CampaignName,
    contacts: Annotated[
        bool, typer.Option("--contacts", help="The contacts, in place of the calls.")
    ] = False,
    output: Output = None,
) -> None:
    """Write its calls, or its contacts, as CSV, or with --json as one JSON object a line."""
    id = lookup.campaign_id(remote, campaign)
    if not contacts:
        write_calls(remote, {"campaign_id": id}, output)
        return
    count = remote.api.list_contacts(id, take=1).total
    found = remote.api.iter_contacts(id, take=1000)
    write(remote, "Contacts", found, count, CONTACTS, output)


def register(app: typer.Typer) -> None:
    """Makes commands of them."""
    for command in (
        show, preflight, forecast, goal, split, steps, errors, mend, clearances, start, watch,
        pause, resume, cancel, export,
    ):  # fmt: skip
        remote_command(app)(command)


def _moved(remote: Remote, found: CampaignView | CampaignDetail, watch: bool = False) -> None:
    if watch:
        _watched(remote, found.campaign_id)
        return
    facts: dict[str, Any] = {"campaign": found.campaign_id, "name": found.name}
    facts |= {"status": standing(found.status), "because": found.detail}
    remote.screen.one(found, found.campaign_id, facts)


def _watched(remote: Remote, campaign_id: str) -> None:
    if watch_campaign(remote, campaign_id).status != "Completed":
        raise typer.Exit(1)


def _detail(remote: Remote, found: CampaignDetail) -> None:
    progress = found.progress
    facts = {
        "campaign": found.campaign_id,
        "name": found.name,
        "status": standing(found.status),
        "because": found.detail,
        "contacts": counts(progress.contacts),
        "calls over": f"{ended(found):,} of {total(found):,}",
        "outcomes": counts(progress.outcomes),
        "in flight": progress.in_flight,
        "waiting": f"{progress.waiting.slot} for a slot, {progress.waiting.window} for a window, "
        f"{progress.waiting.retry} for a retry",
        "spent": money(progress.spent),
        "done about": when(progress.eta),
        "goal": standing_of_goal(found),
        "risk": progress.deadline_risk.detail if progress.deadline_risk else "",
    }
    remote.screen.one(found, found.campaign_id, facts)
