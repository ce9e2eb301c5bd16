"""All that is under way, on one screen."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cli.remote.command import Remote
from cli.remote.screen import table
from cli.remote.words import COLOURS, clock, counts, money, share, standing, when
from trunkline_client.models import AccountView, Analytics, CallView, QueuedCallView, Ready

_IN_FLIGHT = ("Pending", "InProgress")
_STATUSES = ("Created", "Queued", "Pending", "InProgress", "Completed", "Failed", "Canceled")
_QUEUE = 12
_ENDED = 8
#: Figures of the day are asked for less often than what moves.
_FIGURES_SECONDS = 15.0
_BAR = 30


@dataclass(frozen=True)
class Moment:
    """One look."""

    ready: Ready
    account: AccountView
    statuses: dict[str, int]
    queue: list[QueuedCallView]
    ended: list[CallView]


class Top:
    """Looks, and draws what it saw."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._figures: Analytics | None = None
        self._figures_at = 0.0

    def run(self, interval: float, looks: int | None = None) -> None:
        """Until Ctrl-C, or for so many looks."""
        screen, done = self._remote.screen, 0
        moving = screen.for_people and screen.console.is_terminal
        with Live(
            console=screen.console, screen=moving, auto_refresh=False, transient=moving
        ) as live:
            while looks is None or done < looks:
                if done:
                    time.sleep(interval)
                done += 1
                live.update(self.drawn(self.look()), refresh=True)

    def look(self) -> Moment:
        """Asks the API."""
        api = self._remote.api
        if time.monotonic() - self._figures_at > _FIGURES_SECONDS:
            now = datetime.now(UTC)
            self._figures = api.get_analytics(from_=now - timedelta(days=1), to=now)
            self._figures_at = time.monotonic()
        over = ["Completed", "Failed", "Canceled"]
        return Moment(
            ready=api.get_readiness(),
            account=api.get_account(),
            statuses=api.count_statuses().statuses,
            queue=api.list_queue(take=_QUEUE).calls,
            ended=api.list_calls(status=over, take=_ENDED).calls,  # type: ignore[arg-type]
        )

    def drawn(self, now: Moment) -> RenderableType:
        return Group(
            self._head(now),
            _slots(now),
            _statuses(now.statuses),
            self._day(),
            Text("\nQueue", "bold"),
            _queue(now.queue),
            Text("\nEnded last", "bold"),
            _ended(now.ended),
        )

    def _head(self, now: Moment) -> Text:
        parts = {"database": now.ready.database, "Temporal": now.ready.temporal}
        parts["worker"] = now.ready.worker
        found = Text.assemble(
            (f"{self._remote.target.url}  ", "bold"), (clock(datetime.now(UTC)), "dim")
        )
        for name, state in parts.items():
            found.append(f"  {name} {state}", "green" if state == "ok" else "bold red")
        if pause := now.account.dialing_pause:
            found.append(f"\nDialing is paused: {pause.cause}", "bold red")
        return found

    def _day(self) -> Text:
        if self._figures is None:
            return Text("")
        totals = self._figures.totals
        outcomes = counts({name: one.calls for name, one in totals.outcomes.items()})
        return Text(
            f"Last 24 h: {totals.attempted:,} dialed, {share(totals.answer_rate) or '-'} answered, "
            f"{money(totals.cost, self._figures.currency)}. {outcomes}"
        )


def _slots(now: Moment) -> Text:
    used = sum(now.statuses.get(status, 0) for status in _IN_FLIGHT)
    most = now.account.max_concurrent
    filled = min(_BAR, round(_BAR * used / most)) if most else 0
    bar = "█" * filled + "░" * (_BAR - filled)
    return Text(
        f"Slots {bar} {used:,} of {most:,}, at most {now.account.calls_per_minute:,} a minute"
    )


def _statuses(found: dict[str, int]) -> Text:
    parts = (Text(f"{one} {found.get(one, 0):,}", COLOURS.get(one, "")) for one in _STATUSES)
    return Text("  ").join(parts)


def _queue(found: list[QueuedCallView]) -> Table | Text:
    if not found:
        return Text("Nothing waits.", "dim")
    rows = [
        (
            str(one.position or ""),
            one.call_id[:8],
            one.endpoint,
            str(one.effective_priority or one.priority),
            standing(one.status),
            one.detail or one.reason or "",
            when(one.expected_start or one.next_attempt_at),
        )
        for one in found
    ]
    return table(("", "call", "to", "priority", "status", "because", "starts about"), rows)


def _ended(found: list[CallView]) -> Table | Text:
    if not found:
        return Text("None yet.", "dim")
    rows = [
        (
            one.call_id[:8],
            one.endpoint,
            standing(one.status, one.outcome),
            one.detail or "",
            when(one.completed_time),
        )
        for one in found
    ]
    return table(("call", "to", "outcome", "because", "ended"), rows)
