"""`make bench`: measures what Trunkline promises to bear, prints a table and JSON.

python -m benchmarks [--only NAME,…] [--size small|medium|full] [--json FILE]
"""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.figures.sizes import SIZES
from benchmarks.suite import SUITE


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", type=_names, default=list(SUITE), metavar="NAME,…")
    parser.add_argument("--size", choices=list(SIZES), default="full")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the JSON there")
    return parser.parse_args(argv)


def _names(written: str) -> list[str]:
    names = written.split(",")
    if unknown := set(names) - set(SUITE):
        known = ", ".join(SUITE)
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are {known}")
    return names


def main(argv: Sequence[str] | None = None) -> int:
    """1 if a bound is not held."""
    args = parse_args(argv)
    # So that a stack under way is stopped, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sections: report.Sections = {}
    for name in args.only:
        sys.stderr.write(f"{name} …\n")
        sections[name] = asyncio.run(SUITE[name](SIZES[args.size]))
        report.show({name: sections[name]})
        _tell(sections, args.size, args.json)
    if args.json is None:
        sys.stdout.write(json.dumps(report.as_json(sections, args.size)) + "\n")
    held = all(one.holds is not False for found in sections.values() for one in found)
    return 0 if held else 1


def _tell(sections: report.Sections, size: str, path: Path | None) -> None:
    """After each part, so that a run that is broken off has not been for nothing."""
    if path is not None:
        report.write(path, report.as_json(sections, size))


if __name__ == "__main__":
    sys.exit(main())
