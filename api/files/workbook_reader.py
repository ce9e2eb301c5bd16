"""`python -m api.files.workbook_reader MOST_UNPACKED`: a workbook on stdin, its rows on stdout.

Started by `workbook_process`. It bounds itself before it looks at anything; whoever goes beyond
ends it, and nothing else. Exit code `REFUSED` stands for a sentence on stderr.
"""

import json
import resource
import sys

from api.files.limits import REFUSED, TooFar, Unreadable
from api.files.spreadsheets import rows_of_workbook

MEMORY = 1024 * 1024 * 1024
WRITTEN = 512 * 1024 * 1024
CPU_SECONDS = 60


def main() -> int:
    """Read and write; returns the exit code."""
    _bound(resource.RLIMIT_AS, MEMORY)
    _bound(resource.RLIMIT_FSIZE, WRITTEN)
    _bound(resource.RLIMIT_CPU, CPU_SECONDS)
    _bound(resource.RLIMIT_CORE, 0)
    try:
        rows = rows_of_workbook(sys.stdin.buffer, int(sys.argv[1]))
        for number, row in enumerate(rows, start=1):
            if row:
                sys.stdout.write(json.dumps([number, row]) + "\n")
        sys.stdout.flush()
    except TooFar:
        return 1
    except Unreadable as exc:
        sys.stderr.write(str(exc))
        return REFUSED
    except (MemoryError, OSError):
        # OSError: more was written than may be.
        return 1
    except Exception:
        # What a library says of a file quotes it.
        sys.stderr.write("it is damaged, or of a kind that is not known")
        return REFUSED
    return 0


def _bound(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    sys.exit(main())
