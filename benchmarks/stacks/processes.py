"""What a stack's processes use, from /proc (Linux)."""

import os
from collections.abc import Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PARTS = ("temporal", "worker", "api", "carrier")


def memory_mib(pid: int, field: str = "VmRSS") -> float:
    """`VmRSS` is what a process has in memory now, `VmHWM` the most it ever had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"process {pid} has no {field}")


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Processor time of each part so far; that of several workers is one sum."""
    kinds = [(name.partition("-")[0], pid) for name, pid in pids.items()]
    return {part: sum(_cpu(pid) for kind, pid in kinds if kind == part) for part in _PARTS}


def _cpu(pid: int) -> float:
    # The name, in parentheses, may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
