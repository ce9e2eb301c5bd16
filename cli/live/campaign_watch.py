"""A campaign until its end: contacts, outcomes, pace, when it should be done."""

import time
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from cli.remote.command import Remote
from cli.remote.screen import harmless
from cli.remote.words import clock, counts, money, standing, when
from trunkline_client.models import CampaignDetail

OVER = {"Completed", "Canceled"}
_LOOK_SECONDS = 1.0
_ENDED = ("Completed", "Failed", "Canceled")


def watch(remote: Remote, campaign_id: str) -> CampaignDetail:
    """Show the campaign until it is over; gives how it ended."""
    found = remote.api.get_campaign(campaign_id)
    view = _View(found)
    console = remote.screen.console
    live = Live(console=console, refresh_per_second=4, transient=True)
    moving = remote.screen.for_people and console.is_terminal
    if moving:
        live.start()
    try:
        last = ""
        while found.status not in OVER:
            if moving:
                live.update(view.shown(found))
            elif (said := line(found)) != last:
                _tell(remote, found, said)
                last = said
            time.sleep(_LOOK_SECONDS)
            found = remote.api.get_campaign(campaign_id)
    finally:
        if moving:
            live.stop()
    _tell(remote, found, line(found))
    return found


def _tell(remote: Remote, found: CampaignDetail, said: str) -> None:
    remote.screen.event(found)
    remote.screen.say(f"{clock(datetime.now(UTC))}  {said}")


def ended(found: CampaignDetail) -> int:
    """Calls of it that are over."""
    return sum(found.progress.statuses.get(status, 0) for status in _ENDED)


def line(found: CampaignDetail) -> str:
    """Where it stands, on one line."""
    progress = found.progress
    outcomes = counts(progress.outcomes)
    said = f"{found.status}: {ended(found):,} of {total(found):,} calls over"
    return f"{said}; {outcomes}" if outcomes else said


def total(found: CampaignDetail) -> int:
    """Contacts that are called or are to be."""
    contacts = found.progress.contacts
    return contacts.get("staged", 0) + contacts.get("called", 0)


class _View:
    """What moves on a terminal."""

    def __init__(self, found: CampaignDetail) -> None:
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._task = self._bar.add_task(harmless(found.name).plain, total=total(found))

    def shown(self, found: CampaignDetail) -> RenderableType:
        self._bar.update(self._task, completed=ended(found), total=total(found))
        progress = found.progress
        waiting = progress.waiting
        facts = Text.assemble(
            standing(found.status),
            f"  in flight {progress.in_flight}  waiting: {waiting.slot} for a slot, ",
            f"{waiting.window} for a window, {waiting.retry} for a retry\n",
            f"{progress.ended_per_minute:.0f} calls a minute  spent {money(progress.spent)}",
            f"  done about {when(progress.eta)}" if progress.eta else "",
        )
        risk = progress.deadline_risk
        warned = [Text(risk.detail, "bold red")] if risk and risk.will_miss else []
        return Group(self._bar, facts, Text(counts(progress.outcomes)), *warned)
