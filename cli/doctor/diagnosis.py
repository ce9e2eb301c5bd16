"""What one look came to."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    WELL = "well"
    #: It works; somebody should know.
    WARN = "warning"
    BAD = "bad"
    #: It does not apply here, or hangs on something that is bad.
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """`remedy` says how to mend what is not well."""

    name: str
    state: State
    detail: str
    remedy: str = ""


def well(name: str, detail: str) -> Finding:
    return Finding(name, State.WELL, detail)


def warn(name: str, detail: str, remedy: str) -> Finding:
    return Finding(name, State.WARN, detail, remedy)


def bad(name: str, detail: str, remedy: str) -> Finding:
    return Finding(name, State.BAD, detail, remedy)


def skipped(name: str, detail: str) -> Finding:
    return Finding(name, State.SKIPPED, detail)
