"""Writes RESULTS.md from the JSON of one or more runs; a later file's sections take their place.

What was not measured stays on the page, with its date.

python -m benchmarks.results results.json [more.json …]
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.report import NOT_HELD, cells

PAGE = Path(__file__).with_name("RESULTS.md")
Json = dict[str, Any]

_HEAD = """\
# What it costs

Figures, each beside bare Temporal workflows (one activity, one signal) that ran in
turns with it on the same development server (file database, WAL). All processes, the simulated
carrier and the load ran on the same machine. Written by `python -m benchmarks.results`; not
edited by hand.

To repeat: `make bench`; or one part of it, and then this page:

```sh
python -m benchmarks --only throughput --json found.json
python -m benchmarks.results found.json
```

`--size small` shows within minutes that everything runs.
"""


def page(runs: Iterable[Json], before: str = "") -> str:
    """The page as it was `before`, with the sections of these runs."""
    sections = dict(_sections(before))
    for run in runs:
        for name, figures in run["sections"].items():
            sections[name] = _section(name, run, figures)
    bounded = [(name, row) for name, text in sections.items() for row in _rows(text) if row[-1]]
    lost = [f"{row[0]} ({name})" for name, row in bounded if row[-1] == NOT_HELD]
    verdict = f"{len(bounded) - len(lost)} of {len(bounded)} bounds are held."
    if lost:
        verdict += " Not held: " + "; ".join(lost) + "."
    return "\n".join([_HEAD, verdict + "\n", *sections.values()])


def _sections(before: str) -> Iterator[tuple[str, str]]:
    for part in before.split("\n## ")[1:]:
        yield part.partition("\n")[0], f"## {part.rstrip()}\n"


def _rows(section: str) -> Iterator[list[str]]:
    """Name, value, beside, ratio, bound, held of each figure."""
    table = [line for line in section.splitlines() if line.startswith("|")]
    for line in table[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def _section(name: str, run: Json, figures: list[Json]) -> str:
    machine, versions = run["machine"], run["versions"]
    told = ", ".join(f"{package} {version}" for package, version in versions.items())
    return "\n".join(
        [
            f"## {name}",
            "",
            "| figure | value | beside | ratio | bound | held |",
            "|---|---:|---|---:|---|---|",
            *("| " + " | ".join(cells(one)) + " |" for one in figures),
            "",
            f"{run['date']}, size {run['size']}, {machine['cores']} cores: {machine['processor']}, "
            f"{machine['memory']}, {machine['system']}; {told}.",
            "",
        ]
    )


def main() -> None:
    runs = [json.loads(Path(name).read_text()) for name in sys.argv[1:]]
    PAGE.write_text(page(runs, PAGE.read_text()))


if __name__ == "__main__":
    main()
