"""What the demo shows: live progress in a terminal, plain lines elsewhere, a table at the end."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from cli.api_client import CallNow, Contact
from cli.demo.expectations import Expected

STATUSES = ("Created", "Queued", "Pending", "InProgress", "Completed", "Failed", "Canceled")
_COLOURS = {"Completed": "green", "Failed": "red", "Canceled": "yellow", "InProgress": "cyan"}
#: Here the last decision, which permitted the dial, says nothing new.
_UNDER_WAY = {"Created", "Pending", "InProgress"}
_LAST_EVENTS = 8


@dataclass(frozen=True)
class Result:
    """One contact, what was expected of the call and what came of it."""

    contact: Contact
    expected: Expected
    call: CallNow
    #: Calls the carrier created to this number, by the carrier's own ledger.
    legs: int

    @property
    def as_dictated(self) -> bool:
        """Whether the outcome is the callee's, and no phone rang more often than we know of."""
        return self.call.outcome == self.expected.outcome and self.legs <= self.call.attempts


class LiveView:
    """Shows calls while they change. Feed it with `update`."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._names: dict[str, str] = {}
        self._seen: dict[str, CallNow] = {}
        self._events: deque[Text] = deque(maxlen=_LAST_EVENTS)
        self._progress = Progress(
            TextColumn("Calls"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        )
        self._task = self._progress.add_task("calls", total=total)
        self._live = Live(console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def name(self, call: CallNow, contact: Contact) -> None:
        """Say whose call this is."""
        self._names[call.call_id] = contact.name

    def update(self, calls: dict[str, CallNow]) -> None:
        """Show the calls as they are now, and what changed since the last look."""
        changed = [call for id_, call in calls.items() if self._seen.get(id_) != call]
        self._seen |= calls
        over = sum(call.is_over for call in self._seen.values())
        for call in changed:
            self._tell(self._event(call), over)
        self._progress.update(self._task, completed=over)
        if self._console.is_terminal:
            self._live.update(Group(self._progress, self._counts(), *self._events))

    def _tell(self, event: Text, over: int) -> None:
        if self._console.is_terminal:
            self._events.append(event)
        else:
            self._console.print(f"[{over}/{self._total}]", event, markup=False)

    def _event(self, call: CallNow) -> Text:
        name = self._names.get(call.call_id, call.call_id)
        now = call.outcome or call.status
        line = Text.assemble(f"{name}  ", (now, _COLOURS.get(call.status, "")))
        return line if call.status in _UNDER_WAY else line.append(f": {call.why}", "dim")

    def _counts(self) -> Text:
        counts = Counter(call.status for call in self._seen.values())
        return Text("  ").join(
            Text(f"{status} {counts[status]}", _COLOURS.get(status, "")) for status in STATUSES
        )


def outcome_table(results: Iterable[Result]) -> Table:
    """Every contact: what came of the call, what had to come of it, why."""
    table = Table(title="What came of each call", title_justify="left")
    for heading in ("Name", "Callee", "Outcome", "Expected"):
        table.add_column(heading, overflow="fold")
    table.add_column("Attempts", justify="right")
    table.add_column("Why", overflow="fold")
    for result in results:
        call = result.call
        shown = Text(call.outcome or call.status, "green" if result.as_dictated else "bold red")
        table.add_row(
            result.contact.name,
            result.expected.callee,
            shown,
            result.expected.outcome,
            str(call.attempts),
            call.why,
        )
    return table


def summary(results: Sequence[Result], seconds: float) -> Text:
    """One line on the calls and one on the verdict."""
    outcomes = Counter(result.call.outcome or "open" for result in results)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    legs = sum(result.legs for result in results)
    text = Text(
        f"{len(results)} calls, {legs} legs in the carrier's ledger, {seconds:.0f} s: {counts}.\n"
    )
    wrong = [result.contact.name for result in results if not result.as_dictated]
    if wrong:
        return text.append(f"Not as the callee dictates: {', '.join(wrong)}.", "bold red")
    return text.append("Every call ended as its callee dictates.", "bold green")
