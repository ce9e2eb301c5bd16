"""What a command says: tables for people, JSON for programs, ids alone for scripts."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

Row = TypeVar("Row")
Cells = Sequence[str | Text]
#: What a terminal obeys, but for the ends of lines and tabs: shown, it would do what it says.
_OBEYED = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {*map(ord, "\n\t")}, "\ufffd")
_WIDTH_WITHOUT_TERMINAL = 200
#: So wide, facts that are shown one below the other stand in line.
_NAMES = 12


class Screen:
    """`json`: for programs. `quiet`: nothing but the ids of what was made or found."""

    def __init__(self, *, json: bool = False, quiet: bool = False) -> None:
        self.json = json
        self.quiet = quiet
        # Rich folds to 80 columns where there is no terminal, which would break tables.
        width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
        self.console = Console(width=width, highlight=False)
        self.progress_console = Console(stderr=True, highlight=False)

    @property
    def for_people(self) -> bool:
        return not self.json and not self.quiet

    def write(self, line: str) -> None:
        """A line as it is, at once."""
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def say(self, text: RenderableType) -> None:
        """For people only; a text is no markup."""
        if self.for_people:
            shown = harmless(text) if isinstance(text, str | Text) else text
            self.console.print(shown, soft_wrap=True)

    def one(self, thing: BaseModel, id: str, facts: Mapping[str, object]) -> None:
        """One thing: its JSON, its id, or what there is to say of it."""
        if self.json:
            self.write(as_json(thing))
        elif self.quiet:
            self.write(id)
        else:
            self.facts(facts)

    def facts(self, facts: Mapping[str, object]) -> None:
        """Names and values, those that are empty left out."""
        table = Table.grid(padding=(0, 2))
        table.add_column(min_width=_NAMES)
        for name, value in facts.items():
            if value not in (None, "", [], {}):
                shown = harmless(value if isinstance(value, Text) else _written(value))
                table.add_row(Text(name, "dim"), shown)
        self.console.print(table)

    def many(
        self,
        things: Sequence[BaseModel],
        ids: Sequence[str],
        columns: Sequence[str],
        rows: Iterable[Cells],
        *,
        empty: str,
    ) -> None:
        """A list. `empty` is said where there is nothing: what to do first."""
        if self.json:
            self.write(json.dumps([jsonable(one) for one in things], indent=2))
        elif self.quiet:
            for id in ids:
                self.write(id)
        elif not things:
            self.say(empty)
        else:
            self.console.print(table(columns, rows))

    def event(self, thing: BaseModel) -> None:
        """One of a stream of things: a line of JSON, for programs only."""
        if self.json:
            self.write(json.dumps(jsonable(thing), separators=(",", ":")))

    @contextmanager
    def progress(self, what: str, total: int | None) -> Iterator["Advance"]:
        """A bar on stderr, for people at a terminal."""
        bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.progress_console,
            transient=True,
            disable=not (self.for_people and self.progress_console.is_terminal),
        )
        with bar:
            yield Advance(bar, what, total)


def _written(value: object) -> str:
    """Names and values as one would type them, not as Python has them."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_written(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_written, value))
    return str(value)


class Advance:
    """How far something is."""

    def __init__(self, bar: Progress, what: str, total: int | None) -> None:
        self._bar = bar
        self._task = bar.add_task(harmless(what).plain, total=total)

    def __call__(self, steps: int = 1) -> None:
        self._bar.advance(self._task, steps)

    def each(self, things: Iterable[Row]) -> Iterator[Row]:
        """Goes through things, a step each."""
        for thing in things:
            yield thing
            self()


def table(columns: Sequence[str], rows: Iterable[Cells]) -> Table:
    """Plain columns; nothing is cut off, so that ids can be copied."""
    found = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        found.add_column(column, overflow="fold")
    for row in rows:
        found.add_row(*map(harmless, row))
    return found


def harmless(text: str | Text) -> Text:
    """What anybody may have written, a stranger's message included, for a terminal to show."""
    if isinstance(text, str):
        return Text(text.translate(_OBEYED))
    text.plain = text.plain.translate(_OBEYED)
    return text


def as_json(thing: BaseModel) -> str:
    """As the API gives it."""
    return json.dumps(jsonable(thing), indent=2)


def jsonable(thing: BaseModel) -> Any:
    return thing.model_dump(mode="json", by_alias=True)
