"""What a stack's processes use, from /proc (Linux)."""

import os
from collections.abc import Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
#: `database` is PostgreSQL with all its processes; SQLite is part of the others.
_PARTS = ("temporal", "worker", "api", "carrier", "database")


def memory_mib(pid: int, field: str = "VmRSS") -> float:
    """`VmRSS` is what a process has in memory now, `VmHWM` the most it ever had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"process {pid} has no {field}")


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Processor time of each part so far; that of several workers is one sum."""
    kinds = [(name.partition("-")[0], pid) for name, pid in pids.items()]
    found = {
        part: sum(_cpu(pid) for kind, pid in kinds if kind == part)
        for part in _PARTS
        if part != "database"
    }
    if "database" in pids:
        found["database"] = _cpu_with_children(pids["database"])
    return found


def parent_of(pid: int) -> int:
    return int(_fields(pid)[_PARENT])


def _cpu_with_children(pid: int) -> float:
    """Of those that have ended, too: a connection of PostgreSQL's is a process."""
    children = [one for one in _all_pids() if _parent_if_there(one) == pid]
    ended = sum(int(_fields(pid)[place]) for place in _CHILDREN) / _TICKS
    return _cpu(pid) + ended + sum(map(_cpu, children))


def _all_pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _parent_if_there(pid: int) -> int | None:
    try:
        return parent_of(pid)
    except (OSError, IndexError):
        return None


def _cpu(pid: int) -> float:
    fields = _fields(pid)
    return sum(int(fields[place]) for place in _OWN) / _TICKS


#: Places in a process's line: its parent; its ticks for itself and for the system; its children's.
_PARENT, _OWN, _CHILDREN = 1, (11, 12), (13, 14)


def _fields(pid: int) -> list[str]:
    # The name, in parentheses, may hold spaces.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
