"""Writes RESULTS.md from the JSON of one or more runs; a later file's sections take their place.

python -m benchmarks.results results.json [more.json …]
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.report import cells

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


def page(runs: Iterable[Json]) -> str:
    sections: dict[str, tuple[Json, list[Json]]] = {}
    for run in runs:
        sections.update({name: (run, found) for name, found in run["sections"].items()})
    whole = [found for _, figures in sections.values() for found in figures]
    lost = [one["name"] for one in whole if one["holds"] is False]
    bounded = [one for one in whole if one["holds"] is not None]
    verdict = f"{len(bounded) - len(lost)} of {len(bounded)} bounds are held."
    if lost:
        verdict += " Not held: " + "; ".join(lost) + "."
    parts = [_section(name, run, figures) for name, (run, figures) in sections.items()]
    return "\n".join([_HEAD, verdict + "\n", *parts])


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
    PAGE.write_text(page(json.loads(Path(name).read_text()) for name in sys.argv[1:]))


if __name__ == "__main__":
    main()
